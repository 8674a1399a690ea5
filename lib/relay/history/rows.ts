// A reading as a row of the history, and back. Not here: which rows there are (history.ts).

import type { SQLInputValue } from "node:sqlite";
import { channels, type Flag, type Reading } from "../../protocol/mod.ts";

/** The table. */
export const readingSchema = `
  CREATE TABLE IF NOT EXISTS reading (
    module INTEGER NOT NULL, seq INTEGER NOT NULL, timestamp REAL NOT NULL, wavelength_nm REAL NOT NULL,
    milliwatt INTEGER NOT NULL, ch1 REAL, ch2 REAL, ch3 REAL, ch4 REAL, flags INTEGER NOT NULL,
    PRIMARY KEY (module, seq)) STRICT, WITHOUT ROWID;
`;

/** Inserts {@linkcode rowOf}. */
export const insertReading = "INSERT INTO reading VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

// `flags` holds two bits for each channel: 0 none, then these from 1.
const flagNames = ["under_range", "over_range", "invalid"] as const satisfies readonly Flag[];

/** A row as SQLite gives it. */
export interface Row {
  readonly module: number;
  readonly seq: number;
  readonly timestamp: number;
  readonly wavelength_nm: number;
  readonly milliwatt: number;
  readonly ch1: number | null;
  readonly ch2: number | null;
  readonly ch3: number | null;
  readonly ch4: number | null;
  readonly flags: number;
}

/** What {@linkcode insertReading} takes. */
export function rowOf(item: Reading, seq: number): SQLInputValue[] {
  return [
    item.module,
    seq,
    item.timestamp,
    item.wavelength_nm,
    item.unit === "mW" ? 1 : 0,
    item.ch1_power,
    item.ch2_power,
    item.ch3_power,
    item.ch4_power,
    item.flags === undefined ? 0 : bitsOf(item.flags),
  ];
}

/** The reading of a row. */
export function readingOf(row: Row): Reading {
  const { timestamp, module, wavelength_nm, milliwatt, ch1, ch2, ch3, ch4, flags } = row;
  return {
    timestamp,
    module,
    wavelength_nm,
    unit: milliwatt ? "mW" : "dBm",
    ch1_power: ch1,
    ch2_power: ch2,
    ch3_power: ch3,
    ch4_power: ch4,
    ...(flags === 0 ? {} : { flags: flagsOf(flags) }),
  };
}

/** Rows of the whole table. It is STRICT: SQLite holds each to these types, and a schema would take most of a replay's time. */
export function rows(found: Iterable<unknown>): Iterable<Row> {
  return found as Iterable<Row>;
}

function bitsOf(flags: NonNullable<Reading["flags"]>): number {
  return channels.reduce((sum, channel, index) => {
    const flag = flags[channel];
    return sum | (flag ? flagNames.indexOf(flag) + 1 : 0) << (2 * index);
  }, 0);
}

function flagsOf(bits: number): NonNullable<Reading["flags"]> {
  const flags: NonNullable<Reading["flags"]> = {};
  for (const [index, channel] of channels.entries()) {
    const flag = flagNames[(bits >> (2 * index) & 3) - 1];
    if (flag) flags[channel] = flag;
  }
  return flags;
}
