// What a build for production writes, refuses, and lets others ask for.

import assert from "node:assert/strict";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { stop } from "esbuild";
import { Builder } from "fresh/dev";
import { ours } from "./conformance.ts";
import { makeProject, type Project } from "./project.ts";

Deno.test.beforeAll(async () => {
  await using project = await makeProject();
  await new Builder({ root: project.root }).build({ snapshot: "memory" });
});
Deno.test.afterAll(() => stop());

const onlyBuild = ["-R", "-W", "-E", "--allow-run"];

async function build(project: Project): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await project.spawn([...onlyBuild, "dev.ts"]).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}

/** Runs the built project as its own process, which may read its build and nothing else. */
async function run(project: Project, use: (origin: string) => Promise<void>): Promise<void> {
  const child = project.spawn([`-R=${project.root}/_fresh`, "-N=127.0.0.1", "main.ts"]);
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    const { value = "" } = await lines.read();
    await use(`http://127.0.0.1:${value.trim()}`);
  } finally {
    child.kill();
    await Promise.all([child.status, lines.cancel(), child.stderr.cancel()]);
  }
}

ours(
  "a built project runs with read access to its build only, compressed and cached as the browser likes",
  async () => {
    await using project = await makeProject();
    assert.deepEqual(await build(project), { code: 0, stderr: "" });
    await run(project, async (origin) => {
      const page = await fetch(origin);
      assert.match(await page.text(), /first text/);
      const urls = [...(page.headers.get("Link") ?? "").matchAll(/<([^>]+)>/g)].map(([, url = ""]) => url);
      assert.ok(urls.length > 0);
      for (const path of [...urls, "/style.css"]) {
        const ask = (encoding: string) => fetch(origin + path, { headers: { "Accept-Encoding": encoding } });
        const plain = new Uint8Array(await (await ask("identity")).arrayBuffer());
        // Compressing what is as small as its headers gains nothing.
        if (plain.byteLength < 200) continue;
        for (const encoding of ["br", "gzip"]) {
          const response = await ask(encoding);
          assert.equal(response.headers.get("Content-Encoding"), encoding);
          assert.equal(response.headers.get("Vary"), "Accept-Encoding");
          assert.deepEqual(new Uint8Array(await response.arrayBuffer()), plain);
        }
      }
    });
  },
);

ours("what is smaller compressed is stored so, in both ways, and means the same", async () => {
  await using project = await makeProject();
  await build(project);
  const { assets } = JSON.parse(await project.read("_fresh/build.json"));
  const style = assets.find(({ pathname }: { pathname: string }) => pathname === "/style.css");
  const bytes = (suffix: string) => Deno.readFile(`${project.root}/_fresh/files/${style.file}${suffix}`);
  const plain = [...await bytes("")];
  assert.deepEqual([...brotliDecompressSync(await bytes(".br"))], plain);
  assert.deepEqual([...gunzipSync(await bytes(".gzip"))], plain);
});

ours("a second build leaves nothing of the first, and names change with content only", async () => {
  await using project = await makeProject();
  const namesOf = async () => {
    await build(project);
    const { assets } = JSON.parse(await project.read("_fresh/build.json"));
    return assets.map(({ pathname }: { pathname: string }) => pathname);
  };
  const files = async () => (await Array.fromAsync(Deno.readDir(`${project.root}/_fresh/files`))).length;
  const first = await namesOf();
  const count = await files();
  assert.deepEqual(await namesOf(), first);
  const island = await project.read("islands/Counter.tsx");
  await project.write("islands/Counter.tsx", island.replace("count {count}", "counted {count}"));
  const second = await namesOf();
  assert.notDeepEqual(second, first);
  assert.equal(second.length, first.length);
  assert.equal(await files(), count);
});

