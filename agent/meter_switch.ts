// The meter, switched on and off on request: while it is off its line is closed, so that somebody else may use it, and
// whoever waits for readings is told why none come.

import type { Meter } from "./meter.ts";
import { Outage } from "./outage.ts";

const words =
  "The instrument was disconnected on request. Connect it again with POST /api/v1/connection/connect.";

/** A meter that runs, or does not. */
export class MeterSwitch {
  readonly #meter: Pick<Meter, "run">;
  readonly #off: Outage;
  #stop: AbortController | undefined;
  #running: Promise<void> = Promise.resolve();
  #failed = Promise.withResolvers<never>();

  /** Off at first; `tellOff` is told why there are no readings, at once and about once a second. */
  constructor(meter: Pick<Meter, "run">, tellOff: (message: string, repeated: boolean) => void) {
    this.#meter = meter;
    this.#off = new Outage(tellOff);
  }

  /** Whether the meter runs. */
  get on(): boolean {
    return this.#stop !== undefined;
  }

  /** Rejects when the meter fails as a program. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Begins to read. */
  turnOn(): void {
    if (this.#stop !== undefined) return;
    this.#off.end();
    const stop = this.#stop = new AbortController();
    this.#running = this.#running.then(() => this.#meter.run(stop.signal));
    this.#running.catch((error) => this.#failed.reject(error));
  }

  /** Ends reading; by then the line is closed. */
  async turnOff(): Promise<void> {
    await this.#end();
    if (this.#stop === undefined) this.#off.because(words);
  }

  /** Ends for good. */
  async close(): Promise<void> {
    await this.#end();
    this.#off.end();
  }

  async #end(): Promise<void> {
    this.#stop?.abort();
    this.#stop = undefined;
    await this.#running;
  }
}
