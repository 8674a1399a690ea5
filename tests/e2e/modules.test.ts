// A module's page and the status page in a browser: the plot opened, live, cut and interrupted; the export, the receipt and
// the black box.

import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import { play } from "../../lib/socket/mod.ts";
import { envelope } from "../../lib/protocol/mod.ts";
import { startLightline } from "../support/lightline.ts";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { type Dashboard, openDashboard } from "./dashboard.ts";
import { receiptOn } from "./receipt.ts";
import { history } from "./viewer.ts";

const textOf = async ({ page }: Dashboard, selector: string) =>
  (await page.locator(selector).first().innerText()).replaceAll(/\s+/g, " ").trim();

async function openPlot(dashboard: Dashboard): Promise<void> {
  await dashboard.badgeSays(/^Live$/);
  await dashboard.page.getByRole("button", { name: "Open the live plot" }).click();
  await until("four plots", async () => await dashboard.page.locator(".plot canvas").count() === 4);
}

/** What a plot has drawn, as a hash of its pixels. */
const pixels = ({ page }: Dashboard) =>
  page.locator(".plot canvas").first().evaluate((canvas) =>
    canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : ""
  );

Deno.test("the pages of modules and of status", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const step = stepsOf(t);
  await until("readings", async () => (await history(origin)).length > 30);

  await step(
    "uplot comes when the plot is opened, and not before; nothing is refused by the policy",
    async () => {
      await using dashboard = await openDashboard(browser, `${origin}/modules/4?range=1m`);
      await dashboard.badgeSays(/^Live$/);
      const scripts = () => dashboard.requests.filter((url) => url.endsWith(".js")).length;
      const before = scripts();
      await openPlot(dashboard);
      assert.equal(scripts(), before + 1);
      assert.deepEqual(dashboard.complaints, []);
    },
  );

  await step("a browser that calls its language en-US@posix opens the plot all the same", async () => {
    await using dashboard = await openDashboard(
      browser,
      `${origin}/modules/4?range=1m`,
      {},
      (page) =>
        page.addInitScript(() =>
          Object.defineProperty(Navigator.prototype, "language", { get: () => "en-US@posix" })
        ),
    );
    await openPlot(dashboard);
  });

  await step("an open plot follows the readings, and is accessible, light and dark", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      await using dashboard = await openDashboard(browser, `${origin}/modules/4?range=1m`, { colorScheme });
      await openPlot(dashboard);
      const first = await pixels(dashboard);
      await until("another picture", async () => await pixels(dashboard) !== first);
      const { violations } = await new AxeBuilder({ page: dashboard.page }).analyze();
      assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html)}`), []);
    }
  });

  await step("by keyboard: a range is chosen, the plot reached, and single values read", async () => {
    await using dashboard = await openDashboard(browser, `${origin}/modules/4`);
    await dashboard.badgeSays(/^Live$/);
    const { page } = dashboard;
    await page.getByRole("link", { name: "1 min", exact: true }).focus();
    await page.keyboard.press("Enter");
    await until("four plots", async () => await page.locator(".plot canvas").count() === 4);
    assert.match(page.url(), /\?range=1m&unit=dBm$/);
    await page.getByRole("group", { name: "Live plots" }).focus();
    await page.keyboard.press("ArrowLeft");
    const said = /^\d\d:\d\d:\d\d UTC: (\u2212?\d+\.\d\d dBm(, )?){4}$/;
    await until("a value to be read", async () => said.test(await textOf(dashboard, ".plot-state")));
    const first = await textOf(dashboard, ".plot-state");
    await page.keyboard.press("PageUp");
    await page.keyboard.press("PageUp");
    await until("another one", async () => {
      const text = await textOf(dashboard, ".plot-state");
      return said.test(text) && text !== first;
    });
  });

  await step("the export is what is shown, and needs no JavaScript", async () => {
    await using dashboard = await openDashboard(browser, `${origin}/modules/4?range=1m`, {
      javaScriptEnabled: false,
    });
    const address = await dashboard.page.getByRole("link", { name: /CSV/ }).getAttribute("href");
    const lines = (await (await fetch(origin + address)).text()).trim().split("\r\n");
    assert.match(lines[0] ?? "", /^time,/);
    assert.ok(lines.length > 30, `${lines.length} lines`);
  });

  await step(
    "without JavaScript a module's page has its numbers, its history drawn, and every range",
    async () => {
      await using dashboard = await openDashboard(browser, `${origin}/modules/4?range=1m`, {
        javaScriptEnabled: false,
      });
      const { page } = dashboard;
      assert.equal((await dashboard.powers()).length, 4);
      assert.equal(await page.locator(".chart .line[d^=M]").count(), 4);
      assert.match(await textOf(dashboard, ".gaps"), /older than the history/);
      await page.getByRole("link", { name: "1 h", exact: true }).click();
      assert.equal(await page.locator('.choices [aria-current="true"]').first().innerText(), "1 h");
      assert.equal(await page.locator(".chart .line[d^=M]").count(), 4);
      assert.equal(await page.getByRole("button").count(), 0);
    },
  );

  await step(
    "without JavaScript the status page finds no fault with connections that it cannot have",
    async () => {
      await using dashboard = await openDashboard(browser, `${origin}/status`, { javaScriptEnabled: false });
      const connections = dashboard.page.getByRole("region", { name: "Connections of this page" });
      const states = connections.locator('[data-label="State"]');
      assert.deepEqual([...new Set(await states.allInnerTexts())], ["none"]);
      assert.equal(await connections.locator("[data-good]").count(), 0);
    },
  );

  await step("a module that nobody reads has a page that says so, with 404", async () => {
    for (const path of ["/modules/9", "/modules/four"]) {
      const answer = await fetch(origin + path);
      assert.equal(answer.status, 404);
      assert.match(await answer.text(), /Nobody reads this module/);
    }
  });

  await step("the black box is copied, and plays back to the state that it ends with", async () => {
    await using dashboard = await openDashboard(browser, `${origin}/modules/4`, {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await dashboard.badgeSays(/^Live$/);
    await dashboard.page.getByRole("button", { name: "Copy the black box" }).click();
    await until("the page to say so", async () => /Copied/.test(await textOf(dashboard, ".receipt")));
    const recording = JSON.parse(await dashboard.page.evaluate(() => navigator.clipboard.readText()));
    assert.equal(recording.module, 4);
    assert.ok(recording.events.length > 3);
    assert.equal(recording.end.name, "connected");
    assert.deepEqual(JSON.parse(JSON.stringify(play(recording).at(-1))), recording.end);
  });

  await step("a killed relay costs neither receipt nor plot a reading", async () => {
    await using dashboard = await openDashboard(browser, `${origin}/modules/4?range=1m`);
    await openPlot(dashboard);
    await until("a receipt", async () => (await receiptOn(dashboard.page)).arrived > 20);
    await lightline.signal("relay", "SIGKILL");
    await dashboard.badgeSays(/^(Reconnecting|Polling|Connecting)/);
    await dashboard.badgeSays(/^Live$/, 20_000);
    const { arrived: then } = await receiptOn(dashboard.page);
    await until("readings again", async () => (await receiptOn(dashboard.page)).arrived > then + 20);
    const { arrived, expected, missing } = await receiptOn(dashboard.page);
    assert.deepEqual([arrived, missing], [expected, 0]);
    assert.doesNotMatch(await textOf(dashboard, ".gaps"), /instrument|agent|relay|nothing/);
    assert.deepEqual(dashboard.complaints, []);
  });

  await step("an instrument that falls silent leaves a gap that plot and history name alike", async () => {
    await using dashboard = await openDashboard(browser, `${origin}/modules/4?range=1m`);
    await openPlot(dashboard);
    await lightline.signal("simulator", "SIGSTOP");
    const named = /: the instrument did not answer/;
    await until("the gap while it lasts", async () => named.test(await textOf(dashboard, ".gaps")), {
      timeoutMs: 20_000,
    });
    const silent = (await history(origin)).length;
    await lightline.signal("simulator", "SIGCONT");
    await until("readings again", async () => (await history(origin)).length > silent + 20, {
      timeoutMs: 20_000,
    });
    await until("the gap to be over", async () => named.test(await textOf(dashboard, ".gaps")));
    const toS = Date.now() / 1000;
    const answer = await fetch(`${origin}/api/v1/history?module=4&from=${toS - 60}&to=${toS}`);
    const { gaps } = envelope.parse(await answer.json());
    const gap = gaps.find(({ reason }) => reason === "instrument");
    assert.ok(gap, JSON.stringify(gaps));
    assert.ok(gap.to - gap.from > 3 && gap.to < toS);
  });

  await step("the status page follows what happens to a station, and to its own connections", async () => {
    await using dashboard = await openDashboard(browser, `${origin}/status`);
    await dashboard.badgeSays(/^Live$/);
    const { page } = dashboard;
    const connections = page.getByRole("region", { name: "Connections of this page" });
    await until("latencies", async () => (await connections.getByText(/^\d+ ms$/).count()) === 2);
    const station = page.getByRole("row", { name: /bench-1/ }).first();
    assert.match(await station.innerText(), /online/);
    await lightline.signal("start", "SIGSTOP");
    await lightline.signal("agent", "SIGKILL");
    await until("the station to be offline", async () => /offline/.test(await station.innerText()));
    await until("its module to be at fault", async () => {
      const module = await page.getByRole("row", { name: /^Module 4 bench-1/ }).innerText();
      return /agent/.test(module);
    });
    await lightline.signal("start", "SIGCONT");
    await until("the station to be back", async () => /online/.test(await station.innerText()), {
      timeoutMs: 20_000,
    });
    assert.deepEqual(dashboard.complaints, []);
  });

  await step("the status page vouches for nothing that it has not heard from the relay", async () => {
    await using dashboard = await openDashboard(browser, `${origin}/status`);
    await dashboard.badgeSays(/^Live$/);
    const { page } = dashboard;
    const notice = page.locator(".status .notice");
    const colour = () =>
      page.locator(".verdict").first().evaluate((verdict) => getComputedStyle(verdict).color);
    const vouched = await colour();
    await lightline.signal("start", "SIGSTOP");
    await lightline.signal("relay", "SIGKILL");
    await until("the notice", async () => await notice.count() === 1);
    assert.match(await notice.innerText(), /tells nothing since \d\d:\d\d:\d\d UTC/);
    assert.notEqual(await colour(), vouched);
    await lightline.signal("start", "SIGCONT");
    await until("the notice to go", async () => await notice.count() === 0, { timeoutMs: 20_000 });
    assert.equal(await colour(), vouched);
  });
});
