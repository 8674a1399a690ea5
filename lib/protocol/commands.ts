// The commands that a relay gives to an agent: what each takes and gives. Units stand in the names; ranges are those of
// instrument.md. Not here: the envelope (`command`, `result`), which is agent.ts's.

import { z } from "zod";
import { moduleNumber } from "./reading.ts";
import { sweepProgress } from "./publication.ts";

const nothing = z.strictObject({});
const noNumber = "is not a number";
const yesOrNo = z.boolean("is not true or false");
const oneOf = <const Names extends readonly string[]>(...names: Names) =>
  z.enum(names, `is none of ${names.join(", ")}`);
const between = (least: number, most: number, unit = "") =>
  z.number(noNumber).min(least, `is below ${least}${unit}`).max(most, `is above ${most}${unit}`);
const whole = (least: number, most: number) =>
  z.number(noNumber).int("is not a whole number").min(least, `is below ${least}`).max(
    most,
    `is above ${most}`,
  );

/** What the instrument may be doing, bit by bit of its condition register. */
export const activity = z.enum([
  "zeroing",
  "calibrating",
  "scanning",
  "analysing",
  "aborting",
  "armed",
  "referencing",
]);

/** A reference laser, 1 to 10. */
export const laserNumber = whole(1, 10);
/** A tunable laser of the sweep, 1 to 4. */
export const tlsNumber = whole(1, 4);
/** A channel of a detector module. */
export const channelNumber = whole(1, 6);
/** Spectra that a detector keeps of a sweep. */
export const traceName = oneOf("transmission", "live", "reference", "quick_reference");

const wavelengthNm = between(1260, 1640, " nm");
const speed = between(5, 200, " nm/s");
const trigger = whole(0, 8);
const powerUnit = oneOf("dBm", "mW");
const detectorWavelengthNm = between(400, 2500, " nm");
const samplingPm = between(1, 250, " pm");
const stabilizationS = between(0, 60, " s");

/** Nobody but the instrument knows what unit a laser's power was last set in, unless it was set from here: then null. */
const shownPower = { power: z.number(), unit: powerUnit.nullable() };

const detector = { module: moduleNumber, channel: channelNumber };
const detectorSettings = {
  power_unit: powerUnit,
  spectral_unit: oneOf("wavelength", "frequency"),
  /** The module's: its channels share it. */
  wavelength_nm: detectorWavelengthNm,
  trigger,
};
const tlsSettings = { start_nm: wavelengthNm, stop_nm: wavelengthNm, speed_nm_s: speed, trigger };
const sweepSettings = {
  sampling_pm: samplingPm,
  laser_stays_on: yesOrNo,
  stabilization_s: stabilizationS,
};

/** A reference laser as it is. */
export const laserState = z.strictObject({
  laser: laserNumber,
  identity: z.string().max(256),
  on: z.boolean(),
  wavelength_nm: z.number(),
  ...shownPower,
});

/** What a trace spans: point i lies at `start_nm` + i · `sampling_pm`. */
const traceExtent = { length: whole(1, 2_000_000), start_nm: z.number(), sampling_pm: z.number().positive() };
const trace = z.strictObject({ ...detector, trace: traceName });

const connection = z.strictObject({
  /** `off`: closed on request. */
  state: z.enum(["connected", "connecting", "off"]),
  identity: z.string().nullable(),
});
const activities = z.strictObject({ activities: z.array(activity) });
const detectorState = z.strictObject({ ...detector, ...detectorSettings });
const tlsState = z.strictObject({ tls: tlsNumber, ...tlsSettings, ...shownPower });
const sweepState = z.strictObject(sweepSettings);
const reference = z.strictObject({
  ...detector,
  made: z.boolean(),
  /** As the instrument's clock said, no time zone; null where there is none. */
  at: z.string().nullable(),
});

function optional<Shape extends Readonly<Record<string, z.ZodType>>>(shape: Shape) {
  return z.object(shape).partial().shape;
}

/** A unit without a power means nothing. */
function unitWithPower({ power, unit }: { power?: number | undefined; unit?: string | undefined }): boolean {
  return power !== undefined || unit === undefined;
}
const unitAlone = { message: "is given without a power", path: ["unit"] };

const upwards = ({ start_nm, stop_nm }: { start_nm?: number | undefined; stop_nm?: number | undefined }) =>
  start_nm === undefined || stop_nm === undefined || start_nm < stop_nm;
const downwards = { message: "is not above start_nm", path: ["stop_nm"] };

/** A power within what a tunable laser gives, -10 to 10 dBm, whatever unit it is in. */
function withinTls({ power, unit }: { power?: number | undefined; unit?: string | undefined }): boolean {
  if (power === undefined) return true;
  return unit === "mW" ? power >= 0.1 && power <= 10 : power >= -10 && power <= 10;
}
const outOfTls = { message: "is outside of -10 to 10 dBm (0.1 to 10 mW)", path: ["power"] };

