// What can happen to a page's connection, one after the other on one running system: the scenarios of the reference
// documents by their names. The page's clock is moved where a person would have to wait for it.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { type Proxy, startProxy } from "../support/proxy.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { type Dashboard, lostNothing, openDashboard } from "./dashboard.ts";

const withClock = (page: Page) => page.clock.install();

/** Makes the tab hidden or visible; a headless tab is never really hidden. */
const show = (page: Page, state: "hidden" | "visible") =>
  page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);

const count = (list: readonly string[], what: string) => list.filter((item) => item === what).length;
const sockets = (dashboard: Dashboard) => dashboard.requests.filter((url) => url.startsWith("ws:")).length;

Deno.test("scenarios", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin, port } = lightline;

  const scenario = (
    name: string,
    fn: (dashboard: Dashboard, proxy: Proxy) => Promise<void>,
    prepare?: (page: Page) => Promise<unknown>,
  ) =>
    t.step({
      name,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        await using proxy = startProxy(port);
        await using dashboard = await openDashboard(browser, `http://127.0.0.1:${proxy.port}`, {}, prepare);
        await fn(dashboard, proxy);
        assert.deepEqual(dashboard.complaints, []);
      },
    });

  await scenario(
    "network dropped for 10 s: seen within 5 s, back at once when it returns, nothing lost",
    async (dashboard, proxy) => {
      await dashboard.badgeSays(/^Live$/);
      const droppedAtMs = Date.now();
      proxy.become({ type: "blackhole" });
      await dashboard.page.context().setOffline(true);
      await dashboard.badgeSays(/^Reconnecting \d+\/10/);
      await until("ten seconds", () => Date.now() - droppedAtMs > 10_000, { timeoutMs: 11_000 });
      proxy.become({ type: "pass" });
      proxy.cut();
      await dashboard.page.context().setOffline(false);
      await dashboard.badgeSays(/^Live$/, 3000);
      await lostNothing(origin, dashboard);
      await until("a sparkline without a gap", async () => await dashboard.gaps() === 0);
    },
  );

  await scenario(
    "relay paused until the heartbeat times out: Reconnecting, and Live when it goes on",
    async (dashboard) => {
      await dashboard.badgeSays(/^Live$/);
      await until("the first pong", () => dashboard.got.includes("pong"));
      await lightline.signal("relay", "SIGSTOP");
      try {
        const pings = count(dashboard.sent, "ping");
        await dashboard.page.clock.fastForward(31_000);
        await until("a ping", () => count(dashboard.sent, "ping") > pings);
        assert.equal(await dashboard.badge(), "Live", "a ping has 5 s to be answered");
        await dashboard.page.clock.fastForward(5_100);
        await dashboard.badgeSays(/^Reconnecting/);
      } finally {
        await lightline.signal("relay", "SIGCONT");
      }
      await dashboard.page.clock.fastForward(5_000);
      await dashboard.badgeSays(/^Live$/);
      await lostNothing(origin, dashboard);
    },
    withClock,
  );

  await scenario(
    "idle: a ping every 30 s is answered by a pong, and the page stays Live",
    async (dashboard) => {
      await dashboard.badgeSays(/^Live$/);
      for (let minute = 0; minute < 3; minute++) {
        const pongs = count(dashboard.got, "pong");
        await dashboard.page.clock.fastForward(30_100);
        await until("a pong", () => count(dashboard.got, "pong") > pongs);
        assert.equal(await dashboard.badge(), "Live");
      }
      assert.equal(sockets(dashboard), 1);
    },
    withClock,
  );

  await scenario("ten failed attempts, 1/10 to 10/10, then a manual retry", async (dashboard, proxy) => {
    await dashboard.badgeSays(/^Live$/);
    await until("readings", () => dashboard.cursors.length > 5);
    proxy.become({ type: "refuse" });
    const attempts = new Set(["1/10"]);
    await dashboard.badgeSays(/^Reconnecting 1\/10/);
    await until("the page to give up", async () => {
      await dashboard.page.clock.fastForward(1_000);
      const said = await dashboard.badge();
      const [attempt] = /\d+\/10/.exec(said) ?? [];
      if (attempt) attempts.add(attempt);
      return said === "Disconnected";
    }, { timeoutMs: 60_000, everyMs: 50 });
    assert.deepEqual([...attempts], Array.from({ length: 10 }, (_, index) => `${index + 1}/10`));
    assert.equal(sockets(dashboard), 11, "the first connection, and ten attempts to come back");
    proxy.become({ type: "pass" });
    await dashboard.page.getByRole("button", { name: "Retry now" }).click();
    await dashboard.badgeSays(/^Live$/);
    await lostNothing(origin, dashboard);
  }, withClock);

  await scenario("tab hidden and shown: no pings meanwhile, one at once afterwards", async (dashboard) => {
    await dashboard.badgeSays(/^Live$/);
    // The pings of the beginning are over after a second.
    await dashboard.page.clock.fastForward(2_000);
    await until("every pong", () => count(dashboard.got, "pong") === count(dashboard.sent, "ping"));
    await show(dashboard.page, "hidden");
    const pings = count(dashboard.sent, "ping");
    await dashboard.page.clock.fastForward(31_000);
    const heard = dashboard.cursors.length;
    await until("readings in the hidden tab", () => dashboard.cursors.length > heard + 5);
    assert.equal(count(dashboard.sent, "ping"), pings);
    await show(dashboard.page, "visible");
    await until("a ping", () => count(dashboard.sent, "ping") > pings, { timeoutMs: 1000 });
    assert.equal(await dashboard.badge(), "Live");
  }, withClock);

  await scenario(
    "tab shown again after its connection died unseen: reconnects within 5 s",
    async (dashboard, proxy) => {
      await dashboard.badgeSays(/^Live$/);
      await show(dashboard.page, "hidden");
      proxy.become({ type: "blackhole" });
      await show(dashboard.page, "visible");
      await dashboard.badgeSays(/^Reconnecting/, 7000);
      proxy.become({ type: "pass" });
      await dashboard.badgeSays(/^Live$/);
      await lostNothing(origin, dashboard);
    },
  );

  await scenario("no WebSocket in this browser: Polling, and no error", async (dashboard) => {
    await dashboard.badgeSays(/^Polling$/);
    await until("readings", () => dashboard.cursors.length > 30);
    assert.equal(sockets(dashboard), 0);
    await lostNothing(origin, dashboard);
  }, (page) => page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebSocket")));

  await scenario(
    "the relay says reconnect: the page comes back in its slot, and nothing is lost",
    async (dashboard) => {
      await dashboard.badgeSays(/^Live$/);
      await until("readings", () => dashboard.cursors.length > 5);
      await lightline.signal("relay", "SIGTERM");
      await until("the word", () => dashboard.got.includes("reconnect"));
      await dashboard.badgeSays(/^(?!Live)/);
      await dashboard.badgeSays(/^Live$/, 15_000);
      await lostNothing(origin, dashboard);
    },
  );

  await scenario(
    "token expired: Disconnected, the reason in words, and no further attempt",
    async (dashboard) => {
      await dashboard.badgeSays(/^Disconnected$/);
      assert.match(await dashboard.page.locator(".connection").innerText(), /token|expired|4401|sign/i);
      const before = sockets(dashboard);
      await dashboard.page.clock.fastForward(120_000);
      assert.equal(sockets(dashboard), before);
    },
    async (page) => {
      await page.clock.install();
      await page.routeWebSocket(/\/ws\//, (socket) => socket.close({ code: 4401, reason: "token expired" }));
    },
  );

  await scenario(
    "back-forward cache: no socket while away, Live and without a gap on return",
    async (dashboard) => {
      await dashboard.badgeSays(/^Live$/);
      await until("readings", () => dashboard.cursors.length > 5);
      // Headless shells have no such cache, so the page is told what it would be told.
      const tell = (type: "pagehide" | "pageshow") =>
        dashboard.page.evaluate((type) => {
          dispatchEvent(new PageTransitionEvent(type, { persisted: true }));
        }, type);
      await tell("pagehide");
      const leftAtMs = Date.now();
      await until("three seconds", () => Date.now() - leftAtMs > 3000);
      const heard = dashboard.cursors.length;
      const opened = sockets(dashboard);
      await until("another second", () => Date.now() - leftAtMs > 4000);
      assert.equal(dashboard.cursors.length, heard, "a page in the cache gets nothing");
      assert.equal(sockets(dashboard), opened, "a page in the cache opens nothing");
      await tell("pageshow");
      await dashboard.badgeSays(/^Live$/);
      await lostNothing(origin, dashboard);
      await until("a sparkline without a gap", async () => await dashboard.gaps() === 0);
    },
  );
});
