// Computed signals as properties: in the browser they follow the signals that they are computed from.

import assert from "node:assert/strict";
import { App, csp, staticFiles } from "fresh";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../e2e/browser.ts";
import { differs, ours } from "./conformance.ts";
import { fixtureApp, get, type Handler, serve, withFixture } from "./fixture.ts";
import { computeds, unknowns } from "./fixture/computeds.ts";

let browser: Browser;
Deno.test.beforeAll(async () => {
  browser = await launchBrowser();
});
Deno.test.afterAll(() => browser.close());

/** Only the site's own files run, and no text is ever turned into code. */
const strict = () =>
  withFixture(new App().use(csp({ csp: ["script-src 'self'"] })).use(staticFiles()).fsRoutes());

async function open(path: string, use: (page: Page) => Promise<void>, handler: Handler): Promise<void> {
  await using server = serve(handler);
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(3_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  try {
    await page.goto(server.origin + path, { waitUntil: "networkidle" });
    await use(page);
    assert.deepEqual(errors, []);
  } finally {
    await context.close();
  }
}

const pathOf = (kind: string) => `/islands/computed?kind=${encodeURIComponent(kind)}`;

/** What a computed signal says before and after its count has changed, as the function itself does it here. */
function expected(kind: string): [string, string] {
  const { count, shown } = computeds()[kind]!;
  const signal = "inside" in shown ? shown.inside[0]! : shown;
  const before = String(signal.peek());
  count.value++;
  const after = String(signal.peek());
  count.value--;
  return [before, after];
}

async function follows(page: Page, [before, after]: [string, string]): Promise<void> {
  const shown = page.locator(".shown");
  assert.equal(await shown.textContent(), before);
  assert.notEqual(after, before);
  await page.locator(".adder").click();
  await page.waitForFunction(`document.querySelector(".shown").textContent !== ${JSON.stringify(before)}`);
  assert.equal(await shown.textContent(), after);
}

for (const kind of Object.keys(computeds())) {
  differs(`a computed signal, ${kind}, follows its sources in another island`, async () => {
    await open(pathOf(kind), (page) => follows(page, expected(kind)), strict());
  });
}

differs("a computed signal follows its source in the same island", async () => {
  await open(`${pathOf("a product")}&one`, (page) => follows(page, ["6", "8"]), strict());
});

differs("a computed signal of a hook follows its source", async () => {
  await open(pathOf("one of a hook"), (page) => follows(page, ["6", "8"]), strict());
});

differs("computed signals live below a base path", async () => {
  const handler = withFixture(new App({ basePath: "/base" }).use(staticFiles()).fsRoutes());
  await open(`/base${pathOf("a product")}`, (page) => follows(page, ["6", "8"]), handler);
});

for (const [kind, { shown }] of Object.entries(unknowns())) {
  ours(`a computed signal that uses ${kind} keeps its value`, async () => {
    await open(pathOf(kind), async (page) => {
      await page.locator(".adder").click();
      await page.getByText("add to 4").waitFor();
      assert.ok("peek" in shown);
      assert.equal(await page.locator(".shown").textContent(), String(shown.peek()));
    }, strict());
  });
}

ours("the function of a computed signal is a module, kept for ever and fetched early", async () => {
  const handler = fixtureApp();
  const page = await get(handler, pathOf("a product"));
  assert.doesNotMatch(await page.text(), /count\.value/);
  const [url = ""] = /\/_fresh\/computed-\w+\.js/.exec(page.headers.get("Link") ?? "") ?? [];
  const module = await get(handler, url);
  assert.equal(module.headers.get("Cache-Control"), "public, max-age=31536000, immutable");
  assert.match(module.headers.get("Content-Type") ?? "", /^text\/javascript/);
  assert.match(await module.text(), /count\.value \* 2/);
});

ours("an object that is a source and no property stays on the server", async () => {
  const text = await (await get(fixtureApp(), "/islands/secret")).text();
  assert.match(text, /known to all/);
  assert.doesNotMatch(text, /top secret|computed-/);
});
