// The pages themselves: valid, and complete without JavaScript.

import assert from "node:assert/strict";
import { HtmlValidate } from "html-validate";
import { startLightline } from "../support/lightline.ts";
import { stepsOf } from "../support/steps.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { openDashboard } from "./dashboard.ts";
import { history } from "./viewer.ts";

const livePages = ["/", "/modules/4", "/modules/4?range=1h&unit=mW", "/status"] as const;
const pagesWithoutIslands = ["/no/such/page", "/modules/9", "/login", "/docs"] as const;
const pages = [...livePages, ...pagesWithoutIslands];

Deno.test("the pages of a running Lightline", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const { origin } = lightline;
  const step = stepsOf(t);
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
  }

  for (const path of pagesWithoutIslands) {
    await step(`${path}, which has no island, ships no script`, async () => {
      const html = await (await fetch(origin + path)).text();
      assert.doesNotMatch(html, /<script|modulepreload/);
      await using dashboard = await openDashboard(browser, origin + path);
      assert.deepEqual(dashboard.requests.filter((url) => /\.m?js\b/.test(url)), []);
    });
  }

  await step("a page that is asked for what it does not take says so, and blames nobody", async () => {
    for (
      const [method, path] of [["POST", "/"], ["PUT", "/lasers"], ["GET", "/logout"], [
        "POST",
        "/styles.css",
      ]] as const
    ) {
      const answer = await fetch(origin + path, { method, headers: { origin } });
      assert.equal(answer.status, 405);
      const html = await answer.text();
      assert.match(html, /This address does not take that/);
      assert.ok(html.includes(method) && !/failed/.test(html), html);
    }
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
});
