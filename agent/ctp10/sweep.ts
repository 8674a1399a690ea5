// The sweep: its settings, its start and its end, what the instrument is doing meanwhile, and references.

import { activity } from "../../lib/protocol/mod.ts";
import type { Dialogue, Read } from "./dialogue.ts";
import { commandsFor, readCount, readNumber, readPm, readSwitch } from "./values.ts";

/** What the instrument may be doing, bit by bit of its condition register (instrument.md). */
export const activities = activity.options;

/** One of {@linkcode activities}. */
export type Activity = (typeof activities)[number];

/** Whether the laser stays on after a sweep, and how long it may settle before one. */
export interface Stabilization {
  /** After the sweep. */
  readonly laserStaysOn: boolean;
  /** 0 to 60. */
  readonly seconds: number;
}

/** What can be set for all sweeps. */
export interface SweepSettings {
  /** From one point to the next, 1 to 250. */
  readonly samplingPm: number;
  /** See {@linkcode Stabilization}. */
  readonly stabilization: Stabilization;
}

/** A reference of a detector: none, or made at that time (as the instrument's clock says, no time zone). */
export type Reference =
  | { readonly type: "none" }
  | { readonly type: "made"; readonly state: number; readonly at: string };

const readActivities: Read<readonly Activity[]> = (answer) => {
  const bits = readCount(answer);
  return bits === undefined ? undefined : activities.filter((_, bit) => (bits & (1 << bit)) !== 0);
};

const readStabilization: Read<Stabilization> = (answer) => {
  const [first = "", second = "", ...rest] = answer.split(",");
  const laserStaysOn = readSwitch(first);
  const seconds = readNumber(second);
  if (laserStaysOn === undefined || seconds === undefined || rest.length > 0) return undefined;
  return { laserStaysOn, seconds };
};

const readReference: Read<Reference> = (answer) => {
  if (answer === "0") return { type: "none" };
  const [, state, year, month, day, hour, minute, second] =
    /^1,(\d+),(\d{4})(\d\d)(\d\d),(\d\d)(\d\d)(\d\d)$/.exec(answer) ?? [];
  if (state === undefined) return undefined;
  return { type: "made", state: Number(state), at: `${year}-${month}-${day}T${hour}:${minute}:${second}` };
};

/** The instrument's one sweep. */
export class Sweep {
  readonly #dialogue: Dialogue;

  /** Says nothing yet. */
  constructor(dialogue: Dialogue) {
    this.#dialogue = dialogue;
  }

  /** What the instrument is doing; nothing, when it is ready for a sweep. @throws {MeterFailure} */
  condition(signal?: AbortSignal): Promise<readonly Activity[]> {
    return this.#dialogue.ask(":STAT:OPER:COND?", readActivities, signal);
  }

  /** All settings, as they are now. @throws {MeterFailure} */
  async settings(signal?: AbortSignal): Promise<SweepSettings> {
    const [samplingPm, stabilization] = await this.#dialogue.askAll([
      [":INIT:WAV:SAMP?", readPm],
      [":INIT:STAB?", readStabilization],
    ], signal);
    return { samplingPm, stabilization };
  }

  /** Changes the settings that are given. @throws {MeterFailure} `refused` among others. */
  async change({ samplingPm, stabilization }: Partial<SweepSettings>, signal?: AbortSignal): Promise<void> {
    const settle = stabilization && `${stabilization.laserStaysOn ? 1 : 0},${stabilization.seconds}`;
    await this.#dialogue.tell(
      commandsFor([
        [":INIT:WAV:SAMP", samplingPm === undefined ? undefined : `${samplingPm}PM`],
        [":INIT:STAB", settle],
      ]),
      signal,
    );
  }

  /** Starts it; `condition` says when it has ended. @throws {MeterFailure} `refused` while something else goes on. */
  async start(signal?: AbortSignal): Promise<void> {
    await this.#dialogue.tell([":INIT:IMM"], signal);
  }

  /** Ends whatever is going on. @throws {MeterFailure} */
  async abort(signal?: AbortSignal): Promise<void> {
    await this.#dialogue.tell([":ABOR"], signal);
  }

  /** Starts a reference of one detector, by a sweep. @throws {MeterFailure} `refused` while something else goes on. */
  async startReference(module: number, channel: number, signal?: AbortSignal): Promise<void> {
    await this.#dialogue.tell([`:REF:SENS${module}:CHAN${channel}:INIT`], signal);
  }

  /** One detector's reference. @throws {MeterFailure} */
  reference(module: number, channel: number, signal?: AbortSignal): Promise<Reference> {
    return this.#dialogue.ask(`:REF:SENS${module}:CHAN${channel}:RES?`, readReference, signal);
  }
}
