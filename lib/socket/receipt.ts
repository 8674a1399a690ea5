// The delivery receipt of an open page, from the sequence numbers: "12,345 of 12,345 readings, 3 replayed, 0 missing".

import type { FeedCounters } from "./feed.ts";

/** What a page got of what there was for it. */
export interface Receipt {
  /** Readings that arrived, one by one or folded into others. */
  readonly arrived: number;
  /** Readings that there were for this page, thinned out ones aside: `arrived` and `missing`. */
  readonly expected: number;
  /** Of the arrived ones, those that came late: replayed after a cut, or polled. */
  readonly replayed: number;
  /** Readings that never came. */
  readonly missing: number;
}

/** Draws up the receipt of a feed. */
export function receiptOf(counters: FeedCounters): Receipt {
  const { received, folded, replayed, polled, missing } = counters;
  const arrived = received + folded;
  return { arrived, expected: arrived + missing, replayed: replayed + polled, missing };
}
