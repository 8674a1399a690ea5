// A page's JavaScript is one file where that is possible, and then nothing of other pages is in it.

import assert from "node:assert/strict";
import { stop } from "esbuild";
import { Builder } from "fresh/dev";
import { makeProject, type Project } from "./project.ts";

Deno.test.afterAll(() => stop());

const island = (words: string) =>
  `export default function Island({ at }) { return <p>{at}{"${words}"}</p>; }\n`;
const page = (names: readonly string[], at: string) => `
${names.map((name) => `import ${name} from "../islands/${name}.tsx";`).join("\n")}
export default () => <div>${names.map((name) => `<${name} at={${at}} />`).join("")}</div>;
`;

async function projectOf(routes: Readonly<Record<string, string>>): Promise<Project> {
  const project = await makeProject();
  const { root } = project;
  for (const name of ["First", "Second"]) {
    await Deno.writeTextFile(`${root}/islands/${name}.tsx`, island(`the ${name.toLowerCase()} island`));
  }
  for (const [name, text] of Object.entries(routes)) await Deno.writeTextFile(`${root}/routes/${name}`, text);
  await new Builder({ root }).build();
  return project;
}

interface Index {
  readonly scripts: {
    readonly pages: readonly { readonly url: string; readonly islands: readonly string[] }[];
  };
  readonly assets: readonly { readonly pathname: string; readonly file: string }[];
}

async function pagesOf({ root }: Project): Promise<readonly { islands: readonly string[]; text: string }[]> {
  const index: Index = JSON.parse(await Deno.readTextFile(`${root}/_fresh/build.json`));
  return await Promise.all(index.scripts.pages.map(async ({ url, islands }) => {
    const file = index.assets.find(({ pathname }) => pathname === url)?.file;
    return { islands, text: await Deno.readTextFile(`${root}/_fresh/files/${file}`) };
  }));
}

Deno.test("each set of islands that a route imports is one file with nothing of the others in it", async () => {
  await using project = await projectOf({
    "index.tsx": page(["First"], "1"),
    "both.tsx": page(["First", "Second"], "1"),
    "again.tsx": page(["Second", "First"], "1"),
  });
  const pages = await pagesOf(project);
  assert.deepEqual(pages.map(({ islands }) => [...islands]).sort(), [["First"], ["First", "Second"]]);
  for (const { islands, text } of pages) {
    assert.ok(text.includes("the first island"));
    assert.equal(text.includes("the second island"), islands.includes("Second"));
    assert.doesNotMatch(text, /\bimport\b/);
  }
});
