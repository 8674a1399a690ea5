// Readings folded into one, for a viewer whose socket is behind: the last of them, each channel's extremes, how many.

import type { Data } from "../../protocol/mod.ts";
import { channels } from "../../protocol/mod.ts";
import { toDbm, toMilliwatts } from "../units.ts";

type Bounds = NonNullable<Data["min"]>;

/** One or more readings as one. Its size does not depend on how many they are. */
export class Fold {
  #count = 1;
  #last: Data;
  readonly #min: Bounds = {};
  readonly #max: Bounds = {};

  /** Begins with one reading. */
  constructor(first: Data) {
    this.#last = first;
    this.#include(first);
  }

  /** How many readings it stands for. */
  get count(): number {
    return this.#count;
  }

  /** Folds another reading in. */
  add(next: Data): void {
    this.#count += 1;
    if (next.unit !== this.#last.unit) this.#convert(next.unit === "dBm" ? toDbm : toMilliwatts);
    this.#last = next;
    this.#include(next);
  }

  /** The reading that stands for all of them. */
  data(): Data {
    if (this.#count === 1) return this.#last;
    return { ...this.#last, conflated: this.#count, min: { ...this.#min }, max: { ...this.#max } };
  }

  #convert(convert: (power: number) => number | null): void {
    for (const bounds of [this.#min, this.#max]) {
      for (const channel of channels) {
        const power = bounds[channel] === undefined ? null : convert(bounds[channel]);
        if (power === null) delete bounds[channel];
        else bounds[channel] = power;
      }
    }
  }

  #include(reading: Data): void {
    for (const channel of channels) {
      const power = reading[`${channel}_power`];
      if (power === null) continue;
      this.#min[channel] = Math.min(power, this.#min[channel] ?? power);
      this.#max[channel] = Math.max(power, this.#max[channel] ?? power);
    }
  }
}
