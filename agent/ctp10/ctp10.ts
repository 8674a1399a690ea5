// The CTP10 as a typed instrument: each method is one of instrument.md's commands, with its time limit, and an answer
// that is read whole or refused. When and how often to ask is the business of meter.ts.

import type { Conversation } from "../conversation.ts";
import { MeterFailure } from "../failure.ts";
import { Detector } from "./detector.ts";
import { Dialogue } from "./dialogue.ts";
import { ReferenceLaser, TunableLaser } from "./lasers.ts";
import {
  type ModulePower,
  parsePower,
  parseWavelengthNm,
  powerQuestion,
  wavelengthQuestion,
} from "./power.ts";
import { Sweep } from "./sweep.ts";
import { Trace, type TraceType } from "./trace.ts";

const settleSilenceMs = 150;
const settleLimitMs = 2000;
const identityTimeoutMs = 1000;

/** A CTP10's `*IDN?` text: `EXFO,CTP10,<serial number>,<firmware>`. */
export const identityPattern = /^EXFO[^,]*,\s*CTP10[^,]*,[^,]*,[^,]*$/;
/** Anything but printable ASCII means that the bits were read wrongly. */
const unprintable = /[^\x20-\x7e]/;

/** A CTP10 that is there and in step. */
export interface Presence {
  /** Its `*IDN?` text. */
  readonly identity: string;
  /** The error that waited in its queue: perhaps about the question that had no answer. */
  readonly complaint: string | null;
}

/** The instrument at the other end of a conversation. */
export class Ctp10 {
  readonly #conversation: Conversation;
  readonly #dialogue: Dialogue;
  /** The instrument's one sweep. */
  readonly sweep: Sweep;

  /** Says nothing yet; `synchronise` comes first. */
  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    this.#dialogue = new Dialogue(conversation);
    this.sweep = new Sweep(this.#dialogue);
  }

  /**
   * Makes sure that a CTP10 is there and that the next answer belongs to the next question: after opening, and after
   * anything odd.
   * @throws {MeterFailure} with what stands in the way.
   */
  async synchronise(): Promise<Presence> {
    await this.#conversation.settle(settleSilenceMs, settleLimitMs);
    const complaint = await this.nextError();
    await this.#conversation.command("*CLS");
    const identity = await this.identify();
    const waiting = await this.nextError();
    if (waiting !== null) throw this.#dialogue.garbled(":SYST:ERR? after *CLS", waiting);
    return { identity, complaint };
  }

  /**
   * Its `*IDN?` text, asked for on a line that is in step.
   * @throws {MeterFailure} `wrong_device` where something else answers, among others.
   */
  async identify(): Promise<string> {
    const ask = () => this.#conversation.query("*IDN?", identityTimeoutMs);
    const identity = (await ask()).trim();
    if (identityPattern.test(identity)) return identity;
    // Told twice in the same words it is no accident of the line: something else is there.
    const again = (await ask()).trim();
    if (again !== identity || unprintable.test(identity)) throw this.#dialogue.garbled("*IDN?", identity);
    const words = JSON.stringify(identity.slice(0, 80));
    const { name } = this.#conversation;
    throw new MeterFailure("wrong_device", `${name} is ${words}, not a CTP10. Set METER to the right one.`);
  }

  /** Takes the oldest error out of the instrument's queue, as its text; null when there is none. @throws {MeterFailure} */
  nextError(signal?: AbortSignal): Promise<string | null> {
    return this.#dialogue.nextError(signal);
  }

  /** What channels 1 to 4 of `module` show at this moment. @throws {MeterFailure} */
  power(module: number): Promise<ModulePower> {
    return this.#dialogue.ask(powerQuestion(module), parsePower);
  }

  /** The wavelength that `module` is set to, nanometres. @throws {MeterFailure} */
  wavelengthNm(module: number): Promise<number> {
    return this.#dialogue.ask(wavelengthQuestion(module), parseWavelengthNm);
  }

  /** The detector `channel` (1 to 6) of `module` (1 to 20). */
  detector(module: number, channel: number): Detector {
    return new Detector(this.#dialogue, module, channel);
  }

  /** A laser that is controlled by hand, 1 to 10. */
  referenceLaser(number: number): ReferenceLaser {
    return new ReferenceLaser(this.#dialogue, number);
  }

  /** A laser that sweeps, 1 to 4. */
  tunableLaser(number: number): TunableLaser {
    return new TunableLaser(this.#dialogue, number);
  }

  /** A trace of the detector `channel` of `module`. */
  trace(module: number, channel: number, type: TraceType): Trace {
    return new Trace(this.#dialogue, module, channel, type);
  }
}
