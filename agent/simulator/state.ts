// Everything that the simulated instrument remembers, as one readonly record that is replaced and never changed.

import type { ScpiErrorCode } from "../../lib/scpi/mod.ts";

/** Reference lasers are numbered from 1 to this one. */
export const laserCount = 10;
/** Tunable lasers of the subsystem are numbered from 1 to this one. */
const tlsCount = 4;

/** A power as it was set: replies come in the unit of the last setting. */
export interface PowerSetting {
  readonly value: number;
  readonly unit: "dBm" | "mW";
}

/** One detector's settings. */
export interface ChannelSettings {
  readonly powerUnit: "dBm" | "mW";
  readonly spectralUnit: "wavelength" | "frequency";
  /** TRIG IN port 1 to 8; 0 is the software trigger. */
  readonly triggerPort: number;
}

/** One laser, controlled by hand. */
export interface Laser {
  readonly power: PowerSetting;
  readonly wavelengthM: number;
  readonly on: boolean;
}

/** One tunable laser of the subsystem, as a sweep will use it. */
export interface Tls {
  /** Number of the laser that it is, 1 to 10; 0 takes no part in a sweep. */
  readonly laser: number;
  readonly startM: number;
  readonly stopM: number;
  readonly speedNmps: number;
  readonly power: PowerSetting;
  readonly triggerPort: number;
}

/** The part of a sweep that one laser does. */
export interface Segment {
  readonly laser: number;
  readonly startM: number;
  readonly stopM: number;
  readonly speedNmps: number;
  readonly powerDbm: number;
  readonly fromMs: number;
  readonly toMs: number;
}

/** A sweep, under way or done. Its traces follow from this record alone, so that none has to be kept. */
export interface Sweep {
  readonly startedAtMs: number;
  readonly endsAtMs: number;
  readonly startM: number;
  readonly stopM: number;
  readonly samplingM: number;
  readonly segments: readonly Segment[];
  /** What was wrong with fibres when it began, dB by {@linkcode channelKey}. */
  readonly disturbancesDb: ReadonlyMap<number, number>;
}

/** A sweep under way, and what it is for. */
export type Scan =
  | { readonly type: "sweep"; readonly sweep: Sweep }
  /** Without the device under test: it becomes the reference of one channel. */
  | { readonly type: "reference"; readonly sweep: Sweep; readonly module: number; readonly channel: number };

/** The instrument. Times are Unix milliseconds. */
export interface InstrumentState {
  readonly seed: number;
  /** Oldest first; at most 30. */
  readonly errors: readonly ScpiErrorCode[];
  readonly eventStatus: number;
  readonly eventStatusEnable: number;
  readonly serviceRequestEnable: number;
  readonly operationEvent: number;
  readonly operationEnable: number;
  /** `*OPC` waits for the end of what is under way. */
  readonly completionAsked: boolean;
  /** Wavelength of each module that is not at its default. */
  readonly wavelengthsM: ReadonlyMap<number, number>;
  /** Settings of each channel that is not at its defaults, by {@linkcode channelKey}. */
  readonly channels: ReadonlyMap<number, ChannelSettings>;
  /** Index 0 is laser 1. */
  readonly lasers: readonly Laser[];
  /** Index 0 is TLS 1. */
  readonly tls: readonly Tls[];
  readonly samplingM: number;
  readonly stabilization: { readonly staysOn: boolean; readonly durationS: number };
  readonly scan: Scan | undefined;
  /** The bit "aborting" stays set until then. */
  readonly abortingUntilMs: number;
  readonly lastSweep: Sweep | undefined;
  /** By {@linkcode channelKey}. */
  readonly references: ReadonlyMap<number, Sweep>;
}

const defaultChannel: ChannelSettings = { powerUnit: "dBm", spectralUnit: "wavelength", triggerPort: 0 };
const defaultWavelengthM = 1310e-9;

/** One number for a module's channel. */
export function channelKey(module: number, channel: number): number {
  return module * 10 + channel;
}

/** Settings of a channel, whether it was ever set or not. */
export function channelSettings(state: InstrumentState, module: number, channel: number): ChannelSettings {
  return state.channels.get(channelKey(module, channel)) ?? defaultChannel;
}

/** The wavelength that a module's detectors expect, metres. */
export function moduleWavelengthM(state: InstrumentState, module: number): number {
  return state.wavelengthsM.get(module) ?? defaultWavelengthM;
}

/** The settings after power-up and `*RST`. */
function defaults() {
  const power = { value: 0, unit: "dBm" } as const;
  const laser: Laser = { power, wavelengthM: 1550e-9, on: false };
  const tls = (number: number): Tls => ({
    laser: number === 1 ? 1 : 0,
    startM: 1520e-9,
    stopM: 1580e-9,
    speedNmps: 50,
    power: { value: 5, unit: "dBm" },
    triggerPort: 0,
  });
  return {
    wavelengthsM: new Map(),
    channels: new Map(),
    lasers: Array.from({ length: laserCount }, () => laser),
    tls: Array.from({ length: tlsCount }, (_, index) => tls(index + 1)),
    samplingM: 10e-12,
    stabilization: { staysOn: true, durationS: 0 },
    scan: undefined,
    abortingUntilMs: 0,
  } as const;
}

const powerOnBit = 128;

/** The instrument just switched on: no reference, no trace, the power-on bit set. */
export function powerUp(seed: number): InstrumentState {
  return {
    ...defaults(),
    seed,
    errors: [],
    eventStatus: powerOnBit,
    eventStatusEnable: 0,
    serviceRequestEnable: 0,
    operationEvent: 0,
    operationEnable: 0,
    completionAsked: false,
    lastSweep: undefined,
    references: new Map(),
  };
}

/** `*RST`: settings as after power-up; registers, errors, references and traces stay (IEEE 488.2 section 10.32). */
export function reset(state: InstrumentState): InstrumentState {
  return { ...state, ...defaults(), completionAsked: false };
}

/** A copy of a map with one entry set. */
export function withEntry<V>(map: ReadonlyMap<number, V>, key: number, value: V): ReadonlyMap<number, V> {
  return new Map(map).set(key, value);
}

/** A copy of a list whose entry number `number`, counted from 1, has other properties. */
export function withItem<T>(list: readonly T[], number: number, change: Partial<T>): readonly T[] {
  return list.map((item, index) => index === number - 1 ? { ...item, ...change } : item);
}
