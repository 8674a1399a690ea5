// Readings as the relay sends them, for tests.

import type { Data } from "../../../lib/protocol/mod.ts";
import { readingAt } from "../../support/reading.ts";

export const epoch = "abcdefgh";

/** The `seq`-th reading of module 4, 10 readings a second. */
export function reading(seq: number, changes: Partial<Data> = {}): Data {
  return {
    type: "data",
    ...readingAt(1_700_000_000 + seq / 10),
    ch4_power: null,
    flags: { ch4: "under_range" },
    cursor: `${epoch}-${seq}`,
    ...changes,
  };
}

/** Readings `first` to `last`. */
export function readings(first: number, last: number): Data[] {
  return Array.from({ length: last - first + 1 }, (_, index) => reading(first + index));
}

/** The sequence numbers of readings. */
export function sequence(batch: readonly Data[]): number[] {
  return batch.map(({ cursor }) => Number(cursor.split("-")[1]));
}
