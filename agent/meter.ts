// The meter: keeps a line to the instrument open, reads every module on schedule, gets back into step after anything
// odd, and opens the line again when that does not help. It never waits for anybody who wants its readings.

import type { Reading } from "../lib/protocol/mod.ts";
import { type Clock, Schedule } from "./clock.ts";
import { Conversation } from "./conversation.ts";
import { Ctp10, type Presence } from "./ctp10/mod.ts";
import { MeterFailure } from "./failure.ts";
import type { Line } from "./line.ts";
import { Outage } from "./outage.ts";
import { ModuleReader } from "./reader.ts";

/** Who hears of the meter. None of these may throw. */
export interface MeterListener {
  /** A reading that can be believed. */
  reading(reading: Reading): void;
  /** The instrument cannot be read, and why, in one sentence: at once, then `repeated` about once a second. */
  fault(message: string, repeated: boolean): void;
  /** Readings come (again); `identity` is the instrument's `*IDN?` text. */
  recovered(identity: string): void;
}

/** What a meter is made of. */
export interface MeterOptions {
  /** Opens the line. @throws {MeterFailure} */
  readonly open: (signal: AbortSignal) => Promise<Line>;
  /** Looks for what is behind a line on which nothing sensible comes; a sentence, or undefined. */
  readonly explain: (signal: AbortSignal) => Promise<string | undefined>;
  /** Slots of the detector modules. */
  readonly modules: readonly number[];
  /** Readings of each module in a second. */
  readonly hz: number;
  readonly listener: MeterListener;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
}

/** An instrument that is there and in step. */
export interface PresentInstrument {
  readonly ctp10: Ctp10;
  /** Its `*IDN?` text. */
  readonly identity: string;
}

/** What a meter has been through. */
export interface MeterCounters {
  /** Readings given to the listener. */
  readonly readings: number;
  /** Answers that were asked for again because they had jumped. */
  readonly doubted: number;
  /** Times that the conversation was brought back into step. */
  readonly resynchronised: number;
  /** Times that the line was opened. */
  readonly opened: number;
}

const firstBackoffMs = 100;
const longestBackoffMs = 1000;
const explainEvery = 10;

/** Reads until it is told to stop. */
export class Meter {
  readonly #options: MeterOptions;
  readonly #readers: readonly ModuleReader[];
  readonly #outage: Outage;
  #identity: string | undefined;
  #present: PresentInstrument | undefined;
  #failures = 0;
  #explanation: string | undefined;
  #readings = 0;
  #resynchronised = 0;
  #opened = 0;

  /** Nothing is opened before `run`. */
  constructor(options: MeterOptions) {
    this.#options = options;
    this.#readers = options.modules.map((module) => new ModuleReader(module, options.clock));
    this.#outage = new Outage((message, repeated) => options.listener.fault(message, repeated));
  }

  /** What has happened so far. */
  get counters(): MeterCounters {
    return {
      readings: this.#readings,
      doubted: this.#readers.reduce((sum, reader) => sum + reader.doubted, 0),
      resynchronised: this.#resynchronised,
      opened: this.#opened,
    };
  }

  /** The instrument that is being read; undefined while there is none. */
  get instrument(): PresentInstrument | undefined {
    return this.#present;
  }

  /** Reads until `signal` is aborted; by then the line is closed. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    while (!signal.aborted) {
      try {
        await this.#session(signal);
      } catch (error) {
        if (signal.aborted) break;
        if (!(error instanceof MeterFailure)) throw error;
        this.#failures++;
        this.#outage.because(await this.#explain(error, signal) ?? error.message);
      }
      await clock.sleep(backoffMs(this.#failures, random()), signal);
    }
    this.#outage.end();
  }

  /** What is behind a failure that goes on: looked for early, then now and then, because looking takes its time. */
  async #explain({ kind }: MeterFailure, signal: AbortSignal): Promise<string | undefined> {
    const puzzling = kind === "garbled" || (kind === "silent" && this.#identity === undefined);
    if (!puzzling) this.#explanation = undefined;
    else if (this.#failures % explainEvery === 2) this.#explanation = await this.#options.explain(signal);
    return this.#explanation;
  }

  /** From one opening of the line to its end. */
  async #session(signal: AbortSignal): Promise<void> {
    const { open, clock } = this.#options;
    const conversation = new Conversation(await open(signal), clock);
    this.#opened++;
    const close = () => void conversation.close();
    signal.addEventListener("abort", close);
    try {
      signal.throwIfAborted();
      const ctp10 = new Ctp10(conversation);
      const { identity } = await ctp10.synchronise();
      for (const reader of this.#readers) reader.forgetWavelength();
      this.#present = { ctp10, identity };
      await this.#readOnSchedule(ctp10, identity, AbortSignal.any([signal, conversation.ended]));
    } finally {
      this.#present = undefined;
      signal.removeEventListener("abort", close);
      await conversation.close();
    }
  }

  async #readOnSchedule(ctp10: Ctp10, identity: string, ended: AbortSignal): Promise<void> {
    const { hz, clock } = this.#options;
    const schedule = new Schedule(1000 / hz, clock.monotonicMs());
    let oddities = 0;
    for (;;) {
      await clock.sleep(schedule.next(clock.monotonicMs()), ended);
      ended.throwIfAborted();
      const failure = await this.#readAll(ctp10);
      oddities = failure === undefined ? 0 : oddities + 1;
      if (failure === undefined) this.#isWell(identity);
      // Once may be an accident of the line.
      else if (oddities > 1) this.#outage.because(failure);
    }
  }

  /** One reading of each module. Says what went wrong, and the conversation is in step again. */
  async #readAll(ctp10: Ctp10): Promise<string | undefined> {
    let failure: string | undefined;
    for (const reader of this.#readers) {
      try {
        const reading = await reader.read(ctp10);
        this.#readings++;
        this.#options.listener.reading(reading);
      } catch (error) {
        if (!(error instanceof MeterFailure) || error.kind === "lost") throw error;
        const { complaint } = await synchroniseAgain(ctp10);
        this.#resynchronised++;
        failure = error.kind === "silent" && complaint !== null
          ? refusal(reader.module, complaint)
          : error.message;
      }
    }
    return failure;
  }

  #isWell(identity: string): void {
    this.#failures = 0;
    this.#explanation = undefined;
    if (this.#outage.end() || identity !== this.#identity) this.#options.listener.recovered(identity);
    this.#identity = identity;
  }
}

/** Somebody is there, but garbles: he is given a second chance before the line is opened anew, which is told as a fault. */
async function synchroniseAgain(ctp10: Ctp10): Promise<Presence> {
  try {
    return await ctp10.synchronise();
  } catch (error) {
    if (!(error instanceof MeterFailure) || error.kind !== "garbled") throw error;
    return await ctp10.synchronise();
  }
}

function refusal(module: number, complaint: string): string {
  return `The instrument does not tell the power of module ${module} (${complaint}). Check METER_MODULES.`;
}

/** Drawn evenly from [d/2, d], d = min(1 s, 100 ms · 2ⁿ⁻¹): a cable pushed back in is soon found. */
function backoffMs(failures: number, random: number): number {
  const delayMs = Math.min(longestBackoffMs, firstBackoffMs * 2 ** (failures - 1));
  return delayMs * (0.5 + random / 2);
}
