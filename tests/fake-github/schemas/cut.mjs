// Cuts GitHub's official OpenAPI description of its webhooks down to what the fake delivers, as JSON Schema.
// node cut.mjs path/to/@octokit/openapi-webhooks/generated/api.github.com.json > webhooks.json
import { readFileSync } from "node:fs";
const description = JSON.parse(readFileSync(process.argv[2], "utf8"));
const wanted = ["webhook-issue-comment-created"];
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
console.log(JSON.stringify({
  $schema: "http://json-schema.org/draft-07/schema#",
  $comment: `Cut from @octokit/openapi-webhooks ${description.info.version} (MIT) by cut.mjs beside this file`,
  definitions: Object.fromEntries(Object.entries(definitions).sort()),
}, null, 1));
