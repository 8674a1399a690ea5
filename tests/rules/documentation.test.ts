// What the rooms' doors let out is documented. Not asked for here: that the types of packages are documented, too.

import assert from "node:assert/strict";

const root = new URL("../../", import.meta.url);

/** What `deno doc --lint` says of these files. */
async function complaints(files: readonly string[]): Promise<string> {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--lint", ...files],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  return new TextDecoder().decode(stderr);
}

/** Where something has no docstring: `lib/relay/door.ts:12:3`. */
function undocumented(said: string): readonly string[] {
  return [...said.matchAll(/error\[missing-jsdoc\].*\n +--> (.+)/g)].map(([, place = ""]) =>
    place.replace(root.pathname, "")
  );
}

async function doors(): Promise<string[]> {
  const listed = await new Deno.Command("git", {
    args: [
      "ls-files",
      "lib/**/mod.ts",
      "lib/fresh/runtime.ts",
      "agent/**/mod.ts",
      "agent/**/configuration.ts",
      "agent/simulator/address.ts",
    ],
    cwd: root,
  }).output();
  return new TextDecoder().decode(listed.stdout).trim().split("\n");
}

Deno.test("whatever a room's door lets out has a docstring", async () => {
  const files = await doors();
  assert.ok(files.includes("lib/relay/mod.ts") && files.includes("lib/fresh/dev/mod.ts"));
  assert.deepEqual(undocumented(await complaints(files)), []);
});

Deno.test("what has no docstring would be seen", async () => {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, "export const bare: number = 1;\n");
  assert.equal(undocumented(await complaints([file])).length, 1);
  await Deno.remove(file);
});
