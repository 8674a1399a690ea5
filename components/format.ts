// How values are written for people. Pure; the same on the server and in a browser.

import type { Data, Flag } from "../lib/protocol/mod.ts";
import { inUnit } from "./series.ts";

const minus = "\u2212";

/** A power with its resolution: hundredths of a dB, or four significant digits of a milliwatt. Without the unit. */
export function formatPower(power: number, unit: Data["unit"]): string {
  const tiny = power !== 0 && Math.abs(power) < 0.001;
  const text = unit === "dBm" ? power.toFixed(2) : tiny ? power.toExponential(3) : power.toPrecision(4);
  return text.replace("-", minus);
}

/** The same of a power in dBm. */
export function formatDbm(dbm: number, unit: Data["unit"]): string {
  return formatPower(inUnit(dbm, unit), unit);
}

/** Why a channel shows no number. */
export function formatFlag(flag: Flag = "invalid"): string {
  return flag.replace("_", " ");
}

/** An age in words; coarser as it grows, and never flickering below a second. */
export function formatAge(ageMs: number): string {
  return ageMs < 1000 ? "less than 1 s ago" : `${formatDuration(ageMs)} ago`;
}

/** A duration in its two largest units. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  if (hours > 0) return `${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** Hours, minutes and seconds in UTC: a laboratory's pages do not change with the reader's time zone. */
export function formatClock(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(11, 19)} UTC`;
}