/** Every command: `params` and `value` are its schemas, `seconds` how long an agent may take. */
export const commands = {
  "connection.status": { params: nothing, value: connection, seconds: 2 },
  "connection.connect": { params: nothing, value: connection, seconds: 10 },
  "connection.disconnect": { params: nothing, value: connection, seconds: 5 },
  "condition.get": { params: nothing, value: activities, seconds: 3 },
  /** Takes every error out of the instrument's queue. */
  "errors.take": { params: nothing, value: z.strictObject({ errors: z.array(z.string()) }), seconds: 10 },
  "detector.get": { params: z.strictObject(detector), value: detectorState, seconds: 5 },
  "detector.set": {
    params: z.strictObject({ ...detector, ...optional(detectorSettings) }),
    value: detectorState,
    seconds: 10,
  },
  "rlaser.get": { params: z.strictObject({ laser: laserNumber }), value: laserState, seconds: 5 },
  "rlaser.set": {
    params: z.strictObject({
      laser: laserNumber,
      ...optional({
        on: yesOrNo,
        wavelength_nm: wavelengthNm,
        power: between(-60, 100),
        unit: powerUnit,
      }),
    }).refine(unitWithPower, unitAlone),
    value: laserState,
    seconds: 10,
  },
  "tls.get": { params: z.strictObject({ tls: tlsNumber }), value: tlsState, seconds: 5 },
  "tls.set": {
    params: z.strictObject({
      tls: tlsNumber,
      ...optional({ ...tlsSettings, power: z.number(noNumber), unit: powerUnit }),
    }).refine(unitWithPower, unitAlone).refine(upwards, downwards).refine(withinTls, outOfTls),
    value: tlsState,
    seconds: 10,
  },
  "sweep.get": { params: nothing, value: sweepState, seconds: 5 },
  "sweep.set": { params: z.strictObject(optional(sweepSettings)), value: sweepState, seconds: 10 },
  /** What is given is set on tunable laser 1, and for all sweeps, before it begins. */
  "sweep.start": {
    params: z.strictObject(
      optional({ start_nm: wavelengthNm, stop_nm: wavelengthNm, speed_nm_s: speed, sampling_pm: samplingPm }),
    ).refine(upwards, downwards),
    value: sweepProgress.shape.data,
    seconds: 15,
  },
  "sweep.abort": { params: nothing, value: sweepProgress.shape.data, seconds: 5 },
  "reference.get": { params: z.strictObject(detector), value: reference, seconds: 5 },
  "reference.start": { params: z.strictObject(detector), value: activities, seconds: 5 },
  "trace.extent": { params: trace, value: z.strictObject(traceExtent), seconds: 5 },
  /** Begins to read a trace; `trace.read` brings it, piece by piece. */
  "trace.open": {
    params: trace,
    value: z.strictObject({ transfer: z.string(), ...traceExtent }),
    seconds: 5,
  },
  /** What came since the last piece: base64 of float32, little-endian, in dB. Empty where nothing has come for a while. */
  "trace.read": {
    params: z.strictObject({ transfer: z.string() }),
    value: z.strictObject({ data: z.base64(), done: z.boolean() }),
    seconds: 10,
  },
  /** Nobody wants it any more. */
  "trace.close": { params: z.strictObject({ transfer: z.string() }), value: nothing, seconds: 5 },
} as const;

/**
 * What an agent sees of its instrument, said by itself: at each change and every few seconds. `null`: it is not known,
 * the instrument does not answer.
 */
export const instrument = z.strictObject({
  type: z.literal("instrument"),
  lasers: z.array(laserState).max(10).nullable(),
  activities: z.array(activity).nullable(),
  sweep: sweepProgress.shape.data,
});

/**
 * What a problem is about, so that HTTP can say it with a status: `invalid` parameters, `refused` by the instrument,
 * `absent` (no such trace), `unavailable` (instrument or agent), `timeout`.
 */
export const commandFault = z.enum(["invalid", "refused", "absent", "unavailable", "timeout"]);

/** Name of a command. */
export type CommandName = keyof typeof commands;
/** What a command takes. */
export type CommandParams<N extends CommandName> = z.infer<typeof commands[N]["params"]>;
/** What a command gives. */
export type CommandValue<N extends CommandName> = z.infer<typeof commands[N]["value"]>;
/** See {@linkcode instrument}. */
export type InstrumentMessage = z.infer<typeof instrument>;
/** See {@linkcode laserState}. */
export type LaserState = z.infer<typeof laserState>;
/** See {@linkcode activity}. */
export type Activity = z.infer<typeof activity>;
/** See {@linkcode commandFault}. */
export type CommandFault = z.infer<typeof commandFault>;
