// /lasers and /sweep where something is not there, or not any more: agent, relay, sockets, login. What they say is true, and
// they become right by themselves.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { signToken } from "../../lib/relay/access/jwt.ts";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/until.ts";
import { startBench, startRelay } from "./bench.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";

const paths = ["/lasers", "/sweep"] as const;
const textOf = (page: Page) => page.locator("main").innerText();
const says = (page: Page, words: RegExp) =>
  until(`${page.url()} to say ${words}`, async () => words.test(await textOf(page)), { timeoutMs: 20_000 });

Deno.test("opened before there is an agent, /lasers and /sweep show its instrument as soon as it is there", async () => {
  await using relay = await startRelay();
  await using browser = await launchBrowser();
  const context = await browser.newContext();
  const pages = await Promise.all(paths.map(async (path) => {
    const page = await context.newPage();
    await page.goto(relay.origin + path);
    assert.match(await textOf(page), /No instrument answers/);
    return page;
  }));
  await using _bench = await startBench(relay.host, "bench-1", 4);
  await Promise.all([
    pages[0]?.locator(".laser").nth(9).waitFor(),
    pages[1]?.getByText("No sweep has been made").first().waitFor(),
  ]);
  await context.close();
});

Deno.test("a relay that hangs is noticed on /lasers and /sweep, and so is its return", async () => {
  await using relay = await startRelay();
  await using _bench = await startBench(relay.host, "bench-1", 4);
  await using proxy = startProxy(relay.port);
  await using browser = await launchBrowser();
  for (const path of paths) {
    await using dashboard = await openDashboard(browser, `http://127.0.0.1:${proxy.port}${path}`);
    const { page } = dashboard;
    const doubtful = page.locator("[data-doubtful]");
    await page.locator("h2").first().waitFor();
    proxy.become({ type: "blackhole" });
    await says(page, /The relay does not answer/);
    assert.equal(await doubtful.count(), 1);
    proxy.become({ type: "pass" });
    await until("the notice to go", async () => await page.locator(".notice").count() === 0);
    assert.equal(await doubtful.count(), 0);
    assert.deepEqual(dashboard.complaints, []);
  }
});

Deno.test("where sockets are refused, /sweep follows the sweep by asking, and nothing is wrong", async () => {
  await using relay = await startRelay();
  await using bench = await startBench(relay.host, "bench-1", 4);
  await using proxy = startProxy(relay.port, { type: "refuse_upgrades", status: 403 });
  await using browser = await launchBrowser();
  await using dashboard = await openDashboard(browser, `http://127.0.0.1:${proxy.port}/sweep`);
  await until("a socket to be refused", () => proxy.refusedUpgrades > 0);
  bench.sweepTo(40);
  await says(dashboard.page, /Running, 40 %/);
  assert.equal(await dashboard.page.locator(".notice").count(), 0);
});

Deno.test("a sweep whose agent has gone is said to be unknown, on open pages and new ones, and cannot be aborted", async () => {
  await using relay = await startRelay();
  await using browser = await launchBrowser();
  const open = async (javaScriptEnabled: boolean) => {
    const page = await (await browser.newContext({ javaScriptEnabled })).newPage();
    await page.goto(`${relay.origin}/sweep`);
    return page;
  };
  await using bench = await startBench(relay.host, "bench-1", 4);
  bench.sweepTo(40);
  const page = await open(true);
  await says(page, /Running, 40 %/);
  await bench[Symbol.asyncDispose]();
  for (const each of [page, await open(true), await open(false)]) {
    await says(each, /It is not known how the sweep goes: it was last heard of, 40 %/);
    assert.equal(await each.getByRole("button", { name: "Abort the sweep" }).count(), 0);
    await until(
      "the lamp not to say that it is on",
      async () => /sweeping laser was on when/.test(await each.locator("#lamp").innerText()),
    );
    await each.context().close();
  }
});

Deno.test("when the login ends, /lasers and /sweep say so, lead to where one logs in again, and stop asking", async () => {
  const secret = "a secret of a laboratory, forty characters";
  await using relay = await startRelay({ VIEWER_SECRET: secret });
  await using _bench = await startBench(relay.host, "bench-1", 4);
  await using browser = await launchBrowser();
  for (const path of paths) {
    const value = signToken(secret, "operator", Date.now() + 4000);
    await using dashboard = await openDashboard(
      browser,
      relay.origin + path,
      {},
      (page) => page.context().addCookies([{ name: "lightline_token", value, url: relay.origin }]),
    );
    const { page, requests } = dashboard;
    await says(page, /Your login has ended/);
    const asked = requests.length;
    const stoppedAtMs = Date.now();
    await until("three seconds", () => Date.now() - stoppedAtMs > 3000);
    assert.equal(requests.length, asked);
    await page.getByRole("link", { name: "Log in" }).click();
    assert.match(page.url(), new RegExp(`/login\\?next=${encodeURIComponent(path)}$`));
  }
});
