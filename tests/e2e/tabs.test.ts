// Several tabs of one browser on the running system: one socket, whichever of them leaves, and every reading in each.

import assert from "node:assert/strict";
import type { BrowserContext, Page } from "playwright-core";
import { type Lightline, startLightline } from "../support/lightline.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { receiptOn } from "./receipt.ts";

/** Sockets of power streams that are open at the relay. */
async function openSockets({ origin }: Lightline): Promise<number> {
  const text = await (await fetch(`${origin}/metrics`)).text();
  const sum = (name: string) =>
    [...text.matchAll(new RegExp(`^${name}\\{endpoint="power"[^}]*\\} (\\d+)`, "gm"))]
      .reduce((all, [, value]) => all + Number(value), 0);
  return sum("lightline_connections_opened_total") - sum("lightline_connections_closed_total");
}

async function openTab(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await says(page, "Live");
  return page;
}

function says(page: Page, words: string): Promise<unknown> {
  return page.waitForFunction((words) => document.querySelector(".badge")?.textContent === words, words);
}

/** Waits until the page's numbers have changed, and says how long the longest pause between two changes was. */
function longestPause(page: Page, duringMs: number): Promise<number> {
  return page.evaluate((duringMs) =>
    new Promise<number>((resolve) => {
      let at = performance.now();
      const begin = at;
      let longest = 0;
      const look = new MutationObserver(() => {
        longest = Math.max(longest, performance.now() - at);
        at = performance.now();
        if (at - begin < duringMs) return;
        look.disconnect();
        resolve(longest);
      });
      look.observe(document.querySelector("main")!, { subtree: true, characterData: true });
    }), duringMs);
}

async function missedNothing(page: Page): Promise<void> {
  const receipt = await until("a receipt of fifty readings", async () => {
    const figures = await receiptOn(page);
    return figures.arrived > 50 && figures;
  });
  assert.deepEqual([receipt.missing, receipt.expected - receipt.arrived], [0, 0]);
}

Deno.test("tabs", async (t) => {
  await using lightline = await startLightline();
  await using browser = await launchBrowser();
  const module = `${lightline.origin}/modules/4`;

  const inTabs = (name: string, fn: (context: BrowserContext, tabs: readonly Page[]) => Promise<void>) =>
    t.step({
      name,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        await using context = await browser.newContext();
        const tabs = [];
        for (const url of [lightline.origin, module, module]) tabs.push(await openTab(context, url));
        assert.equal(await openSockets(lightline), 1);
        await fn(context, tabs);
        await context.close();
        await until("no socket", async () => await openSockets(lightline) === 0);
      },
    });

  /** The leader goes; the others hardly notice, and share one socket again. */
  const leaves = (how: string, go: (leader: Page, context: BrowserContext) => Promise<unknown>) =>
    inTabs(
      `the leading tab ${how}: the others go on in under a second, on one socket`,
      async (context, tabs) => {
        const [leader, ...others] = tabs;
        const pauses = others.map((page) => longestPause(page, 2_500));
        await go(leader!, context);
        for (const pause of await Promise.all(pauses)) assert.ok(pause < 1_000, `${pause} ms`);
        for (const page of others) {
          await says(page, "Live");
          await missedNothing(page);
        }
        await until("one socket", async () => await openSockets(lightline) === 1);
      },
    );

  await leaves("is closed", (leader) => leader.close());
  await leaves("goes elsewhere", (leader) => leader.goto("about:blank"));
  await leaves("crashes", async (leader, context) => {
    const session = await context.newCDPSession(leader);
    session.send("Page.crash").catch(() => {});
    await until("the crash", () => new Promise((resolve) => leader.once("crash", () => resolve(true))));
  });
  await leaves("is frozen", async (leader, context) => {
    const session = await context.newCDPSession(leader);
    await session.send("Page.setWebLifecycleState", { state: "frozen" });
  });

  await inTabs(
    "a relay that is killed: every tab says Live again, on one socket, and misses nothing",
    async (_, tabs) => {
      await lightline.signal("relay", "SIGKILL");
      for (const page of tabs) {
        await page.waitForFunction(() => document.querySelector(".badge")?.textContent !== "Live");
      }
      for (const page of tabs) await says(page, "Live");
      for (const page of tabs.slice(1)) await missedNothing(page);
      assert.equal(await openSockets(lightline), 1);
    },
  );

  await inTabs(
    "a tab that goes elsewhere and comes back is live again, on the one socket",
    async (_, [page]) => {
      await page!.goto(`${lightline.origin}/no/such/page`);
      await page!.goBack();
      await says(page!, "Live");
      assert.equal(await openSockets(lightline), 1);
    },
  );

  await t.step("the lamp above the dashboard goes on and off with the lasers, without a reload", async () => {
    await using context = await browser.newContext();
    const page = await openTab(context, lightline.origin);
    const lamp = page.locator("#lamp");
    assert.equal(await lamp.isVisible(), false);
    const turn = async (to: "on" | "off") =>
      await (await fetch(`${lightline.origin}/api/v1/rlaser/3/${to}`, { method: "POST" })).body?.cancel();
    await turn("on");
    await until("the lamp", async () => /^Laser 3 .* is on$/.test(await lamp.innerText()));
    await turn("off");
    await until("the dark", async () => !await lamp.isVisible());
  });
});
