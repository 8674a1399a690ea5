// The device under test: a ring resonator beside each fibre that passes it, which takes light out at its resonances.
// Transmission of an all-pass ring: W. Bogaerts et al., "Silicon microring resonators", Laser & Photonics Reviews 6
// (2012) 47, equation 1.

import { benchSource } from "./channels.ts";
import { uniform } from "./random.ts";
import { speedOfLightMps } from "./units.ts";

/** Light left after one round trip (amplitude), and light that stays in the fibre at the coupler (amplitude). */
const roundTrip = 0.98;
const coupling = 0.97;
/** Points at which a dip is looked at, so that a coarse sampling widens it instead of missing it. */
const finestM = 10e-12;

/** A ring, by the distance of its resonances in frequency. */
export interface Ring {
  /** Free spectral range. */
  readonly rangeHz: number;
}

/** The ring of one fibre: 200 to 400 GHz between dips, which is 1.6 to 3.2 nm at 1550 nm. */
export function ringOf(seed: number, module: number, channel: number): Ring {
  return { rangeHz: 200e9 + 200e9 * uniform(seed, module, channel, 7) };
}

/** The part of the light that passes at one wavelength, from 0 to 1; 1 half way between two dips. */
export function ringTransmission({ rangeHz }: Ring, wavelengthM: number): number {
  const fromBenchHz = speedOfLightMps / wavelengthM - speedOfLightMps / benchSource.wavelengthM;
  // The bench source lies half way between two dips, so that the levels of channels.ts are what it shows.
  const phase = 2 * Math.PI * fromBenchHz / rangeHz + Math.PI;
  return passing(Math.cos(phase)) / passing(-1);
}

/** The mean of the transmission over one sample of a sweep, `samplingM` wide. */
export function sampledTransmission(ring: Ring, wavelengthM: number, samplingM: number): number {
  const points = Math.max(1, Math.round(samplingM / finestM));
  let sum = 0;
  for (let point = 0; point < points; point++) {
    sum += ringTransmission(ring, wavelengthM + samplingM * ((point + 0.5) / points - 0.5));
  }
  return sum / points;
}

function passing(cosine: number): number {
  const product = 2 * coupling * roundTrip * cosine;
  return (roundTrip ** 2 - product + coupling ** 2) / (1 - product + (coupling * roundTrip) ** 2);
}
