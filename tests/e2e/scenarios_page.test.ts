// What can happen to a page and its browser, one after the other on one running system: the scenarios of the reference
// documents by their names.

import assert from "node:assert/strict";
import { startLightline } from "../support/lightline.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { lostNothing } from "./dashboard.ts";
import {
  count,
  hasRecovered,
  isLive,
  polls,
  retryButton,
  show,
  sockets,
  stage,
  withClock,
} from "./scenario.ts";

Deno.test("scenarios of the page", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const scenario = stage(t, browser, lightline);

  await scenario(
    "idle: a ping every 30 s is answered by a pong, and the page stays Live",
    async (dashboard) => {
      await isLive(dashboard);
      for (let minute = 0; minute < 3; minute++) {
        const pongs = count(dashboard.got, "pong");
        await dashboard.page.clock.fastForward(30_100);
        await until("a pong", () => count(dashboard.got, "pong") > pongs);
        assert.equal(await dashboard.badge(), "Live");
      }
      assert.deepEqual([sockets(dashboard), polls(dashboard)], [1, 0]);
      await lostNothing(origin, dashboard);
    },
    withClock,
  );

  await scenario("tab hidden and shown: no pings meanwhile, one at once afterwards", async (dashboard) => {
    await isLive(dashboard);
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
    await lostNothing(origin, dashboard);
  }, withClock);

  await scenario(
    "tab shown again after its connection died unseen: seen within 5 s, and healed",
    async (dashboard, proxy) => {
      await isLive(dashboard);
      await show(dashboard.page, "hidden");
      proxy.become({ type: "blackhole" });
      await show(dashboard.page, "visible");
      await dashboard.badgeSays(/^Reconnecting \d+\/10, /, 7_000);
      assert.ok(await retryButton(dashboard).isVisible());
      proxy.cut();
      proxy.become({ type: "pass" });
      await hasRecovered(dashboard, origin);
    },
  );

  await scenario(
    "no WebSocket in this browser: Polling, numbers that follow, and no error",
    async (dashboard) => {
      await dashboard.badgeSays(/^Polling$/);
      const before = await dashboard.powers();
      await until(
        "other numbers",
        async () => (await dashboard.powers()).some((power, i) => power !== before[i]),
      );
      await until("readings", () => dashboard.cursors.length > 30);
      assert.equal(sockets(dashboard), 0);
      assert.equal((await dashboard.freshness()).age.endsWith(" ago"), true);
      await lostNothing(origin, dashboard);
    },
    { prepare: (page) => page.addInitScript(() => Reflect.deleteProperty(globalThis, "WebSocket")) },
  );

  await scenario(
    "back-forward cache: no socket while away, Live and without a gap on return",
    async (dashboard) => {
      await isLive(dashboard);
      // Headless shells have no such cache, so the page is told what it would be told.
      const tell = (type: "pagehide" | "pageshow") =>
        dashboard.page.evaluate((type) => {
          dispatchEvent(new PageTransitionEvent(type, { persisted: true }));
        }, type);
      await tell("pagehide");
      const leftAtMs = Date.now();
      await until("three seconds", () => Date.now() - leftAtMs > 3000);
      const [heard, asked] = [dashboard.cursors.length, dashboard.requests.length];
      await until("another second", () => Date.now() - leftAtMs > 4000);
      assert.equal(dashboard.cursors.length, heard, "a page in the cache gets nothing");
      assert.equal(dashboard.requests.length, asked, "a page in the cache asks for nothing");
      await tell("pageshow");
      await hasRecovered(dashboard, origin);
    },
  );
});
