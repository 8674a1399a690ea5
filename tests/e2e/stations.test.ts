// /lasers and /sweep where there are several stations: what a person sees and does on the page of one is that one's.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { startBench, startRelay } from "./bench.ts";
import { launchBrowser } from "./browser.ts";

const lampOf = (page: Page) => page.locator("#lamp:not([hidden])").allInnerTexts().then((all) => all.join());

Deno.test("pages of two stations", async (t) => {
  await using relay = await startRelay();
  const { origin, host } = relay;
  await using browser = await launchBrowser();
  await using one = await startBench(host, "bench-1", 4);
  const step = stepsOf(t);

  const context = await browser.newContext();
  const early = await context.newPage();
  await early.goto(`${origin}/lasers`);
  await early.locator(".laser").first().waitFor();
  await using two = await startBench(host, "bench-2", 5);

  await step("a laser is switched on at the station that the page showed, whatever came since", async () => {
    await early.locator(".laser").nth(2).getByText("Switch on…").click();
    await early.getByRole("button", { name: "Yes, switch laser 3 on" }).click();
    assert.match(await early.locator(".done").innerText(), /Laser 3 was switched on/);
    assert.deepEqual([one.lit(), two.lit()], [[3], []]);

    await early.getByRole("navigation", { name: "Stations" }).getByRole("link", { name: "bench-2" }).click();
    await early.locator(".laser").nth(7).getByText("Switch on…").click();
    assert.match(await early.locator(".laser").nth(7).innerText(), /Laser 8 of bench-2 will emit/);
    await early.getByRole("button", { name: "Yes, switch laser 8 on" }).click();
    assert.match(await early.locator(".done").innerText(), /Laser 8 was switched on/);
    assert.match(await early.locator(".head").innerText(), /bench-2/);
    assert.deepEqual([one.lit(), two.lit()], [[3], [8]]);
  });

  await step("the lamp of every page says the light of all stations, and which station's it is", async () => {
    for (const path of ["/", "/lasers?station=bench-1", "/sweep?station=bench-1"]) {
      const page = await context.newPage();
      await page.goto(origin + path);
      // By then scripts have made of it what they make.
      await until("two seconds of asking", () => page.evaluate(() => performance.now() > 2000));
      assert.equal(
        await lampOf(page),
        "bench-1: Laser 3 (1550.00 nm) is on; bench-2: Laser 8 (1550.00 nm) is on",
        path,
      );
      await page.close();
    }
  });

  await step("a form that names none of several stations changes nothing, and is told why", async () => {
    for (
      const [path, body] of [["/lasers", { laser: "5", action: "on" }], ["/sweep", {
        action: "abort",
      }]] as const
    ) {
      const answer = await fetch(origin + path, { method: "POST", body: new URLSearchParams(body) });
      assert.equal(answer.status, 400);
      assert.match(await answer.text(), /There are several stations: name one, .*bench-1, bench-2/);
    }
    const unheard = await fetch(`${origin}/lasers?station=Bench`, {
      method: "POST",
      body: new URLSearchParams({ laser: "5", action: "on" }),
    });
    assert.equal(unheard.status, 503);
    assert.match(await unheard.text(), /The agent of Bench is not connected/);
    assert.deepEqual([one.lit(), two.lit()], [[3], [8]]);
  });

  await step("a sweep is started, seen and aborted at the station that is shown", async () => {
    const page = await context.newPage();
    await page.goto(`${origin}/sweep?station=bench-2`);
    await page.getByRole("button", { name: "Show" }).click();
    assert.match(page.url(), /station=bench-2/);
    assert.equal(await page.getByLabel("Module").inputValue(), "5");
    await page.getByRole("button", { name: "Start the sweep" }).click();
    assert.match(await page.locator(".done").innerText(), /The sweep was started/);
    assert.deepEqual([one.sweep().state, two.sweep().state], ["idle", "running"]);
    two.sweepTo(40);
    const percent = () =>
      page.locator("progress").evaluate((bar) => bar instanceof HTMLProgressElement ? bar.value : -1);
    await until("40 %", async () => await percent() === 40);
    one.sweepTo(70);
    two.sweepTo(41);
    await until("41 %", async () => await percent() === 41);
    await page.getByRole("button", { name: "Abort the sweep" }).click();
    assert.match(await page.locator(".done").innerText(), /The sweep was aborted/);
    assert.deepEqual([one.sweep().state, two.sweep().state], ["running", "aborted"]);
    await page.close();
  });
  await context.close();
});
