// The pages themselves: valid, accessible, complete without JavaScript, and small.

import assert from "node:assert/strict";
import { brotliCompressSync } from "node:zlib";
import { AxeBuilder } from "@axe-core/playwright";
import { HtmlValidate } from "html-validate";
import type { Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";
import { history } from "./viewer.ts";

const livePages = ["/", "/modules/4", "/modules/4?range=1h&unit=mW", "/status"] as const;
const pagesWithoutIslands = ["/no/such/page", "/modules/9", "/login", "/docs"] as const;
const pages = [...livePages, ...pagesWithoutIslands];
const scriptBudgetBytes = 12 * 1024;

/** How the page is brought into each state of its connection, without touching the relay that other tests use. */
const states: Readonly<Record<string, (page: Page) => Promise<unknown>>> = {
  Polling: (page) => page.routeWebSocket(/./, (socket) => socket.close()),
  Reconnecting: (page) =>
    Promise.all([
      page.routeWebSocket(/./, (socket) => socket.close()),
      page.route("**/api/v1/readings**", (route) => route.abort()),
    ]),
  Disconnected: (page) =>
    page.routeWebSocket(/./, (socket) => socket.close({ code: 4403, reason: "not allowed" })),
};

async function violations(page: Page): Promise<readonly string[]> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

Deno.test("the pages of a running Lightline", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const step = (name: string, fn: () => Promise<void>) =>
    t.step({ name, fn, sanitizeOps: false, sanitizeResources: false });
  await until("readings", async () => (await history(origin)).length > 20);

  for (const path of pages) {
    await step(`${path} is valid HTML`, async () => {
      const html = await (await fetch(origin + path)).text();
      const report = await new HtmlValidate({
        extends: ["html-validate:standard", "html-validate:a11y"],
        // Without JavaScript the dashboard renews itself every 5 s, and says so by the clock in its badge.
        rules: { "meta-refresh": "off" },
      }).validateString(html);
      const messages = report.results.flatMap(({ messages }) =>
        messages.map(({ line, message, ruleId }) => `${line}: ${message} (${ruleId})`)
      );
      assert.deepEqual(messages, []);
    });

    for (const colorScheme of ["light", "dark"] as const) {
      await step(`${path} has no accessibility violation, ${colorScheme}`, async () => {
        await using dashboard = await openDashboard(browser, origin + path, { colorScheme });
        if (livePages.some((live) => live === path)) await dashboard.badgeSays(/^Live$/);
        assert.deepEqual(await violations(dashboard.page), []);
      });
    }
  }

  for (const [state, prepare] of Object.entries(states)) {
    await step(`the dashboard has no accessibility violation while ${state}, light and dark`, async () => {
      for (const colorScheme of ["light", "dark"] as const) {
        await using dashboard = await openDashboard(browser, origin, { colorScheme }, prepare);
        await dashboard.badgeSays(new RegExp(`^${state}`));
        assert.deepEqual(await violations(dashboard.page), []);
      }
    });
  }

  await step(
    "the keyboard alone reaches everything that can be clicked, in the order of the page",
    async () => {
      await using dashboard = await openDashboard(browser, origin, {}, states["Disconnected"]);
      await dashboard.badgeSays(/^Disconnected/);
      const clickable = await dashboard.page.locator("a, button").allInnerTexts();
      assert.ok(clickable.includes("Retry now"));
      const reached = [];
      for (const _ of clickable) {
        await dashboard.page.keyboard.press("Tab");
        reached.push(await dashboard.page.locator(":focus").innerText());
      }
      assert.deepEqual(reached, clickable);
    },
  );

  for (const path of pagesWithoutIslands) {
    await step(`${path}, which has no island, ships no script`, async () => {
      const html = await (await fetch(origin + path)).text();
      assert.doesNotMatch(html, /<script|modulepreload/);
      await using dashboard = await openDashboard(browser, origin + path);
      assert.deepEqual(dashboard.requests.filter((url) => /\.m?js\b/.test(url)), []);
    });
  }

  await step("the dashboard's JavaScript is at most 12 KB, brotli", async () => {
    const scripts = new Map<string, number>();
    const context = await browser.newContext();
    const page = await context.newPage();
    page.on("response", async (response) => {
      if (response.request().resourceType() !== "script") return;
      scripts.set(response.url(), 0);
      scripts.set(response.url(), brotliCompressSync(await response.body()).length);
    });
    await page.goto(origin);
    await until("a live page", async () => await page.locator(".badge").innerText() === "Live");
    const sizes = await until(
      "all scripts",
      () => [...scripts.values()].every((size) => size > 0) && [...scripts],
    );
    const total = sizes.reduce((sum, [, bytes]) => sum + bytes, 0);
    assert.ok(total > 1000, "a live page without JavaScript was not measured right");
    assert.ok(total <= scriptBudgetBytes, `${total} bytes: ${Deno.inspect(sizes)}`);
    await context.close();
  });

  await step(
    "without JavaScript the dashboard shows four values with their ages, and renews itself",
    async () => {
      await using dashboard = await openDashboard(browser, origin, { javaScriptEnabled: false });
      const before = await dashboard.powers();
      assert.equal(before.length, 4);
      assert.ok(before.every((power) => /^\u2212?\d+\.\d\d$/.test(power)), before.join(" "));
      assert.match((await dashboard.freshness()).age, /^(less than 1|\d+) s ago$/);
      assert.match(await dashboard.badge(), /^Page of \d\d:\d\d:\d\d UTC$/);
      const badge = await dashboard.badge();
      await until("the page to renew itself", async () => await dashboard.badge() !== badge, {
        timeoutMs: 8000,
      });
      assert.equal(await dashboard.page.locator(".sparkline path[d^=M]").count(), 4);
    },
  );

  await step("nothing moves when the islands start", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(origin);
    await until("a live page", async () => await page.locator(".badge").innerText() === "Live");
    const shift = await page.evaluate(() =>
      new Promise<number>((resolve) => {
        const sum = (entries: PerformanceEntryList) =>
          entries.reduce((total, entry) => total + ("value" in entry ? Number(entry.value) : 0), 0);
        new PerformanceObserver((list) => resolve(sum(list.getEntries())))
          .observe({ type: "layout-shift", buffered: true });
        // Without a shift the observer is never called.
        setTimeout(() => resolve(0), 500);
      })
    );
    assert.ok(shift < 0.01, `cumulative layout shift is ${shift}`);
    await context.close();
  });

  // Last, because it stops the instrument that the others read.
  await step("the notice of a silent instrument has no accessibility violation, light and dark", async () => {
    await lightline.signal("simulator", "SIGSTOP");
    try {
      for (const colorScheme of ["light", "dark"] as const) {
        await using dashboard = await openDashboard(browser, origin, { colorScheme });
        await until("the notice", async () => await dashboard.page.locator(".notice").count() > 0);
        assert.deepEqual(await violations(dashboard.page), []);
      }
    } finally {
      await lightline.signal("simulator", "SIGCONT");
    }
  });
});
