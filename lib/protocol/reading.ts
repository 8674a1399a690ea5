// A reading: one module's four channels at one instant, as the agent sends it, the relay keeps it and viewers see it.

import { z } from "zod";
import { parseCursor } from "./cursor.ts";

/** A detector module's slot in the platform, 1 to 20. */
export const moduleNumber = z.number().int().min(1, "is not 1 to 20").max(20, "is not 1 to 20");

/** Why a channel has no number. */
export const flag = z.enum(["under_range", "over_range", "invalid"]);

/** Unix seconds: the end of the year 9999, the last one that ISO 8601 writes with four digits. */
export const latestTimestamp = 253_402_300_799;

const power = z.number().nullable();

const readingShape = {
  /** Unix seconds with a fraction: when the instrument answered. */
  timestamp: z.number().positive().max(latestTimestamp, "is after the year 9999: Unix seconds are meant"),
  module: moduleNumber,
  wavelength_nm: z.number().positive(),
  unit: z.enum(["dBm", "mW"]),
  ch1_power: power,
  ch2_power: power,
  ch3_power: power,
  ch4_power: power,
  /** One entry for each channel whose power is null. */
  flags: z.strictObject({ ch1: flag, ch2: flag, ch3: flag, ch4: flag }).partial().optional(),
};

/** A reading as an agent sends it: the relay adds `type` and `cursor`. */
export const reading = z.strictObject(readingShape);

/** A cursor in its text form. */
export const cursorText = z.string().refine(
  (text) => parseCursor(text) !== null,
  "is not a cursor (<epoch>-<seq>)",
);

const bounds = z.strictObject({ ch1: z.number(), ch2: z.number(), ch3: z.number(), ch4: z.number() })
  .partial();

/**
 * A reading as viewers get it. `conflated`: how many readings were folded into this one, which is the last of them;
 * `min` and `max` are then each channel's extremes, in the reading's unit.
 */
export const data = z.strictObject({
  type: z.literal("data"),
  ...readingShape,
  cursor: cursorText,
  conflated: z.number().int().min(2).optional(),
  min: bounds.optional(),
  max: bounds.optional(),
});

/** See {@linkcode flag}. */
export type Flag = z.infer<typeof flag>;
/** See {@linkcode reading}. */
export type Reading = z.infer<typeof reading>;
/** See {@linkcode data}. */
export type Data = z.infer<typeof data>;
