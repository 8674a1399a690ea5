// Islands in `islands/(group)/` are bundled apart from the others.

import assert from "node:assert/strict";
import { stop } from "esbuild";
import { Builder } from "fresh/dev";
import { makeProject, type Project } from "./project.ts";

Deno.test.afterAll(() => stop());

const shared = `export const words = "a text that two islands share, long enough to be seen in a file";\n`;
const island = (from: string) => `
import { words } from "${from}words.ts";

export default function Island() {
  return <p>{words}</p>;
}
`;

async function scriptsOf({ root }: Project): Promise<ReadonlyMap<string, string>> {
  await new Builder({ root }).build();
  const folder = `${root}/_fresh/`;
  const { assets }: { assets: { pathname: string; file: string }[] } = JSON.parse(
    await Deno.readTextFile(`${folder}build.json`),
  );
  const scripts = assets.filter(({ pathname }) => pathname.endsWith(".js"));
  return new Map(
    await Promise.all(
      scripts.map(async ({ pathname, file }) =>
        [pathname, await Deno.readTextFile(`${folder}files/${file}`)] as const
      ),
    ),
  );
}

const holding = (scripts: ReadonlyMap<string, string>) =>
  [...scripts].filter(([, text]) => text.includes("two islands share")).map(([path]) =>
    path.replace(/-.*/, "")
  );

Deno.test("what two islands share is a file of its own, unless one of them is in a (group)", async () => {
  await using project = await makeProject();
  const { root } = project;
  await Deno.mkdir(`${root}/components`);
  await Deno.mkdir(`${root}/islands/(group)`, { recursive: true });
  await Deno.writeTextFile(`${root}/components/words.ts`, shared);
  await Deno.writeTextFile(`${root}/islands/First.tsx`, island("../components/"));
  await Deno.writeTextFile(`${root}/islands/Second.tsx`, island("../components/"));
  assert.deepEqual(holding(await scriptsOf(project)), ["/_fresh/shared"]);

  await Deno.remove(`${root}/islands/Second.tsx`);
  await Deno.writeTextFile(`${root}/islands/(group)/Second.tsx`, island("../../components/"));
  assert.deepEqual(holding(await scriptsOf(project)).sort(), ["/_fresh/First", "/_fresh/group_Second"]);
});
