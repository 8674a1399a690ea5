// The message that comes a hundred times a second, checked by hand at a tenth of zod's price. It accepts nothing that
// the schema refuses (a test holds the two together); what it does not accept is the schema's to judge, and to put into
// words.

import {
  channels,
  type Flag,
  latestSequence,
  latestTimestamp,
  type Reading,
  type Readings,
  uplinkFrameLimit,
} from "../../protocol/mod.ts";

type Fields = Readonly<Record<string, unknown>>;

/** `value`, which `JSON.parse` made, as readings; null where only the schema can tell. */
export function asReadings(value: unknown): Readings | null {
  return isReadings(value) ? value : null;
}

function isReadings(value: unknown): value is Readings {
  if (!isObject(value)) return false;
  const { type, boot, first, items } = value;
  return type === "readings" &&
    typeof boot === "string" && bootPattern.test(boot) &&
    isWhole(first) && first >= 1 && first <= latestSequence &&
    Array.isArray(items) && items.length >= 1 && items.length <= uplinkFrameLimit && items.every(isReading) &&
    fieldCount(value) === 4;
}

function isReading(value: unknown): value is Reading {
  if (!isObject(value)) return false;
  const { timestamp, module, wavelength_nm, unit, ch1_power, ch2_power, ch3_power, ch4_power, flags } = value;
  return isFinite(timestamp) && timestamp > 0 && timestamp <= latestTimestamp &&
    isWhole(module) && module >= 1 && module <= 20 &&
    isFinite(wavelength_nm) && wavelength_nm > 0 &&
    (unit === "dBm" || unit === "mW") &&
    isPower(ch1_power) && isPower(ch2_power) && isPower(ch3_power) && isPower(ch4_power) &&
    (flags === undefined ? fieldCount(value) === 8 : isFlags(flags) && fieldCount(value) === 9);
}

const bootPattern = /^[0-9a-z]{8,32}$/;
const channelNames: ReadonlySet<string> = new Set(channels);
const flagNames: ReadonlySet<unknown> = new Set<Flag>(["under_range", "over_range", "invalid"]);

function isFlags(value: unknown): value is Reading["flags"] {
  if (!isObject(value)) return false;
  for (const name in value) if (!channelNames.has(name) || !flagNames.has(value[name])) return false;
  return true;
}

function isPower(value: unknown): value is number | null {
  return value === null || isFinite(value);
}

// JSON has no infinity, but 1e999 is read as one.
function isFinite(value: unknown): value is number {
  return Number.isFinite(value);
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function fieldCount(value: Fields): number {
  let count = 0;
  for (const _ in value) count += 1;
  return count;
}
