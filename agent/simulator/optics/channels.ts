// The fibres: how much of the light that is launched reaches each detector, before any device under test.

import { uniform } from "./random.ts";

/** Detector modules sit in slots 1 to this one. */
export const moduleCount = 20;
/** A module's detectors are numbered from 1 to this one. */
export const channelCount = 6;

/** The source that lights the bench whenever no sweep has the fibre: 1310 nm, +10 dBm. */
export const benchSource = { wavelengthM: 1310e-9, powerDbm: 10 } as const;

/** What module 4's channels show of the bench source, dBm: IN1, IN2, TLS IN, OUT TO DUT, and two spare inputs. */
const levelsDbm = [-17.85, -21.56, 6.94, -60.12, -25.4, -31.7] as const;
const referenceModule = 4;

/** Gain (a negative number of dB) from the launched light to a detector. Other modules differ a little from module 4. */
export function pathGainDb(seed: number, module: number, channel: number): number {
  const level = levelsDbm[channel - 1] ?? -Infinity;
  const spread = module === referenceModule ? 0 : 3 * (uniform(seed, module, channel) - 1);
  return level + spread - benchSource.powerDbm;
}

/** IN1, IN2 and the spare inputs see the device under test; TLS IN and OUT TO DUT see the laser. */
export function passesDevice(channel: number): boolean {
  return channel !== 3 && channel !== 4;
}
