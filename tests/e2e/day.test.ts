// A page that is left open for a day of its own clock, and cut off every hour, holds what it held at the start.

import assert from "node:assert/strict";
import type { Page, WebSocketRoute } from "playwright-core";
import { startLightline } from "../support/lightline.ts";
import { startProxy } from "../support/proxy.ts";
import { until } from "../support/until.ts";
import { launchBrowser } from "./browser.ts";
import { lostNothing, openDashboard } from "./dashboard.ts";
import { countTimers, fillNumberTables, type Footprint, footprintOf } from "./footprint.ts";
import { receiptOn } from "./receipt.ts";
import { history } from "./viewer.ts";

/** What the megabyte that a page holds may grow by in a day: it varies by 1 KB from hour to hour, its least by much less. */
const toleranceBytes = 2 * 1024;
/** A page has four more or four less, by what it shows: one for each hour between the halves of the day is too many. */
const toleranceNodes = 12;
/** Many, so that whatever is kept of each shows. */
const readingsPerSecond = 50;
/** The last minute of a sparkline is full, and so is the black box. */
const fullAfterReadings = 61 * readingsPerSecond;

Deno.test("a day under hourly cuts: objects, listeners, nodes and timers as at the start", async () => {
  await using lightline = await startLightline({ METER_HZ: `${readingsPerSecond}` });
  const { origin, port } = lightline;
  await until("readings", async () => (await history(origin)).length > 20);
  await using proxy = startProxy(port);
  await using browser = await launchBrowser();
  let pings = 0;
  // A day's pings within minutes are more than the relay allows: they are answered on their way.
  const answerPings = (socket: WebSocketRoute) => {
    const relay = socket.connectToServer();
    socket.onMessage((text) => {
      if (!String(text).includes('"ping"')) return relay.send(text);
      pings++;
      socket.send('{"type":"pong"}');
    });
  };
  const prepare = async (page: Page) => {
    await page.clock.install();
    await countTimers(page);
    await page.routeWebSocket(/\/ws\//, answerPings);
  };
  await using dashboard = await openDashboard(
    browser,
    `http://127.0.0.1:${proxy.port}/modules/4`,
    {},
    prepare,
  );
  const { page } = dashboard;
  const devtools = await page.context().newCDPSession(page);
  const pass = (ms: number) => page.clock.fastForward(ms);
  await dashboard.badgeSays(/^Live$/);

  const cuts = [
    () => proxy.cut(),
    async () => {
      proxy.become({ type: "refuse" });
      for (let tries = 0; tries < 20; tries++) await pass(5_000);
    },
    async () => {
      proxy.become({ type: "refuse_upgrades", status: 403 });
      proxy.cut();
      await until("the page to poll", async () => {
        await pass(2_000);
        return await dashboard.badge() === "Polling";
      });
    },
    () =>
      page.evaluate(() => {
        for (const type of ["pagehide", "pageshow"]) {
          dispatchEvent(new PageTransitionEvent(type, { persisted: true }));
        }
      }),
  ];

  /** An hour with its 118 pings, one of the cuts, and the recovery. */
  async function liveAnHour(hour: number): Promise<Footprint> {
    for (let heartbeats = 0; heartbeats < 118; heartbeats++) {
      const before = pings;
      await pass(30_100);
      await until("a ping", () => pings > before, { everyMs: 2 });
    }
    await cuts[hour % cuts.length]?.();
    proxy.become({ type: "pass" });
    await until("the page to be back", async () => {
      await pass(1_000);
      return await dashboard.badge() === "Live";
    }, { timeoutMs: 20_000 });
    return await footprintOf(page, devtools);
  }

  let hour = 0;
  while (hour % cuts.length !== 0 || !((await receiptOn(page)).arrived > fullAfterReadings)) {
    await liveAnHour(hour++);
  }
  await fillNumberTables(page);
  const footprints: Footprint[] = [];
  for (let i = 0; i < 24; i++) footprints.push(await liveAnHour(hour++));

  const start = least(footprints.slice(0, 12));
  const end = least(footprints.slice(-12));
  const seen = Deno.inspect(footprints);
  assert.deepEqual([end.listeners, end.timers], [start.listeners, start.timers], seen);
  assert.ok(end.nodes - start.nodes < toleranceNodes, seen);
  assert.ok(end.heldBytes - start.heldBytes < toleranceBytes, seen);
  assert.ok(start.listeners > 10 && start.timers >= 3, `nothing was counted: ${Deno.inspect(start)}`);
  await lostNothing(origin, dashboard);
  assert.deepEqual(dashboard.complaints, []);
});

/** The least of each figure: what a moment holds beyond it is on its way to be let go. */
function least(footprints: readonly Footprint[]): Footprint {
  const of = (pick: (footprint: Footprint) => number) => Math.min(...footprints.map(pick));
  return {
    heldBytes: of(({ heldBytes }) => heldBytes),
    listeners: of(({ listeners }) => listeners),
    nodes: of(({ nodes }) => nodes),
    timers: of(({ timers }) => timers),
  };
}
