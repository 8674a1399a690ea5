// How far the readings of each run of a station's agent are stored: what is sent again is known by that. The newest run
// of each station is at hand; what has changed is written with the readings. Not here: the transaction (history.ts).

import type { DatabaseSync, StatementSync } from "node:sqlite";

const schema = `
  CREATE TABLE IF NOT EXISTS boot (
    station TEXT NOT NULL, boot TEXT NOT NULL, through INTEGER NOT NULL, stored_ms INTEGER NOT NULL,
    PRIMARY KEY (station, boot)) STRICT, WITHOUT ROWID;
`;

// An agent that comes back after this long with a batch that was stored before would store it again.
const memoryMs = 7 * 24 * 3600 * 1000;

/** One run of a station's agent. */
export interface Boot {
  readonly station: string;
  readonly boot: string;
  /** The last sequence number that is stored; null where none is. */
  through: number | null;
  /** When that was stored, Unix milliseconds. */
  storedMs: number;
}

/** The runs of all stations' agents. */
export class Boots {
  readonly #newest = new Map<string, Boot>();
  /** What the database does not know yet. */
  readonly #changed = new Set<Boot>();
  readonly #find: StatementSync;
  readonly #write: StatementSync;
  readonly #forget: StatementSync;

  /** In a database that is open. */
  constructor(database: DatabaseSync) {
    database.exec(schema);
    this.#find = database.prepare("SELECT through, stored_ms FROM boot WHERE station = ? AND boot = ?");
    this.#write = database.prepare(
      "INSERT INTO boot VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET through = excluded.through, stored_ms = excluded.stored_ms",
    );
    this.#forget = database.prepare("DELETE FROM boot WHERE stored_ms < ?");
  }

  /** Whether the database does not know everything yet. */
  get changed(): boolean {
    return this.#changed.size > 0;
  }

  /** The run `boot` of a station. */
  of(station: string, boot: string): Boot {
    const newest = this.#newest.get(station);
    if (newest?.boot === boot) return newest;
    const found = this.#changed.values().find((other) => other.station === station && other.boot === boot) ??
      this.#stored(station, boot);
    this.#newest.set(station, found);
    return found;
  }

  /** More of a run is stored. */
  advance(boot: Boot, through: number, nowMs: number): void {
    boot.through = through;
    boot.storedMs = nowMs;
    this.#changed.add(boot);
  }

  /** Takes over the newest runs of another history. */
  adopt(other: Boots): void {
    for (const boot of other.#newest.values()) {
      if (boot.through === null) continue;
      this.#newest.set(boot.station, boot);
      this.#changed.add(boot);
    }
  }

  /** Writes what has changed, within a transaction of the caller's. */
  write(): void {
    for (const { station, boot, through, storedMs } of this.#changed) {
      this.#write.run(station, boot, through, Math.floor(storedMs));
    }
  }

  /** What {@linkcode Boots.write} wrote is committed. */
  written(): void {
    this.#changed.clear();
  }

  /** Forgets the runs of which nothing was stored for `ageMs`, but no younger ones than a week. */
  forget(nowMs: number, ageMs: number): void {
    this.#forget.run(Math.floor(nowMs - Math.max(ageMs, memoryMs)));
  }

  #stored(station: string, boot: string): Boot {
    const { through, stored_ms } = this.#find.get(station, boot) ?? {};
    return {
      station,
      boot,
      through: typeof through === "number" ? through : null,
      storedMs: Number(stored_ms ?? 0),
    };
  }
}
