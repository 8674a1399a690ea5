// How old a number is, and how a page shows it: whatever the clocks say, wherever the page comes from.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";
import { history } from "./viewer.ts";

Deno.test("the age of a number", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const step = stepsOf(t);
  await until("readings", async () => (await history(origin)).length > 20);

  await step("an old number is grey from the first paint, with JavaScript and without", async () => {
    for (const javaScriptEnabled of [false, true]) {
      await using dashboard = await openDashboard(browser, origin, { javaScriptEnabled });
      const { colour: black } = await dashboard.freshness();
      await lightline.signal("agent", "SIGSTOP");
      const newest = (await history(origin)).at(-1)?.timestamp ?? NaN;
      await until("an old reading", () => Date.now() / 1000 - newest > 7);
      await dashboard.page.reload();
      const { age, colour } = await dashboard.freshness();
      assert.match(age, /^\d+ s ago$/);
      assert.notEqual(colour, black);
      await lightline.signal("agent", "SIGCONT");
      const heard = (await history(origin)).length;
      await until("readings again", async () => (await history(origin)).length > heard + 5);
    }
  });

  await step("a browser's clock that is set while the page is open makes no live number old", async () => {
    const prepare = (page: Page) => page.clock.install();
    await using dashboard = await openDashboard(browser, origin, {}, prepare);
    const { page } = dashboard;
    await dashboard.badgeSays(/^Live$/);
    const path = page.locator(".sparkline path").first();
    const isYoung = async () => (await dashboard.freshness()).age === "less than 1 s ago";
    await until("a young number", isYoung);
    for (const hours of [1, 3]) {
      const drawn = await path.getAttribute("d");
      await page.clock.setSystemTime(Date.now() + hours * 3_600_000);
      await until("another second", async () => await path.getAttribute("d") !== drawn);
      await until("a young number", isYoung, { timeoutMs: 3000 });
      assert.match(await path.getAttribute("d") ?? "", /^M/);
    }
  });
});
