// Cuts GitHub's official GraphQL schema down to what the fake answers, without its descriptions.
// node cut-graphql.mjs path/to/@octokit/graphql-schema > github.graphql
import { readFileSync } from "node:fs";
const folder = process.argv[2];
const { version } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"));
const text = readFileSync(`${folder}/schema.graphql`, "utf8")
  .replace(/ *"""[^]*?"""\n/g, "")
  .replace(/ @\w+(\([^)]*\))?/g, "");
const definitions = new Map(
  [...text.matchAll(/^(?:scalar (\w+)$|(?:enum|input|type) (\w+)[^{]*\{[^]*?^\})/gm)]
    .map((found) => [found[1] ?? found[2], found[0]]));
const fields = { Mutation: ["createCheckRun", "updateCheckRun"], CheckRun: ["id"] };
const builtIn = new Set(["ID", "String", "Int", "Float", "Boolean"]);
const taken = new Map();
function take(name) {
  if (taken.has(name) || builtIn.has(name)) return;
  let definition = definitions.get(name);
  const kept = fields[name];
  if (kept) {
    const lines = kept.map((field) =>
      definition.match(new RegExp(`^  ${field}(?:\\([^)]*\\))?: .*$`, "m"))[0]);
    definition = `type ${name} {\n${lines.join("\n")}\n}`;
  }
  definition = definition.replace(/\n\s*\n/g, "\n");
  taken.set(name, definition);
  if (definition.startsWith("enum") || definition.startsWith("scalar")) return;
  for (const [, type] of definition.matchAll(/: \[?(\w+)/g)) take(type);
}
take("Mutation");
console.log(`# Cut from @octokit/graphql-schema ${version} (MIT) by cut-graphql.mjs beside this file.`);
console.log("type Query {\n  id: ID\n}");
for (const name of [...taken.keys()].sort()) console.log(taken.get(name));
