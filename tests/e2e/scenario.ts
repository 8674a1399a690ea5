// What the scenarios share: a page that is reached through a proxy, and what has to be true of it before, during and after trouble.

import assert from "node:assert/strict";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import type { Lightline } from "../support/lightline.ts";
import { type Proxy, startProxy } from "../support/proxy.ts";
import { until } from "../support/until.ts";
import { type Dashboard, lostNothing, openDashboard } from "./dashboard.ts";

/** One scenario's page. */
export type Scenario = (dashboard: Dashboard, proxy: Proxy) => Promise<void>;

/** How a scenario's page is opened. */
export interface Opening {
  readonly options?: BrowserContextOptions;
  /** Changes the browser before the page's first script. */
  readonly prepare?: (page: Page) => Promise<unknown>;
}

/** Plays scenarios as steps of a test, each with a page and a proxy of its own, in front of one running system. */
export function stage(t: Deno.TestContext, browser: Browser, { port }: Lightline) {
  return (name: string, play: Scenario, { options = {}, prepare }: Opening = {}) =>
    t.step({
      name,
      sanitizeOps: false,
      sanitizeResources: false,
      fn: async () => {
        await using proxy = startProxy(port);
        await using dashboard = await openDashboard(
          browser,
          `http://127.0.0.1:${proxy.port}`,
          options,
          prepare,
        );
        await play(dashboard, proxy);
        assert.deepEqual(dashboard.complaints, []);
      },
    });
}

/** Gives the page a clock that a test can move. */
export const withClock: Opening = { prepare: (page) => page.clock.install() };

/** How often something stands in a list. */
export const count = (list: readonly string[], what: string) => list.filter((item) => item === what).length;

/** How many streams of readings the page asked for. */
export const sockets = ({ requests }: Dashboard) =>
  requests.filter((url) => url.includes("/ws/v2/power")).length;

/** How often the page polled. */
export const polls = ({ requests }: Dashboard) =>
  requests.filter((url) => url.includes("/api/v1/readings?")).length;

/** The button that tries again at once. */
export const retryButton = ({ page }: Dashboard) => page.getByRole("button", { name: "Retry now" });

/** Makes the tab hidden or visible; a headless tab is never really hidden. */
export const show = (page: Page, state: "hidden" | "visible") =>
  page.evaluate((state) => {
    Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
    Object.defineProperty(document, "hidden", { value: state === "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, state);

/** Waits until the page is live and has had some readings. */
export async function isLive(dashboard: Dashboard): Promise<void> {
  await dashboard.badgeSays(/^Live$/);
  const heard = dashboard.cursors.length;
  await until("readings", () => dashboard.cursors.length > heard + 5);
}

/** The trouble as the page tells it: a cause in words, a countdown of the attempts that goes down, and a button. */
export async function tellsTrouble(dashboard: Dashboard, attempts = /\d+/): Promise<void> {
  const counting = new RegExp(`^Reconnecting ${attempts.source}/10, in (\\d+) s$`);
  const seconds = async () => Number(counting.exec(await dashboard.badge())?.[1] ?? NaN);
  const first = await until(
    "a countdown of more than a second",
    async () => await seconds() > 1 && seconds(),
  );
  await until("less of it", async () => await seconds() < first);
  assert.match(await dashboard.page.locator(".why").innerText(), /\w+ .*\w+/);
  assert.ok(await retryButton(dashboard).isVisible());
  assert.equal((await dashboard.powers()).length, 4, "the last numbers stay, marked as old");
}

/** All is well again: live, every reading there and drawn, and no poll, button or excuse left over. */
export async function hasRecovered(dashboard: Dashboard, origin: string, timeoutMs = 15_000): Promise<void> {
  await dashboard.badgeSays(/^Live$/, timeoutMs);
  const [polled, heard] = [polls(dashboard), dashboard.cursors.length];
  await until("two seconds of readings", () => dashboard.cursors.length > heard + 20);
  assert.ok(polls(dashboard) - polled <= 1, "polling stops when the socket is there");
  await lostNothing(origin, dashboard);
  await until("a sparkline without a gap", async () => await dashboard.gaps() === 0);
  await until("a young age", async () => (await dashboard.freshness()).age === "less than 1 s ago");
  assert.equal(await retryButton(dashboard).count(), 0);
  assert.equal(await dashboard.page.locator(".why").count(), 0);
}
