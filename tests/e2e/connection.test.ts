// The page while its connection fails: what it says, what it shows meanwhile, and that it ends up with every reading.

import assert from "node:assert/strict";
import { startLightline } from "../support/lightline.ts";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { lostNothing, openDashboard } from "./dashboard.ts";

Deno.test("the dashboard is live: numbers change, are fresh, and every channel has a sparkline", async () => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  await using dashboard = await openDashboard(browser, lightline.origin);
  await dashboard.badgeSays(/^Live$/);
  const before = await dashboard.powers();
  assert.equal(before.length, 4);
  await until(
    "other numbers",
    async () => (await dashboard.powers()).some((power, i) => power !== before[i]),
  );
  assert.equal((await dashboard.freshness()).age, "less than 1 s ago");
  assert.equal(await dashboard.page.locator(".sparkline path[d^=M]").count(), 4);
  await until("three seconds of readings", () => dashboard.cursors.length > 30);
  await lostNothing(lightline.origin, dashboard);
  const host = `//127.0.0.1:${lightline.port}/`;
  assert.deepEqual(dashboard.requests.filter((url) => !url.includes(host)), [], "a request left the machine");
  assert.deepEqual(dashboard.complaints, []);
});

Deno.test("WebSocket upgrades answered with 403: the page polls, says so, loses no reading, and is Live once they pass", async () => {
  await using lightline = await startLightline();
  await using proxy = startProxy(lightline.port, { type: "refuse_upgrades", status: 403 });
  await using browser = await launchBrowser();
  await using dashboard = await openDashboard(browser, `http://127.0.0.1:${proxy.port}`);
  const polls = () => dashboard.requests.filter((url) => url.includes("/api/v1/readings")).length;
  await dashboard.badgeSays(/^Polling$/);
  const before = await dashboard.powers();
  await until(
    "other numbers",
    async () => (await dashboard.powers()).some((power, i) => power !== before[i]),
  );
  await until("three polls", () => polls() >= 3);
  assert.ok(proxy.refusedUpgrades > 0);
  await lostNothing(lightline.origin, dashboard);
  assert.equal(await dashboard.gaps(), 0);

  proxy.become({ type: "pass" });
  await dashboard.page.getByRole("button", { name: "Retry now" }).click();
  await dashboard.badgeSays(/^Live$/);
  const [pollsBefore, received] = [polls(), dashboard.cursors.length];
  await until("three seconds of readings", () => dashboard.cursors.length > received + 30);
  assert.ok(polls() - pollsBefore <= 1, "polling stops when the socket is there");
  await lostNothing(lightline.origin, dashboard);
  assert.deepEqual(dashboard.complaints, []);
});

Deno.test("WebSocket upgrades answered with 426: the page polls, too", async () => {
  await using lightline = await startLightline();
  await using proxy = startProxy(lightline.port, { type: "refuse_upgrades", status: 426 });
  await using browser = await launchBrowser();
  await using dashboard = await openDashboard(browser, `http://127.0.0.1:${proxy.port}`);
  await dashboard.badgeSays(/^Polling$/);
  await until("readings from polls", () => dashboard.cursors.length > 30);
  await lostNothing(lightline.origin, dashboard);
});
