// A detector: from light in milliwatts to the reading that it shows. Responsivity, noise, drift, overload.

import { gaussians, uniform } from "./random.ts";
import { factorFromDb } from "./units.ts";

/** Above +10 dBm a detector shows overload. */
const overloadMw = 10;

/** Noise at 10 ms of averaging: a part of the reading, and a floor that is there in the dark too. */
const averagedMs = 10;
const relativeNoise = 5e-4;
const floorMw = 2e-9;
/** What a detector shows in the dark: -80 dBm. */
const darkMw = 1e-8;

/** Drift: sines whose periods share no common one, so that it is slow, never repeats for hours, and is bounded. */
const drifts = [
  { amplitudeDb: 0.01, periodMs: 67_000 },
  { amplitudeDb: 0.015, periodMs: 421_000 },
  { amplitudeDb: 0.025, periodMs: 3_011_000 },
] as const;

/** Responsivity of InGaAs relative to 1550 nm, by wavelength in nm; straight lines between the points. */
const responsivities = [
  [1240, 0.84],
  [1310, 0.9],
  [1490, 0.99],
  [1550, 1],
  [1600, 0.97],
  [1640, 0.9],
  [1680, 0.7],
] as const;

/** What a detector shows for a while, by the keys that its noise depends on. */
export interface Sample {
  /** Averaging time; noise falls with its square root. */
  readonly averagingMs: number;
  /** Whole numbers: seed, module, channel, and which sample this is. */
  readonly keys: readonly number[];
}

/** Relative responsivity at a wavelength; beyond 1240 to 1680 nm that of the nearer end. */
export function responsivity(wavelengthM: number): number {
  const wavelengthNm = wavelengthM * 1e9;
  let [previousNm, previous]: readonly [number, number] = responsivities[0];
  if (wavelengthNm <= previousNm) return previous;
  for (const [nextNm, next] of responsivities.slice(1)) {
    if (wavelengthNm <= nextNm) {
      return previous + (next - previous) * (wavelengthNm - previousNm) / (nextNm - previousNm);
    }
    [previousNm, previous] = [nextNm, next];
  }
  return previous;
}

/** Drift of one channel at a moment, dB; never beyond ±0.05. */
export function driftDb(seed: number, module: number, channel: number, nowMs: number): number {
  return drifts.reduce((sum, { amplitudeDb, periodMs }, index) => {
    const phase = uniform(seed, module, channel, 100 + index);
    return sum + amplitudeDb * Math.sin(2 * Math.PI * (nowMs / periodMs + phase));
  }, 0);
}

/** Drift as a factor of power. */
export function drift(seed: number, module: number, channel: number, nowMs: number): number {
  return factorFromDb(driftDb(seed, module, channel, nowMs));
}

/** Milliwatts as shown for `lightMw` on the detector; Infinity for overload. In the dark it may be below zero. */
export function showMw(lightMw: number, { averagingMs, keys }: Sample): number {
  if (lightMw > overloadMw) return Infinity;
  const scale = Math.sqrt(averagedMs / averagingMs);
  const [relative, floor] = gaussians(...keys);
  return lightMw * (1 + relativeNoise * scale * relative) + darkMw + floorMw * scale * floor;
}
