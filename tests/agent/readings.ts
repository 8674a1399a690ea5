// Readings that can be told apart by their time.

import type { Reading } from "../../lib/protocol/mod.ts";

const start = Math.floor(Date.now() / 1000) - 60;

/** The `i`-th reading, taken in the last minute. */
export function readingAt(i: number): Reading {
  return {
    timestamp: start + i / 1000,
    module: 4,
    wavelength_nm: 1310,
    unit: "dBm",
    ch1_power: -17.85,
    ch2_power: -21.56,
    ch3_power: 6.94,
    ch4_power: -60.12,
  };
}

/** Which reading that was. */
export function indexOf({ timestamp }: { readonly timestamp: number }): number {
  return Math.round((timestamp - start) * 1000);
}
