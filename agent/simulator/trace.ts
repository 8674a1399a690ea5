// Traces: the spectra of a sweep, computed from its record whenever they are asked for.

import { passesDevice, pathGainDb } from "./optics/channels.ts";
import { showMw } from "./optics/detector.ts";
import { keyOf } from "./optics/random.ts";
import { type Ring, ringOf, sampledTransmission } from "./optics/ring.ts";
import { dbmFromMw, factorFromDb, mwFromDbm } from "./optics/units.ts";
import { channelKey, type InstrumentState, type Sweep } from "./state.ts";

/** What a trace shows. */
export type TraceKind = "transmission" | "live" | "reference";

/** A spectrum on an even grid of wavelengths. */
export interface Trace {
  readonly startM: number;
  readonly samplingM: number;
  readonly length: number;
  /** The values, computed when called: dBm, or dB for a transmission. */
  readonly values: () => Float64Array;
}

/**
 * A channel's trace of the last sweep, or of its reference; `undefined` where there is none yet. Without a reference a
 * transmission is relative to what the laser launches; where a reference does not reach, it is not a number.
 */
export function findTrace(
  state: InstrumentState,
  kind: TraceKind,
  module: number,
  channel: number,
): Trace | undefined {
  const reference = state.references.get(channelKey(module, channel));
  const sweep = kind === "reference" ? reference : state.lastSweep;
  if (sweep === undefined) return undefined;
  const spectrum = (of: Sweep, ring: Ring | undefined) => spectrumOf(state.seed, of, module, channel, ring);
  const ring = passesDevice(channel) ? ringOf(state.seed, module, channel) : undefined;
  const values = {
    live: () => sample(sweep, sweep, spectrum(sweep, ring)),
    reference: () => sample(sweep, sweep, spectrum(sweep, undefined)),
    transmission: () => {
      const live = sample(sweep, sweep, spectrum(sweep, ring));
      const base = reference === undefined
        ? sample(sweep, sweep, (wavelengthM) => launchedDbm(sweep, wavelengthM))
        : sample(sweep, reference, spectrum(reference, undefined));
      return live.map((value, index) => value - (base[index] ?? NaN));
    },
  };
  return { startM: sweep.startM, samplingM: sweep.samplingM, length: lengthOf(sweep), values: values[kind] };
}

/** The wavelength of a trace's point, metres. */
export function traceWavelengthM({ startM, samplingM }: Trace, index: number): number {
  return startM + index * samplingM;
}

function lengthOf({ startM, stopM, samplingM }: Sweep): number {
  return Math.round((stopM - startM) / samplingM) + 1;
}

/** `value` at each point of `grid`; not a number where `source` was not swept. */
function sample(grid: Sweep, source: Sweep, value: (wavelengthM: number) => number): Float64Array {
  const tolerance = grid.samplingM / 2;
  return Float64Array.from({ length: lengthOf(grid) }, (_, index) => {
    const wavelengthM = grid.startM + index * grid.samplingM;
    const swept = wavelengthM >= source.startM - tolerance && wavelengthM <= source.stopM + tolerance;
    return swept ? value(wavelengthM) : NaN;
  });
}

/** What the detector showed at each wavelength, dBm: each sample is averaged for as long as the laser was in it. */
function spectrumOf(seed: number, sweep: Sweep, module: number, channel: number, ring: Ring | undefined) {
  const disturbedDb = sweep.disturbancesDb.get(channelKey(module, channel)) ?? 0;
  const gain = factorFromDb(pathGainDb(seed, module, channel) + disturbedDb);
  const noise = keyOf(seed, module, channel, Math.floor(sweep.startedAtMs));
  return (wavelengthM: number): number => {
    const segment = segmentAt(sweep, wavelengthM);
    if (segment === undefined) return -Infinity;
    const passing = ring === undefined ? 1 : sampledTransmission(ring, wavelengthM, sweep.samplingM);
    return dbmFromMw(showMw(mwFromDbm(segment.powerDbm) * gain * passing, {
      averagingMs: sweep.samplingM * 1e9 / segment.speedNmps * 1000,
      keys: [noise, Math.round(wavelengthM * 1e15)],
    }));
  };
}

function launchedDbm(sweep: Sweep, wavelengthM: number): number {
  return segmentAt(sweep, wavelengthM)?.powerDbm ?? NaN;
}

function segmentAt({ segments, samplingM }: Sweep, wavelengthM: number) {
  const tolerance = samplingM / 2;
  return segments.find(({ startM, stopM }) =>
    wavelengthM >= startM - tolerance && wavelengthM <= stopM + tolerance
  );
}
