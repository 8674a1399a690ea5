// The shell in a real Chromium: the page's life, a browser without WebSocket, and one socket for all tabs.

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";
import type { Browser, Page } from "playwright-core";
import { launchBrowser } from "../../e2e/browser.ts";
import { epoch, readings } from "./readings.ts";
import { startRelay, type TestFile, type TestRelay } from "./relay.ts";

interface Story {
  readonly events: readonly string[];
  readonly seen: readonly string[];
  readonly state: string;
  readonly why: string | null;
}

declare global {
  /** What browser_page.ts tells. */
  var story: () => Story;
}

async function files(): Promise<Record<string, TestFile>> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL("./browser_page.ts", import.meta.url))],
    bundle: true,
    format: "esm",
    write: false,
  });
  await stop();
  return {
    "/": {
      type: "text/html",
      text: '<!doctype html><title>.</title><script type="module" src="/page.js"></script>',
    },
    "/page.js": { type: "text/javascript", text: outputFiles[0]?.text ?? "" },
  };
}

function told(page: Page): Promise<Story> {
  return page.evaluate(() => globalThis.story());
}

function reaches(page: Page, seq: number): Promise<unknown> {
  return page.waitForFunction(
    (cursor) => globalThis.story?.().seen.at(-1) === cursor,
    `${epoch}-${seq}`,
    { polling: 10 },
  );
}

function cursors(first: number, last: number): string[] {
  return readings(first, last).map(({ cursor }) => cursor);
}

async function withPages(
  seq: number,
  test: (open: (query: string) => Promise<Page>, relay: TestRelay, browser: Browser) => Promise<void>,
): Promise<void> {
  await using relay = startRelay(seq, {}, await files());
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext();
    await test(
      async (query) => {
        const page = await context.newPage();
        await page.goto(`${relay.server.base}/?${query}`);
        return page;
      },
      relay,
      browser,
    );
  } finally {
    await browser.close();
  }
}

Deno.test("in Chromium: the page's life reaches the machine, and the back-forward cache gets its socket back", async () => {
  await withPages(3, async (open, relay) => {
    const page = await open(`since=${epoch}-0`);
    await reaches(page, 3);
    await page.evaluate(() => {
      Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
      document.dispatchEvent(new Event("visibilitychange"));
      Object.defineProperty(document, "hidden", { configurable: true, get: () => false });
      document.dispatchEvent(new Event("visibilitychange"));
    });
    await page.context().setOffline(true);
    await page.waitForFunction(() => globalThis.story().events.includes("offline"));
    await page.context().setOffline(false);
    await page.waitForFunction(() =>
      globalThis.story().events.filter((event) => event === "online").length === 2
    );
    await page.evaluate(() => dispatchEvent(new Event("pagehide")));
    assert.equal((await told(page)).why, "parked");
    await relay.server.until(({ sockets }) => sockets.size === 0);
    await page.evaluate(() => dispatchEvent(new Event("pageshow")));
    relay.publish();
    await reaches(page, 4);
    const { events, seen } = await told(page);
    assert.deepEqual(seen, cursors(1, 4));
    assert.deepEqual(events.slice(0, 3), ["visible", "online", "connect"]);
    assert.deepEqual(
      events.filter((event) => ["hidden", "visible", "offline", "pagehide", "pageshow"].includes(event)),
      ["visible", "pageshow", "hidden", "visible", "offline", "pagehide", "pageshow"],
    );
  });
});

Deno.test("in Chromium without WebSocket: polls only, and no error is thrown", async () => {
  await withPages(3, async (open, relay, browser) => {
    const page = await open("");
    await page.close();
    const context = await browser.newContext();
    await context.addInitScript(() => Reflect.deleteProperty(globalThis, "WebSocket"));
    const bare = await context.newPage();
    const errors: Error[] = [];
    bare.on("pageerror", (error) => errors.push(error));
    await bare.goto(`${relay.server.base}/?since=${epoch}-1`);
    await reaches(bare, 3);
    relay.publish();
    await reaches(bare, 4);
    const { seen, why } = await told(bare);
    assert.deepEqual([seen, why, errors], [cursors(2, 4), "unsupported", []]);
  });
});

Deno.test("in Chromium: three tabs share one socket, and the leader's end is taken over in under a second", async () => {
  await withPages(2, async (open, relay) => {
    const leader = await open(`shared&since=${epoch}-0`);
    await reaches(leader, 2);
    const others = [await open(`shared&since=${epoch}-1`), await open(`shared&since=${epoch}-0`)];
    for (const page of others) await page.waitForFunction(() => globalThis.story().state === "connected");
    relay.publish();
    for (const page of [leader, ...others]) await reaches(page, 3);
    assert.deepEqual([relay.upgrades, relay.server.sockets.size], [1, 1]);
    const start = performance.now();
    await leader.close();
    relay.publish();
    for (const page of others) await reaches(page, 4);
    assert.ok(performance.now() - start < 1_000, `${performance.now() - start} ms`);
    for (const page of others) await page.waitForFunction(() => globalThis.story().state === "connected");
    relay.publish();
    for (const page of others) await reaches(page, 5);
    assert.deepEqual(await Promise.all(others.map(async (page) => (await told(page)).seen)), [
      cursors(2, 5),
      cursors(1, 5),
    ]);
    assert.equal(relay.server.sockets.size, 1);
  });
});
