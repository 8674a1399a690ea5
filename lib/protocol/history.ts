// The answer of `GET /api/v1/history`: a stretch of one module's history in so many columns, for plots.

import { z } from "zod";
import { cursorText, moduleNumber } from "./reading.ts";

const powers = z.array(z.number().nullable());

/** One channel in each column, in dBm: the least, the greatest and the last power; null where it has no number there. */
export const trace = z.strictObject({ min: powers, max: powers, last: powers });

/** Who was at fault while nothing was recorded; `expired`: older than the history; `unknown`: nobody said anything. */
export const gapReason = z.enum(["instrument", "agent", "relay", "expired", "unknown"]);

/** A stretch without a reading. */
export const gap = z.strictObject({
  /** Unix seconds of the last reading before it, or where the stretch that was asked for begins. */
  from: z.number(),
  /** Unix seconds of the first reading after it, or the end of what was asked for. */
  to: z.number(),
  reason: gapReason,
  /** The reason in words. */
  message: z.string(),
});

/** Columns are as wide as `column_s`; one without a reading is left out, so `time` says when each of them begins. */
export const envelope = z.strictObject({
  module: moduleNumber,
  from: z.number(),
  to: z.number(),
  column_s: z.number().positive(),
  unit: z.literal("dBm"),
  /** Unix seconds, ascending. */
  time: z.array(z.number()),
  ch1: trace,
  ch2: trace,
  ch3: trace,
  ch4: trace,
  /** Ascending; neighbours closer than a column are one. */
  gaps: z.array(gap),
  /** The newest reading that was looked at; null where the module has no history. */
  cursor: cursorText.nullable(),
});

/** See {@linkcode trace}. */
export type EnvelopeTrace = z.infer<typeof trace>;
/** See {@linkcode gapReason}. */
export type GapReason = z.infer<typeof gapReason>;
/** See {@linkcode gap}. */
export type Gap = z.infer<typeof gap>;
/** See {@linkcode envelope}. */
export type Envelope = z.infer<typeof envelope>;