ours(
  "a build makes anew what has changed, and takes the rest from the one before, unless that is damaged",
  async () => {
    await using project = await makeProject();
    const folder = `${project.root}/_fresh/kept`;
    const kept = async () =>
      new Map((await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => {
        const { ino, mtime } = Deno.statSync(`${folder}/${name}`);
        return [name, `${ino} ${mtime?.getTime()}`];
      }));
    await build(project);
    const first = await kept();
    const index = await project.read("_fresh/build.json");
    await build(project);
    assert.deepEqual(await kept(), first);

    await project.write("static/style.css", "main { color: green }\n".repeat(50));
    await build(project);
    const second = await kept();
    assert.equal(second.size, first.size);
    assert.equal([...second].filter(([name, file]) => first.get(name) === file).length, first.size - 2);

    await project.write("static/style.css", "main { color: black }\n".repeat(50));
    for (const name of second.keys()) await Deno.writeTextFile(`${folder}/${name}`, "damaged");
    await build(project);
    assert.deepEqual([...(await kept()).keys()].toSorted(), [...first.keys()].toSorted());
    assert.equal(await project.read("_fresh/build.json"), index);
    assert.doesNotMatch(await project.read("_fresh/files/0"), /damaged/);
  },
);

ours("source maps, the build's index and the sources cannot be asked for", async () => {
  await using project = await makeProject();
  await build(project);
  const maps = await Array.fromAsync(Deno.readDir(`${project.root}/_fresh/maps`));
  assert.ok(maps.length > 0);
  await run(project, async (origin) => {
    const page = await fetch(origin);
    await page.body?.cancel();
    const link = page.headers.get("Link") ?? "";
    const [, module = ""] = /<([^>]+)>/.exec(link) ?? [];
    assert.doesNotMatch(await (await fetch(origin + module)).text(), /sourceMappingURL/);
    for (
      const path of [
        `/_fresh/maps/${maps[0]?.name}`,
        `${module}.map`,
        "/_fresh/build.json",
        "/build.json",
        "/_fresh/files/0",
        "/main.ts",
      ]
    ) {
      const response = await fetch(origin + path);
      await response.body?.cancel();
      assert.equal(response.status, 404, path);
    }
  });
});

ours("without a build, the server does not start and says what to do", async () => {
  await using project = await makeProject({
    "fresh.gen.ts": "export const routes = [];\nexport const islands = [];\n",
  });
  const { code, stderr } = await project.spawn(["-R", "-N", "main.ts"]).output();
  assert.equal(code, 1);
  assert.match(new TextDecoder().decode(stderr), /run "deno task build" first/);
});

ours("a project without routes and islands can be built and served", async () => {
  await using project = await makeProject();
  await Deno.remove(`${project.root}/routes`, { recursive: true });
  await Deno.remove(`${project.root}/islands`, { recursive: true });
  assert.deepEqual(await build(project), { code: 0, stderr: "" });
  await run(project, async (origin) => {
    const response = await fetch(origin);
    assert.deepEqual([response.status, await response.text()], [404, "Not Found"]);
  });
});

for (
  const [what, code, reason] of [
    [
      "a module of the server's runtime",
      'import { DatabaseSync } from "node:sqlite"; console.log(DatabaseSync);',
      /islands\/Bad\.tsx:1:\d+: "node:sqlite" is for servers only/,
    ],
    ["the engine itself", 'import { App } from "fresh"; console.log(App);', /"fresh" is for servers only/],
    [
      "server code through another module",
      'import { store } from "../server/store.ts"; console.log(store);',
      /server\/store\.ts:1:\d+: "node:fs" is for servers only/,
    ],
    [
      "a package that is not there",
      'import "no-such-package";',
      /islands\/Bad\.tsx:1:\d+: Could not resolve "no-such-package"/,
    ],
  ] as const
) {
  ours(`an island that imports ${what} fails the build, with the reason and the place`, async () => {
    await using project = await makeProject({
      "islands/Bad.tsx": `${code}\nexport default () => null;\n`,
      "server/store.ts": 'import { readFileSync } from "node:fs";\nexport const store = readFileSync;\n',
    });
    const result = await build(project);
    assert.equal(result.code, 1);
    assert.match(result.stderr, reason);
    await assert.rejects(new Builder({ root: project.root }).build({ snapshot: "memory" }), reason);
  });
}

ours("a plugin that changes files while it builds is told that it cannot", () => {
  assert.throws(
    () => new Builder().onTransformStaticFile(),
    /Cannot use builder\.onTransformStaticFile: .*static\//,
  );
});
