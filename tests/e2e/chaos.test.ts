// Two minutes of the worst network that a seed can draw, and pages that end up with every reading, each once.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/until.ts";
import { forecast, seeded, weather } from "../support/weather.ts";
import { launchBrowser } from "./browser.ts";
import { type Dashboard, openDashboard, openTab } from "./dashboard.ts";
import { receiptOn } from "./receipt.ts";
import { breaks, history } from "./viewer.ts";

Deno.test("two minutes of chaos at 20 Hz: receipts end at 0 missing, 0 twice, and agree with the history", async () => {
  const seed = Number(Deno.env.get("CHAOS_SEED") ?? Math.floor(Math.random() * 2 ** 32));
  await using lightline = await startLightline({ METER_HZ: "20" });
  const { origin } = lightline;
  await until("readings", async () => (await history(origin)).length > 20);
  await using proxy = startProxy(lightline.port);
  await using browser = await launchBrowser();
  const through = `http://127.0.0.1:${proxy.port}`;
  await using module = await openDashboard(browser, `${through}/modules/4`);
  await using tab = await openTab(module.page.context(), `${through}/modules/4`);
  await using status = await openDashboard(browser, `${through}/status`);
  const pages = [module, tab, status];
  for (const page of pages) await page.badgeSays(/^Live$/);

  const spells = forecast(seeded(seed), 120_000, 6_000);
  const cuts = await weather(proxy, spells);
  assert.ok(cuts > 10, `seed ${seed} cut ${cuts} connections`);
  try {
    for (const page of pages) await page.badgeSays(/^Live$/, 45_000);
    // No reading is under way any more, and what there is can be counted.
    await lightline.signal("simulator", "SIGSTOP");
    for (const page of pages) await gotEverything(page, origin, proxy.port);
    const readings = await history(origin, startOf(module));
    const seconds = (readings.at(-1)?.timestamp ?? 0) - (readings[0]?.timestamp ?? 0);
    assert.ok(readings.length / seconds > 18, `${readings.length} readings in ${seconds} s are not 20 Hz`);
  } catch (error) {
    const boxes = await Promise.all(pages.map(({ page }) => blackBox(page)));
    const file = await Deno.makeTempFile({ prefix: "lightline-chaos-", suffix: ".json" });
    await Deno.writeTextFile(file, JSON.stringify({ seed, spells, boxes }));
    throw new Error(`CHAOS_SEED=${seed} fails; black boxes are in ${file}`, { cause: error });
  } finally {
    await lightline.signal("simulator", "SIGCONT");
  }
});

/** Where the page stood when it was rendered: the first that it asked for readings says so. */
function startOf({ requests }: Dashboard): string {
  const first = requests.find((url) => url.includes("since="));
  return new URL(first ?? "").searchParams.get("since") ?? "";
}

async function gotEverything(dashboard: Dashboard, origin: string, port: number): Promise<void> {
  let seen = "";
  const complete = await until("a receipt of everything", async () => {
    const stored = await history(origin, startOf(dashboard));
    const receipt = await receiptOn(dashboard.page);
    seen = `${stored.length} stored, ${JSON.stringify(receipt)}`;
    return receipt.arrived === stored.length && { stored, receipt };
  }).catch((error) => assert.fail(`${error.message}: ${seen}`));
  const { stored, receipt } = complete;
  assert.deepEqual(breaks(stored), []);
  assert.deepEqual([receipt.expected, receipt.missing], [stored.length, 0]);
  assert.ok(stored.length > 2000, `only ${seen}`);
  assert.ok(receipt.replayed > 0, "nothing had to be replayed: this was no chaos");
  assert.deepEqual(dashboard.requests.filter((url) => new URL(url).port !== `${port}`), []);
  assert.deepEqual(dashboard.complaints, []);
}

async function blackBox(page: Page): Promise<unknown> {
  // without a permission for the clipboard the page shows it as text
  await page.getByRole("button", { name: "Copy the black box" }).click();
  return JSON.parse(await page.getByLabel("The black box as JSON").inputValue());
}
