// /lasers and /sweep as people use them: with and without JavaScript, in a real browser on the whole system.

import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import { HtmlValidate } from "html-validate";
import type { Page } from "playwright-core";
import { signToken } from "../../lib/relay/access/jwt.ts";
import { startLightline } from "../support/lightline.ts";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";

const lampOf = (page: Page) => page.locator("#lamp:not([hidden])").allInnerTexts().then((all) => all.join());
const laser = (page: Page, number: number) => page.locator(".laser").nth(number - 1);

async function isClean(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  assert.deepEqual(
    violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`),
    [],
  );
}

Deno.test("lasers and sweeps in a browser", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const api = `${origin}/api/v1/`;
  const step = stepsOf(t);
  const post = (path: string, body: Record<string, string>, headers: Record<string, string> = {}) =>
    fetch(origin + path, { method: "POST", body: new URLSearchParams(body), headers, redirect: "manual" });
  const lasers = async () => (await (await fetch(`${api}rlaser`)).json()).lasers;
  await until("the instrument's lasers", async () => (await lasers())?.length === 10, { timeoutMs: 15_000 });

  await step(
    "without JavaScript a laser is set, switched on in two steps, seen everywhere, and switched off",
    async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(`${origin}/lasers`);
      assert.equal(await page.locator(".laser").count(), 10);
      assert.equal(await lampOf(page), "");
      await laser(page, 3).getByText("Change…").click();
      await page.getByLabel("Wavelength, nm").nth(2).fill("1545.5");
      await page.getByLabel("Power, dBm").nth(2).fill("2");
      await page.getByRole("button", { name: "Set laser 3" }).click();
      assert.match(await page.locator(".done").innerText(), /Laser 3 was set/);
      assert.match(await laser(page, 3).innerText(), /1545\.50 nm[\s\S]*2\.00 dBm/);

      const on = page.getByRole("button", { name: "Yes, switch laser 3 on" });
      assert.equal(await on.isVisible(), false, "not by one click");
      await laser(page, 3).getByText("Switch on…").click();
      assert.match(await laser(page, 3).innerText(), /will emit 2\.00 dBm at 1545\.50 nm/);
      await on.click();
      assert.match(await page.locator(".done").innerText(), /Laser 3 was switched on/);
      for (const path of ["/lasers", "/", "/sweep", "/status", "/no/such/page"]) {
        await page.goto(origin + path);
        assert.match(await lampOf(page), /Laser 3 \(1545\.50 nm\) is on/, path);
      }
      await page.goto(`${origin}/lasers`);
      await page.getByRole("button", { name: "Switch laser 3 off" }).click();
      assert.equal((await lasers())[2].on, false);
      assert.equal(await lampOf(page), "");
      await context.close();
    },
  );

  await step("what cannot be is said on the page, with its status", async () => {
    const tooStrong = await post("/lasers", { laser: "1", action: "set", power: "60" }, { origin });
    assert.equal(tooStrong.status, 409);
    assert.match(await tooStrong.text(), /The instrument refused/);
    const nothing = await post("/lasers", { laser: "1", action: "set" }, { origin });
    assert.equal(nothing.status, 400);
    assert.match(await nothing.text(), /Nothing was given/);
    const backwards = {
      action: "start",
      start_nm: "1560",
      stop_nm: "1540",
      speed_nm_s: "50",
      sampling_pm: "10",
    };
    const sweep = await post("/sweep", backwards, { origin });
    assert.equal(sweep.status, 400);
    assert.match(await sweep.text(), /To is not above From\./);
  });

  await step("a form of another site changes nothing", async () => {
    const forged = { laser: "1", action: "on" };
    for (const headers of [{ origin: "http://elsewhere.example" }, { "sec-fetch-site": "cross-site" }]) {
      const answer = await post("/lasers", forged, headers as Record<string, string>);
      await answer.body?.cancel();
      assert.equal(answer.status, 403);
    }
    assert.equal((await lasers())[0].on, false);
  });

  await step("with JavaScript an open page follows what others do, lamp included", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${origin}/lasers`);
    await (await fetch(`${api}rlaser/5/on`, { method: "POST" })).body?.cancel();
    await until("laser 5 to be on", async () => (await laser(page, 5).innerText()).includes("On"));
    assert.match(await lampOf(page), /Laser 5 .* is on/);
    await (await fetch(`${api}rlaser/5/off`, { method: "POST" })).body?.cancel();
    await until("the lamp to be dark", async () => await lampOf(page) === "");
    await context.close();
  });

  await step(
    "a sweep is started by form, its progress and its end seen live, and its spectrum drawn",
    async () => {
      const context = await browser.newContext();
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
      await page.goto(`${origin}/sweep`);
      await page.getByLabel("From, nm").fill("1540");
      await page.getByLabel("To, nm").fill("1560");
      await page.getByLabel("Speed, nm/s").fill("10");
      await page.getByLabel("Sampling, pm").fill("10");
      await page.getByRole("button", { name: "Start the sweep" }).click();
      assert.match(await page.locator(".done").innerText(), /The sweep was started/);
      const percent = () =>
        page.locator("progress").evaluate((bar) => bar instanceof HTMLProgressElement ? bar.value : -1);
      await until("progress", async () => await percent() > 10 && await percent() < 90);
      assert.match(await lampOf(page), /sweeping laser/i);
      await page.locator(".spectrum .line[d^=M]").waitFor({ timeout: 10_000 });
      await until(
        "all points",
        async () => (await page.locator(".spectrum-plot").innerText()).includes("2001 points"),
      );
      await until("a level under each cursor", async () => {
        const readouts = await page.locator("output").allInnerTexts();
        return readouts.length === 2 && readouts.every((text) => /nm: −?\d+\.\d\d dB/.test(text));
      });
      const before = await page.locator("output").first().innerText();
      await page.getByLabel("Cursor A").focus();
      await page.keyboard.press("ArrowRight");
      assert.notEqual(await page.locator("output").first().innerText(), before, "a cursor moves by key");
      const href = await page.getByRole("link", { name: "Download as CSV" }).getAttribute("href");
      const csv = await (await fetch(origin + href)).text();
      assert.equal(csv.trim().split("\r\n").length, 2002);
      assert.deepEqual(complaints, []);
      await context.close();
    },
  );

  await step(
    "without JavaScript the spectrum is there too, with cursors from the address, and a sweep can be aborted",
    async () => {
      const context = await browser.newContext({ javaScriptEnabled: false });
      const page = await context.newPage();
      await page.goto(`${origin}/sweep?a=1545&b=1550`);
      const readouts = await page.locator("output").allInnerTexts();
      const { levels, start_nm, sampling_pm } = await (await fetch(`${api}detector/trace/data`)).json();
      const levelAt = (nm: number) =>
        levels[Math.round((nm - start_nm) * 1000 / sampling_pm)].toFixed(2).replace("-", "−");
      assert.deepEqual(readouts, [`1545.000 nm: ${levelAt(1545)} dB`, `1550.000 nm: ${levelAt(1550)} dB`]);
      await page.getByLabel("To, nm").fill("1640");
      await page.getByLabel("Speed, nm/s").fill("5");
      await page.getByRole("button", { name: "Start the sweep" }).click();
      await page.getByRole("button", { name: "Abort the sweep" }).click();
      assert.match(await page.locator(".done").innerText(), /The sweep was aborted/);
      await until("the end", async () => {
        await page.goto(`${origin}/sweep`);
        return (await page.locator("main").innerText()).includes("Aborted");
      });
      await context.close();
    },
  );

  for (const path of ["/lasers", "/sweep"]) {
    await step(
      `${path} is valid HTML without a style attribute, and accessible in light and dark`,
      async () => {
        const html = await (await fetch(origin + path)).text();
        assert.doesNotMatch(html, / style=/);
        const report = await new HtmlValidate({
          extends: ["html-validate:standard", "html-validate:a11y"],
          rules: { "meta-refresh": "off" },
        }).validateString(html);
        assert.deepEqual(
          report.results.flatMap(({ messages }) =>
            messages.map(({ message, ruleId }) => `${message} (${ruleId})`)
          ),
          [],
        );
        for (const colorScheme of ["light", "dark"] as const) {
          const context = await browser.newContext({ colorScheme });
          const page = await context.newPage();
          await page.goto(origin + path);
          // At once: a laser that a sweep left on may change its card at any moment.
          await page.locator("details").evaluateAll((all) =>
            all.forEach((details) => details.setAttribute("open", ""))
          );
          await isClean(page);
          await context.close();
        }
      },
    );
  }
});

Deno.test("where viewers have tokens, the form of /login lets them in, and only operators get forms that change something", async () => {
  const viewerSecret = "a-viewer-secret-of-32-characters!";
  await using lightline = await startLightline({ VIEWER_SECRET: viewerSecret });
  await using browser = await launchBrowser();
  for (const role of ["viewer", "operator"] as const) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${lightline.origin}/lasers`);
    await page.getByLabel("Token").fill(signToken(viewerSecret, role, Date.now() + 60_000, "ada"));
    await page.getByRole("button", { name: "Log in" }).click();
    await until("the lasers", async () => {
      if (await page.locator(".laser").count() === 10) return true;
      await page.goto(`${lightline.origin}/lasers`);
      return false;
    }, { timeoutMs: 15_000 });
    assert.equal(await page.locator(".laser form").count(), role === "operator" ? 20 : 0);
    await page.goto(`${lightline.origin}/sweep`);
    assert.equal(
      await page.getByRole("button", { name: "Start the sweep" }).count(),
      role === "operator" ? 1 : 0,
    );
    await context.close();
  }
});
