// Working on a project: what changes on disk is on the page a moment later, and so is what went wrong.

import assert from "node:assert/strict";
import { stop } from "esbuild";
import { Builder } from "fresh/dev";
import type { Browser, Page } from "playwright-core";
import { until } from "../../support/until.ts";
import { launchBrowser } from "../../e2e/browser.ts";
import { logged, ours } from "./conformance.ts";
import { makeProject, type Project } from "./project.ts";

let browser: Browser;
Deno.test.beforeAll(async () => {
  browser = await launchBrowser();
  // esbuild's service lives until it is stopped, longer than any one test.
  await using project = await makeProject();
  await new Builder({ root: project.root }).build({ snapshot: "memory" });
});
Deno.test.afterAll(async () => {
  await browser.close();
  await stop();
});

/** Serves a project for development, with its first page open in a browser. Gives the lines that it logged. */
async function develop(
  use: (page: Page, project: Project, origin: string) => Promise<void>,
  others: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  await using project = await makeProject(others);
  const ending = new AbortController();
  const context = await browser.newContext();
  return await logged(async () => {
    const listening = Promise.withResolvers<number>();
    await new Builder({ root: project.root }).listen(() => import(`file://${project.root}/main.ts`), {
      port: 0,
      signal: ending.signal,
      onListen: ({ port }) => listening.resolve(port),
    });
    const origin = `http://127.0.0.1:${await listening.promise}`;
    try {
      const page = await context.newPage();
      page.setDefaultTimeout(5_000);
      await page.goto(origin);
      await use(page, project, origin);
    } finally {
      await context.close();
      ending.abort();
    }
  });
}

ours("a page that is open shows a changed route by itself", async () => {
  await develop(async (page, project) => {
    await page.getByText("first text").waitFor();
    const route = await project.read("routes/index.tsx");
    await project.write("routes/index.tsx", route.replace("first text", "second text"));
    await page.getByText("second text").waitFor();
  });
});

ours("a page that is open runs a changed island by itself", async () => {
  await develop(async (page, project) => {
    const island = await project.read("islands/Counter.tsx");
    await project.write("islands/Counter.tsx", island.replace("count.value++", "count.value += 10"));
    await page.waitForEvent("load");
    await page.getByRole("button").click();
    await page.getByText("count 10").waitFor();
  });
});

ours("a changed style sheet is loaded again", async () => {
  await develop(async (page, project, origin) => {
    await project.write("static/style.css", "main { color: red }");
    await page.waitForEvent("load");
    const response = await fetch(`${origin}/style.css`);
    assert.equal(response.headers.get("Cache-Control"), "no-store");
    assert.match(await response.text(), /red/);
  });
});

ours("building again takes less than 100 ms", async () => {
  const lines = await develop(async (page, project) => {
    for (const text of ["a", "b", "c", "d", "e"]) {
      const route = await project.read("routes/index.tsx");
      await project.write("routes/index.tsx", route.replace(/<h1>.*<\/h1>/, `<h1>text ${text}</h1>`));
      await page.getByText(`text ${text}`).waitFor();
    }
  });
  const builtMs = lines.map((line) => Number(/^Built in (\d+) ms/.exec(line)?.[1])).slice(1);
  assert.equal(builtMs.length, 5);
  assert.ok(builtMs.toSorted((a, b) => a - b)[2]! < 100, `the median of ${builtMs}`);
});

ours("fresh.gen.ts is written when a route comes, and not when one changes", async () => {
  await develop(async (page, project, origin) => {
    const written = async () => (await Deno.stat(`${project.root}/fresh.gen.ts`)).mtime?.getTime();
    const before = await written();
    const route = await project.read("routes/index.tsx");
    await project.write("routes/index.tsx", route.replace("first text", "second text"));
    await page.getByText("second text").waitFor();
    assert.equal(await written(), before);
    await project.write("routes/more.tsx", "export default () => <h1>more</h1>;");
    await until("the route", async () => /<h1>more/.test(await (await fetch(`${origin}/more`)).text()));
    assert.match(await project.read("fresh.gen.ts"), /"\/more"/);
  });
});

ours("what a page throws is shown with file, line and the code there", async () => {
  const route = `export default function Page() {
  const reading = { power: undefined };
  return <p>{reading.power.toFixed(1)}</p>;
}
`;
  await develop(async (page, _project, origin) => {
    await page.goto(`${origin}/broken`);
    const text = await page.locator("#fresh-error").innerText();
    assert.match(text, /TypeError: Cannot read properties of undefined/);
    assert.match(text, /routes\/broken\.tsx:3:\d+/);
    assert.match(text, /> 3 \| {3}return <p>\{reading\.power\.toFixed\(1\)\}<\/p>;\n\s+\| +\^/);
  }, { "routes/broken.tsx": route });
});

ours("what cannot be built is shown on the page that is open, until it can", async () => {
  await develop(async (page, project) => {
    const route = await project.read("routes/index.tsx");
    await project.write("routes/index.tsx", route.replace("<main>", "<main"));
    const problem = page.locator("#fresh-error");
    // A file that is being written may be built while it is empty.
    const place = /routes\/index\.tsx:\d+:\d+: .*\n.*\n\s*\^/;
    await until("the place of the error", async () => place.test(await problem.innerText()));
    await project.write("routes/index.tsx", route.replace("first text", "mended"));
    await page.getByText("mended").waitFor();
    await problem.waitFor({ state: "detached" });
  });
});

ours("an application's own WebSockets work", async () => {
  await develop(async (page) => {
    const answer = await page.evaluate(() =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://${location.host}/ws`);
        socket.onopen = () => socket.send("this");
        socket.onmessage = ({ data }) => resolve(data);
      })
    );
    assert.equal(answer, "echo this");
  });
});

ours("a computed signal that cannot follow its sources says so, with island, property and name", async () => {
  const lines = await develop(async (page, _project, origin) => {
    await page.goto(`${origin}/rate`);
    await page.getByText("6").waitFor();
  }, {
    "routes/rate.tsx": `
import { computed, signal } from "@preact/signals";
import { Show } from "../islands/Show.tsx";

const rate = 2;
const count = signal(3);
const total = computed(() => count.value * rate);
export default () => <Show count={count} total={total} />;
`,
    "islands/Show.tsx": "export const Show = ({ total }) => <p>{total}</p>;",
  });
  const [line = "", ...others] = lines.filter((line) => line.includes("computed"));
  assert.match(line, /"total" .*"Show\.Show".* it uses "rate".*Compute it in the island/);
  assert.deepEqual(others, []);
});
