// How old a number is, and how a page shows it: whatever the clocks say, wherever the page comes from.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { startProxy } from "../support/proxy.ts";
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

  await step("back on a page from the browser's cache, a number is as old as it is", async () => {
    for (const path of ["/", "/status"]) {
      await using proxy = startProxy(lightline.port);
      await using dashboard = await openDashboard(browser, `http://127.0.0.1:${proxy.port}${path}`);
      const { page } = dashboard;
      await dashboard.badgeSays(/^Live$/);
      await page.goto(`http://127.0.0.1:${proxy.port}/docs`);
      proxy.become({ type: "refuse" });
      const leftAtMs = Date.now();
      await until("seven seconds", () => Date.now() - leftAtMs > 7000);
      await page.goBack();
      const age = page.locator(path === "/" ? ".age" : "[data-label='Newest reading']").first();
      await until("its age", async () => /^([7-9]|1\d) s ago$/.test(await age.innerText()), {
        timeoutMs: 3000,
      });
      if (path === "/") assert.equal(await page.locator(".channels").getAttribute("data-beat"), "old");
      proxy.become({ type: "pass" });
      await until("a young number", async () => await age.innerText() === "less than 1 s ago");
    }
  });

  await step(
    "after a night's sleep, which stops a page's stopwatch, nothing is young that is not",
    async () => {
      for (const path of ["/status", "/modules/4?range=1m"]) {
        await using proxy = startProxy(lightline.port);
        const prepare = (page: Page) => page.clock.install();
        const address = `http://127.0.0.1:${proxy.port}${path}`;
        await using dashboard = await openDashboard(browser, address, {}, prepare);
        const { page } = dashboard;
        await dashboard.badgeSays(/^Live$/);
        if (path !== "/status") {
          await page.getByRole("button", { name: "Open the live plot" }).click();
          await until("four plots", async () => await page.locator(".plot canvas").count() === 4);
        }
        proxy.become({ type: "refuse" });
        await page.clock.setSystemTime(Date.now() + 8 * 3_600_000);
        const told = page.locator(path === "/status" ? "[data-label='Newest reading']" : ".gaps").first();
        await until("eight hours", async () => /8 h 0 min/.test(await told.innerText()));
      }
    },
  );
});
