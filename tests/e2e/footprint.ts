// What an open page holds: heap, listeners, nodes and timers, as the browser counts them after a collection.

import type { CDPSession, Page } from "playwright-core";

/** What a page holds. */
export interface Footprint {
  readonly heapBytes: number;
  readonly listeners: number;
  readonly nodes: number;
  /** Timeouts and intervals that wait. */
  readonly timers: number;
}

declare global {
  /** Put into the page by {@linkcode countTimers}. */
  var waitingTimers: Set<unknown>;
}

/** Counts the page's timers from its first script on. After `page.clock.install()`, which has timers of its own. */
export const countTimers = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const waiting = globalThis.waitingTimers = new Set();
    const { setTimeout, setInterval, clearTimeout, clearInterval } = globalThis;
    const waits = <Id>(id: Id): Id => {
      waiting.add(id);
      return id;
    };
    Object.assign(globalThis, {
      setTimeout: (run: () => void, ms?: number) => {
        const id = setTimeout(() => {
          waiting.delete(id);
          run();
        }, ms);
        return waits(id);
      },
      setInterval: (run: () => void, ms?: number) => waits(setInterval(run, ms)),
      clearTimeout: (id?: number) => clearTimeout(waiting.delete(id) ? id : undefined),
      clearInterval: (id?: number) => clearInterval(waiting.delete(id) ? id : undefined),
    });
  });

/** Collects garbage, and counts what is left. */
export async function footprintOf(page: Page, devtools: CDPSession): Promise<Footprint> {
  // A second collection takes what finalizers of the first let go.
  for (let i = 0; i < 2; i++) await devtools.send("HeapProfiler.collectGarbage");
  const { usedSize } = await devtools.send("Runtime.getHeapUsage");
  const { jsEventListeners, nodes } = await devtools.send("Memory.getDOMCounters");
  const timers = await page.evaluate(() => globalThis.waitingTimers.size);
  return { heapBytes: usedSize, listeners: jsEventListeners, nodes, timers };
}
