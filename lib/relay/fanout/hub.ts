// The streams of all modules.

import type { Data } from "../../protocol/mod.ts";
import type { Keeper } from "../history/keeper.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { Stream } from "./stream.ts";

const moduleCount = 20;

/** The streams, by module. */
export class Hub {
  /** By number of their module, from 1. */
  readonly streams: readonly Stream[];
  readonly #now: () => number;

  /** Begins where the history stands. */
  constructor(keeper: Keeper, metrics: Metrics, now: () => number) {
    this.#now = now;
    this.streams = Array.from({ length: moduleCount }, (_, index) => {
      const [newest = null] = keeper.use((history) => history.newest(index + 1, 1));
      return new Stream(index + 1, newest, metrics, now());
    });
  }

  /**
   * A module's stream.
   * @throws {RangeError} for a number that no schema lets through.
   */
  stream(module: number): Stream {
    const stream = this.streams[module - 1];
    if (!stream) {
      throw new RangeError(`Cannot find the stream of module ${module}: modules are 1 to ${moduleCount}.`);
    }
    return stream;
  }

  /** Whether no viewer has a long send queue that it is still working off. */
  calm(): boolean {
    return this.streams.every((stream) => stream.calm());
  }

  /** Hands stored readings to their streams. */
  publish(readings: readonly Data[]): void {
    const now = this.#now();
    for (const reading of readings) this.stream(reading.module).publish(reading, now);
  }
}
