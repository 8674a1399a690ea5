// What can happen to a relay and to the way to it, one after the other on one running system: the scenarios of the reference
// documents by their names. The page's clock is moved where a person would have to wait for it.

import assert from "node:assert/strict";
import { startLightline } from "../support/lightline.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import {
  count,
  hasRecovered,
  isLive,
  polls,
  retryButton,
  sockets,
  stage,
  tellsTrouble,
  withClock,
} from "./scenario.ts";

Deno.test("scenarios of the relay and the network", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const scenario = stage(t, browser, lightline);

  await scenario("normal operation: Live, numbers that follow, one socket, no poll", async (dashboard) => {
    await isLive(dashboard);
    const before = await dashboard.powers();
    assert.equal(before.length, 4);
    await until(
      "other numbers",
      async () => (await dashboard.powers()).some((power, i) => power !== before[i]),
    );
    assert.deepEqual([sockets(dashboard), polls(dashboard)], [1, 0]);
    await hasRecovered(dashboard, origin);
  });

  await scenario(
    "server killed for 5 s: countdown, grey numbers, then Live and no gap",
    async (dashboard) => {
      await isLive(dashboard);
      const fresh = await dashboard.freshness();
      const polled = polls(dashboard);
      // While start is held nobody brings the relay back.
      await lightline.signal("start", "SIGSTOP");
      const killed = await lightline.signal("relay", "SIGKILL");
      const killedAtMs = Date.now();
      try {
        await tellsTrouble(dashboard);
        await until("grey numbers that say their age", async () => {
          const { colour, age } = await dashboard.freshness();
          return colour !== fresh.colour && /^\d+ s ago$/.test(age);
        });
        assert.ok(polls(dashboard) > polled, "meanwhile the page polls");
        await until("five seconds", () => Date.now() - killedAtMs > 5_000);
      } finally {
        await lightline.signal("start", "SIGCONT");
      }
      await lightline.process("relay", killed);
      await hasRecovered(dashboard, origin, 20_000);
      assert.equal((await dashboard.freshness()).colour, fresh.colour);
    },
  );

  await scenario(
    "network dropped for 10 s: seen within 5 s, back at once when it returns",
    async (dashboard, proxy) => {
      await isLive(dashboard);
      const context = dashboard.page.context();
      const droppedAtMs = Date.now();
      proxy.become({ type: "blackhole" });
      await context.setOffline(true);
      await dashboard.badgeSays(/^Reconnecting \d+\/10/, 6_000);
      assert.ok(await retryButton(dashboard).isVisible());
      await until("ten seconds", () => Date.now() - droppedAtMs > 10_000, { timeoutMs: 11_000 });
      await dashboard.badgeSays(/^Reconnecting \d+\/10, in \d+ s$/);
      proxy.cut();
      proxy.become({ type: "pass" });
      await context.setOffline(false);
      await hasRecovered(dashboard, origin, 3_000);
    },
  );

  await scenario(
    "relay paused until the heartbeat times out: Live again when it goes on",
    async (dashboard) => {
      await isLive(dashboard);
      await until("the first pong", () => dashboard.got.includes("pong"));
      await lightline.signal("relay", "SIGSTOP");
      try {
        const pings = count(dashboard.sent, "ping");
        await dashboard.page.clock.fastForward(31_000);
        await until("a ping", () => count(dashboard.sent, "ping") > pings);
        assert.equal(await dashboard.badge(), "Live", "a ping has 5 s to be answered");
        await dashboard.page.clock.fastForward(5_100);
        await dashboard.badgeSays(/^Reconnecting \d+\/10/);
        assert.match(await dashboard.page.locator(".why").innerText(), /no pong for 5 s/);
        assert.ok(await retryButton(dashboard).isVisible());
      } finally {
        await lightline.signal("relay", "SIGCONT");
      }
      await dashboard.page.clock.fastForward(5_000);
      await dashboard.badgeSays(/^Live$/);
    },
    withClock,
  );

  await scenario(
    "ten failures, 1/10 to 10/10, then polling, then a manual retry",
    async (dashboard, proxy) => {
      await isLive(dashboard);
      proxy.become({ type: "refuse" });
      const said = new Set<string>();
      await until("the page to give up", async () => {
        const badge = await dashboard.badge();
        said.add(badge);
        await dashboard.page.clock.fastForward(500);
        return badge === "Disconnected";
      }, { timeoutMs: 60_000, everyMs: 1 });
      const seen = new Set([...said].flatMap((badge) => /^Reconnecting (\d+)\/10/.exec(badge)?.[1] ?? []));
      assert.deepEqual([...seen], ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
      assert.equal(sockets(dashboard), 11, "the first connection, and ten attempts to come back");

      proxy.become({ type: "refuse_upgrades", status: 403 });
      await until("the badge to say Polling", async () => {
        await dashboard.page.clock.fastForward(5_000);
        return await dashboard.badge() === "Polling";
      });
      const before = await dashboard.powers();
      await until(
        "other numbers",
        async () => (await dashboard.powers()).some((power, i) => power !== before[i]),
      );
      assert.equal(sockets(dashboard), 11, "nobody has asked for another attempt");

      proxy.become({ type: "pass" });
      await retryButton(dashboard).click();
      await dashboard.badgeSays(/^Live$/);
    },
    withClock,
  );

  await scenario("server says reconnect: the page comes back in its slot", async (dashboard) => {
    await isLive(dashboard);
    await lightline.signal("relay", "SIGTERM");
    await until("the word", () => dashboard.got.includes("reconnect"));
    await dashboard.badgeSays(/^(Reconnecting [12]\/10, |Polling)/);
    await hasRecovered(dashboard, origin);
  });
});
