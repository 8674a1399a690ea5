// The readings of a plot as columns: from the server's envelope, with every later reading put in as it comes. Pure but for
// `Series`, which grows in place: it is redrawn many times a second.

import { channels } from "../lib/protocol/browser.ts";
import type { Data, Envelope, Gap, GapReason } from "../lib/protocol/mod.ts";

/** Readings further apart than this have a gap between them, as the relay has it (`silenceS`). */
const gapS = 3;

type Powers = (number | null)[];

/** One channel, a value for each column, in dBm. */
export interface SeriesTrace {
  readonly min: Powers;
  readonly max: Powers;
  readonly last: Powers;
}

/** Columns of `columnS` seconds; `time` says when each of them begins, Unix seconds, ascending. */
export interface Series {
  readonly columnS: number;
  readonly time: number[];
  readonly traces: readonly SeriesTrace[];
  readonly gaps: Gap[];
  /** Unix seconds of the newest reading. */
  newestS: number;
}

/** A range that a plot can show. */
export interface Range {
  readonly name: string;
  readonly seconds: number;
  readonly words: string;
}

const usual: Range = { name: "10m", seconds: 600, words: "10 min" };

/** The ranges, shortest first. */
export const ranges: readonly Range[] = [
  { name: "1m", seconds: 60, words: "1 min" },
  usual,
  { name: "1h", seconds: 3600, words: "1 h" },
  { name: "6h", seconds: 6 * 3600, words: "6 h" },
  { name: "24h", seconds: 24 * 3600, words: "24 h" },
];

/** The range of that name; ten minutes for any other. */
export function rangeNamed(name: string | null): Range {
  return ranges.find((range) => range.name === name) ?? usual;
}

/** A unit that powers are shown in. */
export type Unit = Data["unit"];

/** A power in dBm in another unit: 1 mW is 0 dBm (ITU-T G.100.1, dBm). */
export function inUnit(dbm: number, unit: Unit): number {
  return unit === "dBm" ? dbm : 10 ** (dbm / 10);
}

/** The series of an envelope. A gap at its end is left out: whether it is one, the next reading says. */
export function seriesOf(envelope: Envelope): Series {
  const { column_s, time, gaps, to } = envelope;
  const open = gaps.at(-1)?.to === to ? gaps.at(-1) : undefined;
  return {
    columnS: column_s,
    time: [...time],
    traces: channels.map((channel) => {
      const { min, max, last } = envelope[channel];
      return { min: [...min], max: [...max], last: [...last] };
    }),
    gaps: open ? gaps.slice(0, -1) : [...gaps],
    // without a gap at its end the newest reading is not older than a gap would be
    newestS: open?.from ?? (time.length > 0 ? to : 0),
  };
}

/** Puts a reading in; `reason` is what was last known to be wrong, for the gap before it, if there is one. */
export function addReading(series: Series, reading: Data, reason: GapReason, message: string): void {
  const { columnS, time, traces, gaps } = series;
  const { timestamp, unit } = reading;
  const last = time.at(-1);
  if (series.newestS > 0 && timestamp - series.newestS > gapS) {
    gaps.push({ from: series.newestS, to: timestamp, reason, message });
  }
  series.newestS = Math.max(series.newestS, timestamp);
  if (last !== undefined && timestamp < last) return;
  const starts = last === undefined ? timestamp : last + Math.floor((timestamp - last) / columnS) * columnS;
  const fresh = starts !== last;
  if (fresh) time.push(starts);
  const at = time.length - 1;
  for (const [index, channel] of channels.entries()) {
    const trace = traces[index];
    if (trace === undefined) continue;
    const power = inDbm(reading[`${channel}_power`], unit);
    trace.min[at] = fresh ? power : lesser(trace.min[at] ?? null, power);
    trace.max[at] = fresh ? power : greater(trace.max[at] ?? null, power);
    trace.last[at] = power;
  }
}

/** Drops what is older than `fromS`, but for one column, so that lines run out of the plot on its left. */
export function dropBefore({ time, traces, gaps }: Series, fromS: number): void {
  const kept = time.findIndex((at) => at >= fromS);
  const count = (kept < 0 ? time.length : kept) - 1;
  if (count > 0) {
    time.splice(0, count);
    for (const { min, max, last } of traces) for (const powers of [min, max, last]) powers.splice(0, count);
  }
  while (gaps[0] && gaps[0].to < fromS) gaps.shift();
}

/** The least and the greatest power of a channel; null where it has none. */
export function extremes({ min, max }: SeriesTrace): { readonly low: number; readonly high: number } | null {
  let [low, high] = [Infinity, -Infinity];
  for (const power of min) if (power !== null && power < low) low = power;
  for (const power of max) if (power !== null && power > high) high = power;
  return low <= high ? { low, high } : null;
}

/** A power in any unit in dBm; null where there is none, or less than nothing. */
export function inDbm(power: number | null, unit: Unit): number | null {
  if (power === null || unit === "dBm") return power;
  return power > 0 ? 10 * Math.log10(power) : null;
}

function lesser(a: number | null, b: number | null): number | null {
  return a === null || b === null ? a ?? b : Math.min(a, b);
}

function greater(a: number | null, b: number | null): number | null {
  return a === null || b === null ? a ?? b : Math.max(a, b);
}

/** A gap of a plot; `awaited`: it lasts, and what was recorded in it may still come. */
export interface PlotGap extends Omit<Gap, "reason"> {
  readonly reason: GapReason | "awaited";
}

const causes: Readonly<Record<PlotGap["reason"], string>> = {
  instrument: "the instrument did not answer",
  agent: "the agent was not connected",
  relay: "the relay did not run",
  expired: "older than the history",
  unknown: "nothing was recorded",
  awaited: "not received here yet",
};

/** Why there is a gap, in few words. */
export function causeOf({ reason }: Pick<PlotGap, "reason">): string {
  return causes[reason];
}

/** A time of a plot: the day is said where the plot is longer than twelve hours. */
export function formatTime(timeS: number, rangeS: number): string {
  const text = new Date(timeS * 1000).toISOString();
  return rangeS > 12 * 3600 ? `${text.slice(0, 10)} ${text.slice(11, 16)} UTC` : `${text.slice(11, 19)} UTC`;
}

/** From when to when a gap is; the day only once where it is the same. */
export function formatSpan({ from, to }: Pick<PlotGap, "from" | "to">, rangeS: number): string {
  const [start, end] = [formatTime(from, rangeS), formatTime(to, rangeS)];
  const sameDay = start.length > 12 && start.slice(0, 10) === end.slice(0, 10);
  return `${start.replace(" UTC", "")} to ${sameDay ? end.slice(11) : end}`;
}

/** Where the readings of a stretch can be had as CSV. */
export function exportAddress(module: number, fromS: number, toS: number): string {
  return `/api/v1/history.csv?module=${module}&from=${fromS.toFixed(3)}&to=${toS.toFixed(3)}`;
}
