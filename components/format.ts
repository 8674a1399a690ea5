// How values are written for people. Pure; the same on the server and in a browser.

import type { Data, Flag } from "../lib/protocol/mod.ts";

const minus = "\u2212";

/** A power with its resolution: hundredths of a dB, or four significant digits of a milliwatt. Without the unit. */
export function formatPower(power: number, unit: Data["unit"]): string {
  const text = unit === "dBm" ? power.toFixed(2) : milliwatts(power);
  return text.replace("-", minus);
}

function milliwatts(power: number): string {
  return power !== 0 && Math.abs(power) < 0.001 ? power.toExponential(3) : power.toPrecision(4);
}

const flagWords: Readonly<Record<Flag, string>> = {
  under_range: "under range",
  over_range: "over range",
  invalid: "invalid",
};

/** Why a channel shows no number. */
export function formatFlag(flag: Flag | undefined): string {
  return flagWords[flag ?? "invalid"];
}

/** An age in words; coarser as it grows, and never flickering below a second. */
export function formatAge(ageMs: number): string {
  return ageMs < 1000 ? "less than 1 s ago" : `${formatDuration(ageMs)} ago`;
}

/** A duration in its two largest units. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.floor(durationMs / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${Math.floor(seconds / 60) % 60} min`;
  return `${Math.floor(seconds / 86_400)} d ${Math.floor(seconds / 3600) % 24} h`;
}

/** Hours, minutes and seconds in UTC: a laboratory's pages do not change with the reader's time zone. */
export function formatClock(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(11, 19)} UTC`;
}
