// A detector's traces, as the last sweep left them: what there is, and its points as blocks that are read as they come.

import type { Block } from "../answer.ts";
import type { Dialogue } from "./dialogue.ts";
import { readCount, readNm, readPm } from "./values.ts";

/** The traces of a detector by the number that the instrument gives them (instrument.md). */
export const traceTypes = { transmission: 1, live: 11, reference: 12, quickReference: 13 } as const;

/** One of {@linkcode traceTypes}. */
export type TraceType = keyof typeof traceTypes;

/** What a trace spans: point i lies at `startNm` + i · `samplingPm`. */
export interface TraceExtent {
  /** Points. */
  readonly length: number;
  /** Of the first point. */
  readonly startNm: number;
  /** From one point to the next. */
  readonly samplingPm: number;
}

/** One trace of one detector. */
export class Trace {
  readonly #dialogue: Dialogue;
  readonly #header: string;

  /** The trace of `channel` of `module`. */
  constructor(dialogue: Dialogue, module: number, channel: number, type: TraceType) {
    this.#dialogue = dialogue;
    this.#header = `:TRAC:SENS${module}:CHAN${channel}:TYPE${traceTypes[type]}:DATA`;
  }

  /** What it spans; null where no sweep has made it. @throws {MeterFailure} */
  async extent(signal?: AbortSignal): Promise<TraceExtent | null> {
    // Alone: for a trace that is not there the instrument answers this question only.
    const length = await this.#dialogue.ask(`${this.#header}:LENG?`, readCount, signal);
    if (length === 0) return null;
    // A block says its length once more, these nothing else does: they have to be told twice alike, digits get lost.
    let [samplingPm, startNm] = await this.#grid(signal);
    for (;;) {
      const [samplingAgain, startAgain] = await this.#grid(signal);
      if (samplingAgain === samplingPm && startAgain === startNm) return { length, startNm, samplingPm };
      [samplingPm, startNm] = [samplingAgain, startAgain];
    }
  }

  /**
   * Its points, big-endian float32, in dB. The line is taken until the last byte: 94,001 points are half a minute at
   * 115200 baud. Ask for the `extent` first: for a trace that is not there no answer comes.
   * @throws {MeterFailure}
   */
  levelsDb(signal?: AbortSignal): Promise<Block> {
    return this.#dialogue.block(`${this.#header}? BIN,DB`, signal);
  }

  #grid(signal?: AbortSignal) {
    return this.#dialogue.askAll([
      [`${this.#header}:SAMP?`, readPm],
      [`${this.#header}:STAR?`, readNm],
    ], signal);
  }

  /** The wavelengths of its points, big-endian float64, in metres. @throws {MeterFailure} as `levelsDb`. */
  wavelengthsM(signal?: AbortSignal): Promise<Block> {
    return this.#dialogue.block(`${this.#header}:X? BIN,M`, signal);
  }
}
