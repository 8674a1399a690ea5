// That everything can be read: with large text on a phone, in trouble, on paper, and in forced colours.

import assert from "node:assert/strict";
import type { Page } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";
import { pageStates } from "./states.ts";
import { history } from "./viewer.ts";

/** What reaches out of the window on its right, or out of its card. */
const cutOff = (page: Page) =>
  page.evaluate(() => {
    const { clientWidth } = document.documentElement;
    const right = (element: Element) => {
      if (element.matches("input, select, button")) return element.getBoundingClientRect().right;
      const range = document.createRange();
      range.selectNodeContents(element);
      return range.getBoundingClientRect().right;
    };
    return [...document.querySelectorAll("body *")].filter((element) => {
      const card = element.closest(".channel, .card, .laser, .box, td");
      const edge = Math.min(clientWidth, card?.getBoundingClientRect().right ?? clientWidth);
      const isText = element.childElementCount === 0 && !element.closest(".skip, .spoken, svg");
      return isText && right(element) > edge + 1;
    }).map((element) => element.outerHTML.slice(0, 80));
  });

Deno.test("the layout of the pages", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const step = stepsOf(t);
  await until("readings", async () => (await history(origin)).length > 20);
  await until(
    "the lasers",
    async () => (await (await fetch(`${origin}/lasers`)).text()).includes('class="laser"'),
  );

  await step("text of twice the size is whole on a phone", async () => {
    for (const width of [320, 390]) {
      for (const path of ["/", "/modules/4", "/status", "/lasers", "/sweep", "/login"]) {
        await using dashboard = await openDashboard(browser, origin + path, {
          viewport: { width, height: 640 },
        });
        await dashboard.page.evaluate(() => {
          const sheet = new CSSStyleSheet();
          sheet.replaceSync(":root { font-size: 32px }");
          document.adoptedStyleSheets = [sheet];
        });
        assert.deepEqual(await cutOff(dashboard.page), [], `${path} at ${width} px`);
      }
    }
  });

  await step("the reason of a trouble is whole, and covers no link that cannot be scrolled out", async () => {
    const { prepare, badge } = pageStates.find(({ name }) => name === "polling") ?? {};
    assert.ok(badge);
    for (const width of [320, 390, 1280]) {
      await using dashboard = await openDashboard(
        browser,
        origin,
        { viewport: { width, height: 640 } },
        prepare,
      );
      await dashboard.badgeSays(badge);
      const why = dashboard.page.locator(".why");
      const cut = () =>
        why.evaluate((why) => [why.scrollHeight - why.clientHeight, why.scrollWidth - why.clientWidth]);
      assert.deepEqual(await cut(), [0, 0], `at ${width} px`);
      const covered = await dashboard.page.evaluate(() => {
        scrollTo(0, document.documentElement.scrollHeight);
        return [...document.querySelectorAll(".foot a")].filter((link) => {
          const { left, top } = link.getClientRects()[0] ?? { left: 0, top: 0 };
          return document.elementFromPoint(left + 2, top + 2) !== link;
        }).length;
      });
      assert.equal(covered, 0, `at ${width} px`);
    }
  });

  await step("no cell of the status page runs over the next", async () => {
    for (const width of [700, 768]) {
      await using dashboard = await openDashboard(browser, `${origin}/status`, {
        viewport: { width, height: 640 },
      });
      assert.deepEqual(await cutOff(dashboard.page), [], `at ${width} px`);
    }
  });

  await step("on paper a page says of which day and second it is", async () => {
    await using dashboard = await openDashboard(browser, origin);
    const printed = dashboard.page.locator(".printed");
    assert.equal(await printed.isVisible(), false);
    await dashboard.page.emulateMedia({ media: "print" });
    assert.ok(await printed.isVisible());
    assert.match(await printed.innerText(), /^Page of \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/);
  });

  await step("in forced colours the badge keeps its shape", async () => {
    await using dashboard = await openDashboard(browser, origin, { forcedColors: "active" });
    const [shape, ground] = await dashboard.page.locator(".badge").evaluate((badge) =>
      [getComputedStyle(badge, "::before"), getComputedStyle(badge)].map(({ backgroundColor }) =>
        backgroundColor
      )
    );
    assert.notEqual(shape, ground);
  });
});
