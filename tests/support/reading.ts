// A reading, for tests and benchmarks.

import type { Reading } from "../../lib/protocol/mod.ts";

/** A reading of module 4 at `timestamp` (Unix seconds). */
export function readingAt(timestamp: number, more: Partial<Reading> = {}): Reading {
  return {
    timestamp,
    module: 4,
    wavelength_nm: 1310,
    unit: "dBm",
    ch1_power: -17.85,
    ch2_power: -21.56,
    ch3_power: 6.94,
    ch4_power: -60.12,
    ...more,
  };
}

/** `count` readings from `from` (Unix seconds), `hz` a second. */
export function readingsFrom(from: number, count: number, hz = 10): Reading[] {
  return Array.from({ length: count }, (_, index) => readingAt(from + index / hz));
}
