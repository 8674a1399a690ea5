// The CTP10 as a typed instrument: each method is one of instrument.md's commands, with its time limit, and an answer
// that is read whole or refused. When and how often to ask is the business of meter.ts.

import { parseErrorReply } from "../lib/scpi/mod.ts";
import type { Conversation } from "./conversation.ts";
import { MeterFailure } from "./failure.ts";
import {
  type ModulePower,
  parsePower,
  parseWavelengthNm,
  powerQuestion,
  wavelengthQuestion,
} from "./power.ts";

const settleSilenceMs = 150;
const settleLimitMs = 2000;
const identityTimeoutMs = 1000;
const queryTimeoutMs = 500;

/** `EXFO,CTP10,<serial number>,<firmware>`. */
const identityPattern = /^EXFO[^,]*,\s*CTP10[^,]*,[^,]*,[^,]*$/;
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

  /** Says nothing yet; `synchronise` comes first. */
  constructor(conversation: Conversation) {
    this.#conversation = conversation;
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
    const identity = await this.#identify();
    const waiting = await this.nextError();
    if (waiting !== null) throw this.#garbled(":SYST:ERR? after *CLS", waiting);
    return { identity, complaint };
  }

  /** Takes the oldest error out of the instrument's queue, as its text; null when there is none. */
  async nextError(): Promise<string | null> {
    const answer = await this.#ask(":SYST:ERR?");
    const error = parseErrorReply(answer);
    if (error === undefined) throw this.#garbled(":SYST:ERR?", answer);
    return error.code === 0 ? null : `${error.code}, ${error.message}`;
  }

  /** What channels 1 to 4 of `module` show at this moment. */
  async power(module: number): Promise<ModulePower> {
    const question = powerQuestion(module);
    const answer = await this.#ask(question);
    const power = parsePower(answer);
    if (power === undefined) throw this.#garbled(question, answer);
    return power;
  }

  /** The wavelength that `module` is set to, nanometres. */
  async wavelengthNm(module: number): Promise<number> {
    const question = wavelengthQuestion(module);
    const answer = await this.#ask(question);
    const nm = parseWavelengthNm(answer);
    if (nm === undefined) throw this.#garbled(question, answer);
    return nm;
  }

  async #identify(): Promise<string> {
    const ask = () => this.#conversation.query("*IDN?", identityTimeoutMs);
    const identity = (await ask()).trim();
    if (identityPattern.test(identity)) return identity;
    // Told twice in the same words it is no accident of the line: something else is there.
    const again = (await ask()).trim();
    const { name } = this.#conversation;
    if (again !== identity || unprintable.test(identity)) throw this.#garbled("*IDN?", identity);
    const words = JSON.stringify(identity.slice(0, 80));
    throw new MeterFailure("wrong_device", `${name} is ${words}, not a CTP10. Set METER to the right one.`);
  }

  #ask(question: string): Promise<string> {
    return this.#conversation.query(question, queryTimeoutMs);
  }

  #garbled(question: string, answer: string): MeterFailure {
    const words = `${this.#conversation.name} answered ${question} with ${
      JSON.stringify(answer.slice(0, 80))
    }`;
    return new MeterFailure("garbled", `${words}, which is no answer. Check its cable and its speed.`);
  }
}
