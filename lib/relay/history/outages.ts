// What was wrong with each stream, and when: the names of the gaps in a plot, kept with the readings.

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { z } from "zod";
import { type FaultSource, faultSource } from "../../protocol/mod.ts";
import type { Stream } from "../fanout/stream.ts";

const schema = `
  CREATE TABLE IF NOT EXISTS outage (
    module INTEGER NOT NULL, since_s REAL NOT NULL, until_s REAL NOT NULL, source TEXT NOT NULL, message TEXT NOT NULL,
    PRIMARY KEY (module, since_s)) STRICT, WITHOUT ROWID;
`;

const row = z.object({
  since_s: z.number(),
  until_s: z.number(),
  source: faultSource,
  message: z.string(),
});

/** A fault that was, or still is. */
export interface Outage {
  /** Unix seconds. */
  readonly since: number;
  /** Unix seconds; of a fault that still is, when it was last seen. */
  readonly until: number;
  readonly source: FaultSource;
  readonly message: string;
}

/** The faults of all streams of one history. */
export class Outages {
  readonly #write: StatementSync;
  readonly #overlapping: StatementSync;
  readonly #forget: StatementSync;
  readonly #end: StatementSync;
  #watched = false;

  /** Adds its table to the history's database. */
  constructor(database: DatabaseSync) {
    database.exec(schema);
    this.#write = database.prepare(
      "INSERT INTO outage VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET until_s = excluded.until_s",
    );
    this.#overlapping = database.prepare(
      "SELECT since_s, until_s, source, message FROM outage WHERE module = ? AND until_s > ? AND since_s < ? ORDER BY since_s DESC LIMIT 1000",
    );
    this.#end = database.prepare("SELECT max(until_s) AS until_s FROM outage WHERE module = ?");
    this.#forget = database.prepare("DELETE FROM outage WHERE module = ? AND until_s < ?");
  }

  /** Writes down what is wrong now; called once a second. Faults that ended before `nowMs - ageMs` are forgotten. */
  watch(streams: readonly Stream[], nowMs: number, ageMs: number): void {
    for (const { module, newest, fault } of streams) {
      if (newest === null) continue;
      if (!this.#watched) {
        const lastSeen = Math.max(newest.timestamp, Number(this.#end.get(module)?.["until_s"] ?? 0));
        this.#add(module, lastSeen, nowMs / 1000, "relay", "The relay did not run.");
      }
      if (fault) this.#add(module, Date.parse(fault.since) / 1000, nowMs / 1000, fault.source, fault.message);
      this.#forget.run(module, (nowMs - ageMs) / 1000);
    }
    this.#watched = true;
  }

  /** Faults of a module between two times (Unix seconds), the newest 1,000 at most. */
  between(module: number, from: number, to: number): Outage[] {
    return this.#overlapping.all(module, from, to).map((found) => {
      const { since_s, until_s, source, message } = row.parse(found);
      return { since: since_s, until: until_s, source, message };
    });
  }

  #add(module: number, since: number, until: number, source: FaultSource, message: string): void {
    if (until > since) this.#write.run(module, since, until, source, message);
  }
}
