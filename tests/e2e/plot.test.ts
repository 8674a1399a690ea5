// The live plot in trouble, and as a keyboard and a screen reader have it.

import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { type Proxy, startProxy } from "../support/proxy.ts";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { type Dashboard, openDashboard } from "./dashboard.ts";
import { announcements, watchAnnouncements } from "./live_regions.ts";
import { history } from "./viewer.ts";

const button = ({ page }: Dashboard, name: string) => page.getByRole("button", { name });
const chosen = ({ page }: Dashboard) => page.locator('.choices [aria-current="true"]').first().innerText();
const state = ({ page }: Dashboard) => page.locator(".plot-state").innerText();
const gaps = ({ page }: Dashboard) => page.locator(".gaps").innerText();

async function openPage(browser: Browser, proxy: Proxy): Promise<Dashboard> {
  const address = `http://127.0.0.1:${proxy.port}/modules/4?range=1m`;
  const dashboard = await openDashboard(browser, address, {}, watchAnnouncements);
  await dashboard.badgeSays(/^Live$/);
  return dashboard;
}

async function openPlot(dashboard: Dashboard): Promise<void> {
  await button(dashboard, "Open the live plot").click();
  await until("four plots", async () => await dashboard.page.locator(".plot canvas").count() === 4);
}

/** Two drawings of a plot of one minute. */
async function redrawn(page: Page): Promise<void> {
  const picture = () =>
    page.locator(".plot canvas").first().evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  for (let drawing = 0; drawing < 5; drawing++) {
    const before = await picture();
    await until("another picture", async () => await picture() !== before);
  }
}

Deno.test("the live plot", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const step = stepsOf(t);
  await until("readings", async () => (await history(lightline.origin)).length > 20);

  await step("a plot whose script did not come is opened after the page is loaded again", async () => {
    await using proxy = startProxy(lightline.port);
    await using dashboard = await openPage(browser, proxy);
    proxy.become({ type: "refuse" });
    await button(dashboard, "Open the live plot").click();
    await until("the page to say so", async () => /Load the page again/.test(await state(dashboard)));
    proxy.become({ type: "pass" });
    await dashboard.badgeSays(/^Live$/, 30_000);
    await button(dashboard, "Load the page again").click();
    await until("the closed plot", async () => await button(dashboard, "Open the live plot").count() === 1);
    await openPlot(dashboard);
  });

  await step(
    "a range that cannot be loaded is not shown as chosen, and not said to have no gap",
    async () => {
      await using proxy = startProxy(lightline.port);
      await using dashboard = await openPage(browser, proxy);
      await openPlot(dashboard);
      proxy.become({ type: "refuse" });
      await dashboard.page.getByRole("link", { name: "24 h", exact: true }).click();
      await until("the page to say so", async () => /could not be loaded/.test(await state(dashboard)));
      assert.equal(await chosen(dashboard), "1 min");
      assert.match(dashboard.page.url(), /range=1m/);
      assert.match(await dashboard.page.getByRole("link", { name: /CSV/ }).innerText(), /1 min/);
      proxy.become({ type: "pass" });
      await dashboard.badgeSays(/^Live$/, 30_000);
      await dashboard.page.getByRole("link", { name: "24 h", exact: true }).click();
      await until("24 h", async () => await chosen(dashboard) === "24 h");
      assert.match(await gaps(dashboard), /older than the history/);
    },
  );

  await step("what only this browser has not received is not said to be unrecorded", async () => {
    await using proxy = startProxy(lightline.port);
    await using dashboard = await openPage(browser, proxy);
    await openPlot(dashboard);
    proxy.become({ type: "refuse" });
    await until("the gap", async () => /not received here yet/.test(await gaps(dashboard)));
    proxy.become({ type: "pass" });
    await dashboard.badgeSays(/^Live$/, 30_000);
    await until("no such gap", async () => !/not received|nothing/.test(await gaps(dashboard)));
  });

  await step("opened by its button it takes the focus, and a key is answered once", async () => {
    await using proxy = startProxy(lightline.port);
    await using dashboard = await openPage(browser, proxy);
    const { page } = dashboard;
    await button(dashboard, "Open the live plot").focus();
    await page.keyboard.press("Enter");
    const plots = page.getByRole("group", { name: "Live plots" });
    await until("the focus", () => plots.evaluate((group) => group === document.activeElement));
    await page.keyboard.press("PageUp");
    const values = /^\d\d:\d\d:\d\d UTC: /;
    await until("a value", async () => (await announcements(page)).some((text) => values.test(text)));
    await redrawn(page);
    assert.equal((await announcements(page)).filter((text) => values.test(text)).length, 1);
    assert.match(await state(dashboard), values);
  });
});
