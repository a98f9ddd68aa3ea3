// Cuts GitHub's official OpenAPI description down to what the fake answers, as JSON Schema.
// node cut.mjs path/to/@octokit/openapi/generated/api.github.com.json > github.json
// node cut.mjs path/to/@octokit/openapi-webhooks/generated/api.github.com.json webhooks > webhooks.json
import { readFileSync } from "node:fs";
const description = JSON.parse(readFileSync(process.argv[2], "utf8"));
const webhooks = process.argv[3] === "webhooks";
const wanted = webhooks ? ["webhook-issue-comment-created"] : [
  "full-repository", "git-ref", "git-commit", "git-tag", "git-tree", "commit-comparison",
  "installation", "installation-token", "hook-delivery", "hook-delivery-item", "basic-error",
  "pull-request", "issue-comment", "reaction", "repository-collaborator-permission",
  "deployment", "deployment-status",
  "integration", "webhook-config", "branch-with-protection", "repository-rule-detailed"];
const body = (path) => description.paths[path].post.requestBody.content["application/json"].schema;
const requests = webhooks ? {} : {
  "access-token-request": "/app/installations/{installation_id}/access_tokens",
  "deployment-request": "/repos/{owner}/{repo}/deployments",
  "deployment-status-request": "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
};
const definitions = {};
const keep = new Set(["type", "properties", "required", "items", "enum", "oneOf", "anyOf", "allOf",
  "additionalProperties", "pattern", "minItems", "maxItems"]);
function schema(node) {
  if (node.$ref) {
    const name = node.$ref.split("/").pop();
    take(name);
    return { $ref: `#/definitions/${name}` };
  }
  const cut = {};
  for (const [key, value] of Object.entries(node)) {
    if (!keep.has(key)) continue;
    if (key === "properties") {
      cut.properties = Object.fromEntries(Object.entries(value).map(([name, child]) => [name, schema(child)]));
    } else if (["oneOf", "anyOf", "allOf"].includes(key)) {
      cut[key] = value.map(schema);
    } else if (["items", "additionalProperties"].includes(key) && typeof value === "object") {
      cut[key] = schema(value);
    } else {
      cut[key] = value;
    }
  }
  if (!node.nullable) return cut;
  return { anyOf: [cut, { type: "null" }] };
}
function take(name) {
  if (name in definitions) return;
  definitions[name] = {};
  definitions[name] = schema(description.components.schemas[name]);
}
wanted.forEach(take);
for (const [name, path] of Object.entries(requests)) definitions[name] = schema(body(path));
if (!webhooks) {
  definitions["app-of-manifest"] = schema(description.paths["/app-manifests/{code}/conversions"].post.responses["201"]
    .content["application/json"].schema);
}
console.log(JSON.stringify({
  $schema: "http://json-schema.org/draft-07/schema#",
  $comment: `Cut from @octokit/openapi${webhooks ? "-webhooks" : ""} ${description.info.version} (MIT) by cut.mjs beside this file`,
  definitions: Object.fromEntries(Object.entries(definitions).sort()),
}, null, 1));
