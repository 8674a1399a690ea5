// From which sequence number to which each module's stream is held. The last ones number the next readings, whether the
// database has them already or the journal alone.

import type { DatabaseSync } from "node:sqlite";
import type { Marks } from "./journal.ts";

/** The sequence numbers that a module's stream holds; 0 and -1 around an empty one would lie, so there is none then. */
export interface Extent {
  readonly first: number;
  readonly last: number;
}

/** The extents of all modules, by module. */
export class Extents implements Iterable<readonly [module: number, Extent]> {
  readonly #extents = new Map<number, Extent>();

  /** Of the readings in a database that is open. */
  constructor(database: DatabaseSync) {
    // One aggregate to a query: SQLite scans the whole table for two of them.
    const first = database.prepare("SELECT min(seq) AS seq FROM reading WHERE module = ?");
    const last = database.prepare("SELECT max(seq) AS seq FROM reading WHERE module = ?");
    for (let module = 1; module <= 20; module++) {
      const [from, to] = [first.get(module)?.["seq"], last.get(module)?.["seq"]];
      if (typeof from === "number" && typeof to === "number") {
        this.#extents.set(module, { first: from, last: to });
      }
    }
  }

  [Symbol.iterator](): Iterator<readonly [number, Extent]> {
    return this.#extents.entries();
  }

  /** What a module's stream holds; null where it has never held a reading. */
  of(module: number): Extent | null {
    return this.#extents.get(module) ?? null;
  }

  /** The last sequence number of a module; 0 where there is none. */
  lastOf(module: number): number {
    return this.#extents.get(module)?.last ?? 0;
  }

  /** How many readings all modules hold. */
  count(): number {
    let count = 0;
    for (const { first, last } of this.#extents.values()) count += last - first + 1;
    return count;
  }

  /** One reading more: returns its sequence number. */
  extend(module: number): number {
    const { first, last } = this.#extents.get(module) ?? { first: 1, last: 0 };
    this.#extents.set(module, { first, last: last + 1 });
    return last + 1;
  }

  /** A module begins with the sequence number `first` now. */
  begin(module: number, first: number): void {
    this.#extents.set(module, { first, last: this.lastOf(module) });
  }

  /** The last sequence number of each module that has one. */
  marks(): Marks {
    return Object.fromEntries(Array.from(this.#extents, ([module, { last }]) => [module, last]));
  }

  /** Whether everything is held that `marks` speak of. */
  reach(marks: Marks): boolean {
    return Object.entries(marks).every(([module, last]) => last <= this.lastOf(Number(module)));
  }
}
