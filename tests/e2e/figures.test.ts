// What Lighthouse would say of the pages, measured by ourselves: the first paint, layout shift, the work of an open page, and
// the bytes that it costs to get there.

import assert from "node:assert/strict";
import { brotliCompressSync } from "node:zlib";
import type { BrowserContextOptions, Page, Response, Route } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";
import { history } from "./viewer.ts";

const scriptBudgetBytes = 12 * 1024;

const screens: Readonly<Record<string, BrowserContextOptions>> = {
  "a wide screen": { viewport: { width: 1280, height: 800 } },
  "a phone": { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true },
};

/** What the browser did on its main thread; of a layout, whether it began below the page's root. */
interface TraceEvent {
  readonly name: string;
  readonly args: { readonly beginData?: { readonly partialLayout?: boolean } };
}

declare global {
  /** Put into the page by {@linkcode watchShifts}. */
  var layoutShifts: { readonly value: number; readonly what: string }[];
}

/** Notes every layout shift, whether somebody touched the page before it or not. */
const watchShifts = (page: Page) =>
  page.addInitScript(() => {
    interface LayoutShift extends PerformanceEntry {
      readonly value: number;
      readonly sources: readonly { readonly node: Node | null }[];
    }
    globalThis.layoutShifts = [];
    new PerformanceObserver((list) => {
      for (const { value, sources } of list.getEntries() as LayoutShift[]) {
        const what = sources.map(({ node }) => node instanceof Element ? node.outerHTML.slice(0, 80) : "");
        globalThis.layoutShifts.push({ value, what: what.join(" | ") });
      }
    }).observe({ type: "layout-shift", buffered: true });
  });

Deno.test("the figures of the pages", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const step = stepsOf(t);
  await until("readings", async () => (await history(origin)).length > 20);

  for (const [screen, options] of Object.entries(screens)) {
    await step(`on ${screen} the first paint has the numbers, before any script has come`, async () => {
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const held: Route[] = [];
      await page.route("**/*.js", (route) => void held.push(route));
      await page.goto(origin, { waitUntil: "commit" });
      await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint").length > 0);
      const powers = page.locator(".channel .power .number");
      assert.equal(await powers.count(), 4);
      for (const power of await powers.all()) {
        assert.match(await power.innerText(), /^\u2212?\d+\.\d\d$/);
        assert.ok(await power.isVisible());
      }
      const { y = Infinity, height = 0 } = await powers.first().boundingBox() ?? {};
      assert.ok(y + height < (options.viewport?.height ?? 0), "a number has to be seen without scrolling");
      assert.ok(held.length > 0, "no script was held back");
      assert.match(await page.locator(".badge").innerText(), /^Page of/);
      for (const route of held) await route.continue();
      await until("a live page", async () => await page.locator(".badge").innerText() === "Live");
      await context.close();
    });

    for (const path of ["/", "/modules/4", "/status", "/lasers", "/sweep"]) {
      await step(
        `on ${screen} nothing on ${path} moves: not when islands start, not with readings`,
        async () => {
          await using dashboard = await openDashboard(browser, origin + path, options, watchShifts);
          const { page, cursors } = dashboard;
          if (await page.locator(".badge").count() > 0) await dashboard.badgeSays(/^Live$/);
          if (path === "/") await until("two seconds of readings", () => cursors.length > 20);
          const shifts = await page.evaluate(() =>
            new Promise<typeof globalThis.layoutShifts>((resolve) =>
              // an entry comes with the frame after its shift
              requestAnimationFrame(() => setTimeout(() => resolve(globalThis.layoutShifts)))
            )
          );
          assert.deepEqual(shifts, []);
        },
      );
    }
  }

  await step(
    "a reading lays out the numbers that it changes, once, and no other part of an open dashboard",
    async () => {
      await using dashboard = await openDashboard(browser, origin);
      const { page, cursors } = dashboard;
      await dashboard.badgeSays(/^Live$/);
      await browser.startTracing(page, { categories: ["devtools.timeline"] });
      const [heard, startedAtMs] = [cursors.length, Date.now()];
      await until("thirty readings", () => cursors.length > heard + 30);
      const [readings, seconds] = [cursors.length - heard, (Date.now() - startedAtMs) / 1000];
      const trace: { readonly traceEvents: readonly TraceEvent[] } = JSON.parse(
        (await browser.stopTracing()).toString(),
      );
      const layouts = trace.traceEvents.filter(({ name }) => name === "Layout");
      const styles = trace.traceEvents.filter(({ name }) => name === "UpdateLayoutTree");
      // ages and plots are drawn anew once a second; the words of a plot's range may need another width
      const ticks = seconds + 2;
      assert.ok(
        layouts.length > readings / 2,
        `${layouts.length} layouts were measured, of ${readings} readings`,
      );
      assert.ok(layouts.length <= readings + ticks, `${layouts.length} layouts for ${readings} readings`);
      const whole = layouts.filter(({ args }) => args.beginData?.partialLayout === false);
      assert.ok(whole.length <= ticks, `${whole.length} of ${layouts.length} layouts were of the whole page`);
      // an animation that runs would ask for sixty a second
      assert.ok(styles.length <= 2 * (readings + ticks), `${styles.length} updates of style`);
    },
  );

  await step("the dashboard's JavaScript is at most 12 KB as it comes over the wire, brotli", async () => {
    const context = await browser.newContext();
    const page = await context.newPage();
    const scripts: Response[] = [];
    page.on("response", (response) => {
      if (response.request().resourceType() === "script") scripts.push(response);
    });
    await page.goto(origin);
    await until("a live page", async () => await page.locator(".badge").innerText() === "Live");
    const inline = await page.locator("script:not([src]):not([type='application/json'])").allTextContents();
    const sizes = new Map(
      inline.map((text, i) => [`inline script ${i + 1}`, brotliCompressSync(text).length]),
    );
    for (const script of scripts) {
      assert.equal(await script.headerValue("content-encoding"), "br", script.url());
      sizes.set(script.url(), (await script.request().sizes()).responseBodySize);
    }
    const total = [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
    assert.ok(total > 5000, `a live page was not measured right: ${Deno.inspect(sizes)}`);
    assert.ok(total <= scriptBudgetBytes, `${total} bytes: ${Deno.inspect(sizes)}`);
    await context.close();
  });
});
