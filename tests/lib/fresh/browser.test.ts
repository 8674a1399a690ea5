// What islands do in a real browser.

import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { stop } from "esbuild";
import { launchBrowser } from "../../e2e/browser.ts";
import { serve, withFixture } from "./fixture.ts";

let browser: Browser;
Deno.test.beforeAll(async () => {
  // esbuild's service lives until it is stopped, longer than any one test.
  await withFixture();
  browser = await launchBrowser();
});
Deno.test.afterAll(async () => {
  await browser.close();
  await stop();
});

/** Opens a page of the fixture, and fails when the browser logs an error. */
async function open(path: string, use: (page: Page) => Promise<void>): Promise<void> {
  await using server = serve(await withFixture());
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  try {
    await page.goto(server.origin + path, { waitUntil: "load" });
    await use(page);
    assert.deepEqual(errors, []);
  } finally {
    await page.close();
  }
}

Deno.test("an island comes to life with the properties that the server rendered it with", async () => {
  await open("/counter", async (page) => {
    const button = page.locator(".counter");
    assert.equal(await button.textContent(), "count 3");
    await button.click();
    await button.getByText("count 4").waitFor({ timeout: 2_000 });
  });
});
