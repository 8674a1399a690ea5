// Readings that the relay has not acknowledged yet, and their sequence numbers. Bounded: when it is full the oldest goes,
// and is counted. Here in memory; where SPOOL_DIR is set, the same interface over a file.

import type { Reading } from "../lib/protocol/mod.ts";

/** Readings with the sequence numbers `first`, `first + 1`, … of one boot. */
export interface Batch {
  /** From 1. */
  readonly first: number;
  /** At least one. */
  readonly items: readonly Reading[];
}

/** Keeps readings until they are acknowledged. */
export interface Spool {
  /** Takes a reading under the next sequence number of this run's boot. */
  append(reading: Reading): void;
  /** The boot whose readings are to be sent now: the oldest that has any, this run's where there are none. */
  currentBoot(): string;
  /** At most `limit` readings of `boot` after the sequence number `after`, without a gap; undefined where there are none. */
  batch(boot: string, after: number, limit: number): Batch | undefined;
  /** The relay has everything of `boot` up to `through`, and of the boots before it: forgets it. */
  acknowledge(boot: string, through: number): void;
  /** Readings that are kept. */
  readonly held: number;
  /** Readings that had to go before they were acknowledged. */
  readonly dropped: number;
  /** Ends its use. */
  close(): void;
}

/** A spool in memory for the run `boot`, of at most `limit` readings, the first of them with the number `first`. */
export function memorySpool(boot: string, limit: number, first = 1): Spool {
  const readings: Reading[] = [];
  let dropped = 0;
  const forget = (count: number) => {
    readings.splice(0, count);
    first += count;
  };
  return {
    append(reading) {
      readings.push(reading);
      if (readings.length <= limit) return;
      forget(1);
      dropped++;
    },
    currentBoot: () => boot,
    batch(of, after, most) {
      if (of !== boot) return undefined;
      const from = Math.max(0, after + 1 - first);
      const items = readings.slice(from, from + most);
      return items.length === 0 ? undefined : { first: first + from, items };
    },
    acknowledge(of, through) {
      if (of === boot) forget(Math.min(readings.length, Math.max(0, through + 1 - first)));
    },
    get held() {
      return readings.length;
    },
    get dropped() {
      return dropped;
    },
    close() {},
  };
}
