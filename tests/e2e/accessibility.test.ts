// The pages for people who do not see them, or not well, or who use no mouse: in every state of the connection.

import assert from "node:assert/strict";
import { AxeBuilder } from "@axe-core/playwright";
import type { Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { startProxy } from "../support/proxy.ts";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";
import { controls, tabThrough } from "./keyboard.ts";
import { announcements, watchAnnouncements } from "./live_regions.ts";
import { pageStates } from "./states.ts";
import { history } from "./viewer.ts";

const livePages = ["/", "/modules/4?range=1m", "/status"] as const;
const instrumentPages = ["/lasers", "/sweep"] as const;
const staticPages = ["/login", "/docs", "/no/such/page", "/modules/9"] as const;
const allPages = [...livePages, ...instrumentPages, ...staticPages];

/** What axe finds, in light and in dark. */
async function violations(page: Page): Promise<readonly string[]> {
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page })
      .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
      .analyze();
    found.push(
      ...violations.map(({ id, nodes }) =>
        `${colorScheme}: ${id}: ${nodes.map(({ html }) => html).join(" ")}`
      ),
    );
  }
  return found;
}

/** By how much the page is wider than the narrowest screen that it must fit (WCAG 2.2, 1.4.10 Reflow), in CSS pixels. */
async function overflow(page: Page): Promise<number> {
  await page.setViewportSize({ width: 320, height: 640 });
  return await page.evaluate(() => document.documentElement.scrollWidth - 320);
}

Deno.test("the pages are accessible", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const step = stepsOf(t);
  await until("readings", async () => (await history(origin)).length > 20);

  for (const { name, badge, prepare } of pageStates) {
    await step(`no violation while ${name}, light and dark`, async () => {
      for (const path of livePages) {
        await using dashboard = await openDashboard(browser, origin + path, {}, prepare);
        await dashboard.badgeSays(badge);
        assert.deepEqual(await violations(dashboard.page), [], path);
        assert.equal(await overflow(dashboard.page), 0, `${path} has to be scrolled sideways`);
        // Between two countdowns there is an attempt.
        await dashboard.badgeSays(badge);
      }
    });
  }

  await step("no violation on pages without a stream, light and dark", async () => {
    for (const path of [...instrumentPages, ...staticPages]) {
      await using dashboard = await openDashboard(browser, origin + path);
      assert.deepEqual(await violations(dashboard.page), [], path);
    }
  });

  for (const path of allPages) {
    await step(
      `the keyboard alone reaches every control of ${path}, in order, and shows where it is`,
      async () => {
        const disconnected = pageStates.find(({ name }) => name === "disconnected");
        await using dashboard = await openDashboard(browser, origin + path, {}, disconnected?.prepare);
        const { page } = dashboard;
        if (livePages.some((live) => live === path)) await dashboard.badgeSays(/^Disconnected$/);
        await page.evaluate(() =>
          document.querySelectorAll("details").forEach((details) => details.open = true)
        );
        const wanted = await controls(page);
        assert.ok(wanted.length > 0, "a page without any control was not measured right");
        const reached = await tabThrough(page, wanted.length);
        assert.deepEqual(reached.map(({ control }) => control), wanted);
        assert.deepEqual(reached.filter(({ visible }) => !visible), []);
      },
    );
  }

  await step(
    "who wants less motion sees none: numbers turn grey, and nothing else changes by itself",
    async () => {
      for (const path of allPages) {
        await using dashboard = await openDashboard(browser, origin + path, { reducedMotion: "reduce" });
        if (livePages.some((live) => live === path)) await dashboard.badgeSays(/^Live$/);
        const moving = await dashboard.page.evaluate(() =>
          document.getAnimations().flatMap(({ effect }) =>
            effect instanceof KeyframeEffect
              ? effect.getKeyframes().flatMap((frame) => Object.keys(frame))
              : ["unknown"]
          ).filter((property) =>
            !["color", "offset", "easing", "composite", "computedOffset"].includes(property)
          )
        );
        assert.deepEqual(moving, [], path);
        const { page } = dashboard;
        assert.equal(
          await page.evaluate(() => getComputedStyle(document.documentElement).scrollBehavior),
          "auto",
        );
      }
    },
  );

  await step(
    "ten seconds of readings are announced by nothing",
    async () => {
      const pages = await Promise.all(
        [...livePages, ...instrumentPages].map((path) =>
          openDashboard(browser, origin + path, {}, watchAnnouncements)
        ),
      );
      for (const [index, dashboard] of pages.entries()) {
        if (index < livePages.length) await dashboard.badgeSays(/^Live$/);
      }
      const before = await Promise.all(pages.map(({ page }) => announcements(page)));
      const startedAtMs = Date.now();
      await until("ten seconds", () => Date.now() - startedAtMs > 10_000, { timeoutMs: 11_000 });
      for (const [index, { page }] of pages.entries()) {
        assert.deepEqual((await announcements(page)).slice(before[index]?.length), [], page.url());
        assert.equal(await page.locator("[role=alert], [role=log], [aria-live=assertive]").count(), 0);
      }
      for (const dashboard of pages) await dashboard[Symbol.asyncDispose]();
    },
  );

  await step("a cut is announced in one word, once, however long its countdown counts", async () => {
    await using proxy = startProxy(lightline.port);
    await using dashboard = await openDashboard(
      browser,
      `http://127.0.0.1:${proxy.port}`,
      {},
      watchAnnouncements,
    );
    await dashboard.badgeSays(/^Live$/);
    const before = await announcements(dashboard.page);
    proxy.become({ type: "refuse" });
    await dashboard.badgeSays(/^Reconnecting 3\/10, in \d+ s$/);
    assert.deepEqual((await announcements(dashboard.page)).slice(before.length), ["Reconnecting"]);
    proxy.become({ type: "pass" });
    await dashboard.badgeSays(/^Live$/);
    const words = (await announcements(dashboard.page)).slice(before.length).join();
    assert.match(words, /^Reconnecting,(Polling,)?Live$/);
  });

  // Last, because they stop what the others read.
  await step(
    "no violation while the instrument is silent, light and dark; and it is announced once",
    async () => {
      await lightline.signal("simulator", "SIGSTOP");
      try {
        for (const path of livePages) {
          await using dashboard = await openDashboard(browser, origin + path, {}, watchAnnouncements);
          await dashboard.badgeSays(/^Live$/);
          await until(
            "the trouble",
            async () => await dashboard.page.getByText(/does not answer/).count() > 0,
          );
          assert.deepEqual(await violations(dashboard.page), [], path);
        }
      } finally {
        await lightline.signal("simulator", "SIGCONT");
      }
    },
  );

  await step("no violation while the agent is gone, light and dark", async () => {
    // While start is held nobody brings the agent back.
    await lightline.signal("start", "SIGSTOP");
    try {
      await lightline.signal("agent", "SIGKILL");
      for (const path of livePages) {
        await using dashboard = await openDashboard(browser, origin + path);
        await dashboard.badgeSays(/^Live$/);
        await until("the trouble", async () => await dashboard.page.getByText(/agent/).count() > 0);
        assert.deepEqual(await violations(dashboard.page), [], path);
      }
    } finally {
      await lightline.signal("start", "SIGCONT");
    }
  });
});
