// The dashboard in a browser, as a test looks at it: what a person can read there, and what the page asked the network.

import assert from "node:assert/strict";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { until } from "../support/until.ts";
import { breaks, history } from "./viewer.ts";

/** An open dashboard. Disposing of it closes its browser context, or its tab of one. */
export interface Dashboard extends AsyncDisposable {
  readonly page: Page;
  /** Address of every request that the page made, sockets included. */
  readonly requests: readonly string[];
  /** What went wrong in the page: exceptions, and what the browser refused. */
  readonly complaints: readonly string[];
  /** Types of the messages that the page sent and got over its sockets, in their order. */
  readonly sent: readonly string[];
  readonly got: readonly string[];
  /** Cursors of the readings that came over sockets and polls, in their order. */
  readonly cursors: readonly string[];
  /** What the connection badge says: `Live`. */
  badge(): Promise<string>;
  /** Waits until the badge says this, and returns what it says. */
  badgeSays(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** The four channels' powers as they are written. */
  powers(): Promise<readonly string[]>;
  /** The first channel's age in words, and the colour of its number. */
  freshness(): Promise<{ readonly age: string; readonly colour: string }>;
  /** Unfilled gaps of the first channel's sparkline. */
  gaps(): Promise<number>;
}

/** Opens a page and waits until it is loaded; `prepare` may change the browser before the page's first script. */
export async function openDashboard(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  prepare: (page: Page) => Promise<unknown> = () => Promise.resolve(),
): Promise<Dashboard> {
  const context = await browser.newContext(options);
  return { ...await openTab(context, url, prepare), [Symbol.asyncDispose]: () => context.close() };
}

/** The same, as one more tab of a browser that is open. */
export async function openTab(
  context: BrowserContext,
  url: string,
  prepare: (page: Page) => Promise<unknown> = () => Promise.resolve(),
): Promise<Dashboard> {
  const page = await context.newPage();
  page.setDefaultTimeout(2000);
  const requests: string[] = [];
  const complaints: string[] = [];
  const cursors: string[] = [];
  const sent: string[] = [];
  const got: string[] = [];
  page.on("request", (request) => requests.push(request.url()));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    // A refused connection is what some tests are about; the page must live with it, the browser may say so.
    if (message.type() === "error" && !/net::ERR_|WebSocket connection|status of/.test(message.text())) {
      complaints.push(message.text());
    }
  });
  page.on("websocket", (socket) => {
    requests.push(socket.url());
    socket.on("framesent", ({ payload }) => sent.push(JSON.parse(String(payload)).type));
    socket.on("framereceived", ({ payload }) => {
      const message = JSON.parse(String(payload));
      got.push(message.type);
      cursors.push(...cursorsIn(message));
    });
  });
  page.on("response", async (response) => {
    if (!response.url().includes("/api/v1/readings") || response.status() !== 200) return;
    try {
      cursors.push(...cursorsIn(await response.json()));
    } catch {
      // The relay was killed, or the page closed, in the middle of this answer: the page did not get it either.
    }
  });
  await prepare(page);
  await page.goto(url, { timeout: 10_000 });

  const text = async (selector: string) =>
    (await page.locator(selector).first().innerText()).replaceAll(/\s+/g, " ").trim();
  const badge = () => text(".badge");
  return {
    page,
    requests,
    complaints,
    sent,
    got,
    cursors,
    badge,
    badgeSays: async (pattern, timeoutMs = 10_000) => {
      let said = "";
      await until(`the badge to say ${pattern}`, async () => pattern.test(said = await badge()), {
        timeoutMs,
      });
      return said;
    },
    powers: async () => await page.locator(".channel .power .number").allInnerTexts(),
    freshness: async () => ({
      age: await text(".channel .age"),
      colour: await page.locator(".channel .power").first().evaluate((element) =>
        getComputedStyle(element).color
      ),
    }),
    gaps: async () => {
      const path = await page.locator(".channel .sparkline path").first().getAttribute("d") ?? "";
      return path.split("M").length - 2;
    },
    [Symbol.asyncDispose]: () => page.close(),
  };
}

/** Asserts that the page got every reading of the history from the first that it got to the newest one of now. */
export async function lostNothing(origin: string, dashboard: Dashboard): Promise<void> {
  const [first] = dashboard.cursors;
  assert.ok(first);
  const all = await history(origin, first);
  assert.ok(all.length > 0, "nothing to compare");
  assert.deepEqual(breaks(all), []);
  const wanted = all.map(({ cursor }) => cursor);
  await until("the page to have the newest reading", () => dashboard.cursors.includes(wanted.at(-1) ?? ""));
  assert.deepEqual(wanted.filter((cursor) => !dashboard.cursors.includes(cursor)), []);
}

function cursorsIn(message: { readonly cursor?: string; readonly readings?: readonly { cursor: string }[] }) {
  if (message.readings !== undefined) return message.readings.map(({ cursor }) => cursor);
  return message.cursor === undefined ? [] : [message.cursor];
}
