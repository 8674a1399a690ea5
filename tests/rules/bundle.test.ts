// What is really shipped to browsers, as against what the imports promise.

import assert from "node:assert/strict";

const root = new URL("../../", import.meta.url);

// The name of a property, which no minifier changes: every schema has it.
const mark = "_zod";

async function textOf(folder: URL): Promise<string> {
  let text = "";
  for await (const { name, isFile } of Deno.readDir(folder)) {
    if (isFile && !/\.(br|gz|gzip|map)$/.test(name)) text += await Deno.readTextFile(new URL(name, folder));
  }
  return text;
}

Deno.test("the bundles of the islands hold no zod", async () => {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), { args: ["task", "build"], cwd: root })
    .output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  const shipped = await textOf(new URL("_fresh/files/", root));
  assert.ok(shipped.includes("WebSocket"), "these are not the files that are shipped");
  assert.ok(!shipped.includes(mark), "zod is shipped to browsers");
});

Deno.test("zod would be seen in a bundle", async () => {
  const source = await Deno.readTextFile(
    new URL(import.meta.resolve("zod").replace(/index\.(c?js)$/, "v4/core/schemas.$1")),
  );
  assert.ok(source.includes(mark));
});
