// Which readings are too old. Timestamps are the agents' clocks', and now is this relay's: either may be wrong, so that a
// reading from further ahead than the history reaches back says nothing of its own age. It came before those behind it, and
// is too old when one of them is.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Extent } from "./extents.ts";

/** How far the oldest readings of a module have been looked at, and the last of these that is too old. */
interface Looked {
  readonly seen: number;
  readonly old: number;
}

const nothing: Looked = { seen: 0, old: 0 };

/** The ages of readings in a database. */
export class Ages {
  readonly #looked = new Map<number, Looked>();
  readonly #select: StatementSync;

  /** In a database that is open. */
  constructor(database: DatabaseSync) {
    this.#select = database.prepare(
      "SELECT seq, timestamp FROM reading WHERE module = ? AND seq > ? AND seq < ? ORDER BY seq LIMIT ?",
    );
  }

  /**
   * The sequence number from which on a module's readings are to be kept, at most `limit` above the first and never above
   * the last: from that one the numbering goes on after a restart.
   */
  keepFrom(module: number, { first, last }: Extent, nowMs: number, ageMs: number, limit: number): number {
    const before = this.#looked.get(module) ?? nothing;
    let { seen, old } = before.seen + 1 < last ? before : nothing;
    for (const { seq, timestamp } of this.#select.iterate(module, seen, last, limit)) {
      const aheadMs = Number(timestamp) * 1000 - nowMs;
      if (Math.abs(aheadMs) <= ageMs) break;
      seen = Number(seq);
      if (aheadMs < 0) old = seen;
    }
    this.#looked.set(module, { seen, old });
    return Math.max(first, Math.min(old + 1, first + limit));
  }
}
