// Readings that can be told apart by their time.

import type { Reading } from "../../lib/protocol/mod.ts";
import { readingAt } from "../support/reading.ts";

const start = Math.floor(Date.now() / 1000) - 60;

/** The `i`-th reading, taken in the last minute. */
export function readingNumber(i: number): Reading {
  return readingAt(start + i / 1000);
}

/** Which reading that was. */
export function indexOf({ timestamp }: { readonly timestamp: number }): number {
  return Math.round((timestamp - start) * 1000);
}
