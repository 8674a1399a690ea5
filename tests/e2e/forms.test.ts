// The forms of /lasers and /sweep: what was done is said where it is so, what was not is said with what was entered still there.

import assert from "node:assert/strict";
import type { Browser, Page } from "playwright-core";
import { signToken } from "../../lib/relay/access/jwt.ts";
import { startBench, startRelay } from "./bench.ts";
import { launchBrowser } from "./browser.ts";

/** With a script and without. */
async function inBoth(browser: Browser, look: (page: Page) => Promise<void>): Promise<void> {
  for (const javaScriptEnabled of [true, false]) {
    await using context = await browser.newContext({ javaScriptEnabled });
    const page = await context.newPage();
    page.setDefaultTimeout(5000);
    await look(page);
  }
}

/** Which fields of the page are marked as wrong, and what is said of each. */
async function wrongFields(page: Page): Promise<readonly string[]> {
  await page.locator("#refusal").waitFor();
  const fields = await page.locator("[aria-invalid=true]").all();
  return await Promise.all(fields.map(async (field) => {
    const words = page.locator(`#${await field.getAttribute("aria-describedby")}`);
    return `${await field.getAttribute("id")}: ${await words.innerText()}`;
  }));
}

Deno.test("of two settings, that one was made is said with the refusal of the other, and what was entered is still there", async () => {
  await using relay = await startRelay();
  await using _bench = await startBench(relay.host, "bench-1", 4);
  await using browser = await launchBrowser();
  await inBoth(browser, async (page) => {
    await page.goto(`${relay.origin}/lasers`);
    const card = page.locator(".laser").nth(1);
    await card.getByText("Change…").click();
    assert.match(await card.getByLabel("Wavelength, nm").inputValue(), /^1[35][05]0$/, "as it is set now");
    await card.getByLabel("Wavelength, nm").fill("1300");
    await card.getByLabel("Power, dBm").fill("50");
    await card.getByRole("button", { name: "Set laser 2" }).click();
    assert.deepEqual(await wrongFields(page), [
      "laser-2-power: The wavelength was set to 1300 nm. The instrument refused POW 50DBM.",
    ]);
    assert.match(await card.innerText(), /1300\.00 nm[\s\S]*0\.00 dBm/);
    assert.equal(await card.getByLabel("Power, dBm").inputValue(), "50");
    assert.ok(await card.getByLabel("Power, dBm").isVisible(), "it is still open");
    assert.equal(await page.locator("details[open]").count(), 1);
  });
});

Deno.test("a sweep that cannot be keeps what was entered, and marks the field that is wrong", async () => {
  await using relay = await startRelay();
  await using _bench = await startBench(relay.host, "bench-1", 4);
  await using browser = await launchBrowser();
  await inBoth(browser, async (page) => {
    await page.goto(`${relay.origin}/sweep`);
    await page.getByLabel("From, nm").fill("1550");
    await page.getByLabel("To, nm").fill("1520");
    await page.getByRole("button", { name: "Start the sweep" }).click();
    assert.deepEqual(await wrongFields(page), ["stop_nm: To is not above From."]);
    assert.equal(await page.getByLabel("From, nm").inputValue(), "1550");
    assert.equal(await page.getByLabel("To, nm").inputValue(), "1520");
  });
});

Deno.test("a page says that something was done only where it is so", async () => {
  await using relay = await startRelay();
  await using _bench = await startBench(relay.host, "bench-1", 4);
  const done = async (path: string) =>
    /<p class="done"[^>]*>(.*?)<\/p>/.exec(await (await fetch(relay.origin + path)).text())?.[1] ?? null;
  const sent = async (path: string, body: Record<string, string>) => {
    const answer = await fetch(relay.origin + path, {
      method: "POST",
      body: new URLSearchParams(body),
      redirect: "manual",
    });
    await answer.body?.cancel();
    return answer.headers.get("location") ?? "";
  };
  assert.equal(await done("/lasers?done=on&laser=7"), null);
  assert.equal(await done("/lasers?done=set&laser=11"), null);
  assert.equal(await done("/sweep?done=start"), null);
  assert.equal(await done("/sweep?done=abort"), null);

  const on = await sent("/lasers", { laser: "7", action: "on" });
  assert.equal(await done(on), "Laser 7 was switched on.");
  const off = await sent("/lasers", { laser: "7", action: "off" });
  assert.equal(await done(off), "Laser 7 was switched off.");
  assert.equal(await done(on), null, "not any more");

  const range = { start_nm: "1540", stop_nm: "1560", speed_nm_s: "50", sampling_pm: "10" };
  const started = await sent("/sweep", { action: "start", ...range });
  assert.equal(await done(started), "The sweep was started.");
  assert.equal(await done(await sent("/sweep", { action: "abort" })), "The sweep was aborted.");
  await sent("/sweep", { action: "start", ...range });
  assert.equal(await done(started), null, "this is another sweep");
});

Deno.test("without JavaScript /lasers renews itself for who looks, not under the hands of who fills in a form", async () => {
  const secret = "a secret of a laboratory, forty characters";
  await using relay = await startRelay({ VIEWER_SECRET: secret });
  await using _bench = await startBench(relay.host, "bench-1", 4);
  const renewal = async (role: "viewer" | "operator") => {
    const cookie = `lightline_token=${signToken(secret, role, Date.now() + 60_000)}`;
    const page = await fetch(`${relay.origin}/lasers?station=bench-1`, { headers: { cookie } });
    const html = await page.text();
    assert.match(html, /<a href="\/lasers\?station=bench-1">Renew this page<\/a>/);
    return /http-equiv="refresh" content="([^"]*)"/.exec(html)?.[1];
  };
  assert.equal(await renewal("viewer"), "10; url=/lasers?station=bench-1");
  assert.equal(await renewal("operator"), undefined);
});
