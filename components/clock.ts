// The clock that readings are stamped with, as an open page knows it: the browser's own, less what that is ahead.

import type { Data } from "../lib/protocol/mod.ts";

/** The wall clock and the page's own go together to less than this, unless one is set or sleep stops the other. */
const togetherMs = 1000;
/** So many readings at once are history. */
const historyLeast = 50;

/** See {@linkcode readingClock}. */
export interface ReadingClock {
  /** Unix milliseconds. */
  now(): number;
  /** Learns from readings that came just now. */
  hear(readings: readonly Data[]): void;
}

/** The clock of a page that the server has rendered at `renderedAtMs` by that clock. */
export function readingClock(renderedAtMs: number): ReadingClock {
  const apart = () => Date.now() - performance.now();
  let aheadMs = Date.now() - renderedAtMs;
  let apartMs = apart();
  // a page that "Back" took from a cache may be of any age: until a reading comes, the two clocks are taken for one
  if (performance.navigation.type === 2) aheadMs = apartMs = 0;
  return {
    now: () => Date.now() - aheadMs,
    hear(readings) {
      if (Math.abs(apart() - apartMs) > togetherMs && readings.length < historyLeast) {
        apartMs = apart();
        aheadMs = Infinity;
      }
      // a reading cannot be younger than nothing: the least distance seen is the clocks' difference
      aheadMs = Math.min(aheadMs, Date.now() - readings.at(-1)!.timestamp * 1000);
    },
  };
}
