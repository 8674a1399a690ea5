// One module's readings: asks, asks again where it doubts, and puts number, unit, wavelength and time together.

import type { Reading } from "../lib/protocol/mod.ts";
import { judge, mostAnswers } from "./belief.ts";
import type { Clock } from "./clock.ts";
import type { Ctp10 } from "./ctp10/mod.ts";
import type { ChannelPower, ModulePower } from "./ctp10/mod.ts";

/** The wavelength can be changed at the instrument: it is asked for again this often. */
const wavelengthPeriodMs = 1000;

/** Reads one module, and remembers what it believed last. */
export class ModuleReader {
  /** The slot that it reads. */
  readonly module: number;
  readonly #clock: Clock;
  #believed: ModulePower | undefined;
  #wavelengthNm: number | undefined;
  #wavelengthAskedAtMs = -Infinity;
  #doubted = 0;

  /** Nothing is asked before `read`. */
  constructor(module: number, clock: Clock) {
    this.module = module;
    this.#clock = clock;
  }

  /** Answers that were asked for again before anything was believed. */
  get doubted(): number {
    return this.#doubted;
  }

  /** One reading that can be believed. @throws {MeterFailure} as the instrument's methods do. */
  async read(ctp10: Ctp10): Promise<Reading> {
    const wavelengthNm = await this.#readWavelength(ctp10);
    const answers: ModulePower[] = [];
    for (;;) {
      answers.push(await ctp10.power(this.module));
      const timestamp = this.#clock.unixSeconds();
      const verdict = judge(this.#believed, answers);
      if (verdict.type === "believe") {
        this.#believed = verdict.power;
        return toReading(timestamp, this.module, wavelengthNm, verdict.power);
      }
      this.#doubted++;
    }
  }

  /** Asks for the wavelength anew at the next reading: what was known may have changed. */
  forgetWavelength(): void {
    this.#wavelengthAskedAtMs = -Infinity;
  }

  /** One that is new has to be told twice in a row, as it may have lost a digit as well; five at most: it may be moving. */
  async #readWavelength(ctp10: Ctp10): Promise<number> {
    const nowMs = this.#clock.monotonicMs();
    let witness = this.#wavelengthNm;
    if (witness !== undefined && nowMs - this.#wavelengthAskedAtMs < wavelengthPeriodMs) return witness;
    let nm = await ctp10.wavelengthNm(this.module);
    for (let answers = 1; nm !== witness && answers < mostAnswers; answers++) {
      witness = nm;
      nm = await ctp10.wavelengthNm(this.module);
    }
    this.#wavelengthAskedAtMs = nowMs;
    return this.#wavelengthNm = nm;
  }
}

function toReading(timestamp: number, module: number, wavelengthNm: number, power: ModulePower): Reading {
  const [ch1, ch2, ch3, ch4] = power.channels;
  const value = (channel: ChannelPower | undefined) => channel?.type === "power" ? channel.value : null;
  const flags = power.channels.flatMap((channel, index) =>
    channel.type === "flagged" ? [[`ch${index + 1}`, channel.flag]] : []
  );
  return {
    timestamp,
    module,
    wavelength_nm: wavelengthNm,
    unit: power.unit,
    ch1_power: value(ch1),
    ch2_power: value(ch2),
    ch3_power: value(ch3),
    ch4_power: value(ch4),
    ...flags.length > 0 && { flags: Object.fromEntries(flags) },
  };
}
