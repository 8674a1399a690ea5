// The lasers: those that are controlled by hand (RLASer), and those that a sweep tunes (TLS).

import type { Dialogue } from "./dialogue.ts";
import {
  commandsFor,
  type PowerSetting,
  readCount,
  readNm,
  readNumber,
  readSwitch,
  readText,
  writePower,
} from "./values.ts";

/** A reference laser, as it is. */
export interface ReferenceLaserState {
  /** Its `IDN?` text. */
  readonly identity: string;
  /** Whether it emits light. */
  readonly on: boolean;
  /** 1260 to 1640. */
  readonly wavelengthNm: number;
  /** In the unit that it was set in, which the instrument does not tell. */
  readonly power: number;
}

/** What can be set on a reference laser. */
export interface ReferenceLaserSettings {
  /** Whether it emits light. */
  readonly on?: boolean;
  /** 1260 to 1640. */
  readonly wavelengthNm?: number;
  /** What it emits while it is on. */
  readonly power?: PowerSetting;
}

/** A laser that is controlled by hand. */
export class ReferenceLaser {
  readonly #dialogue: Dialogue;
  readonly #header: string;

  /** The laser `number`, 1 to 10. */
  constructor(dialogue: Dialogue, number: number) {
    this.#dialogue = dialogue;
    this.#header = `:CTP:RLAS${number}`;
  }

  /** Everything about it, as it is now. @throws {MeterFailure} */
  async state(signal?: AbortSignal): Promise<ReferenceLaserState> {
    const [identity, wavelengthNm, power, on] = await this.#dialogue.askAll([
      [`${this.#header}:IDN?`, readText],
      [`${this.#header}:WAV?`, readNm],
      [`${this.#header}:POW?`, readNumber],
      [`${this.#header}:POW:STAT?`, readSwitch],
    ], signal);
    return { identity, on, wavelengthNm, power };
  }

  /** Changes what is given; light comes on last, and goes off first. @throws {MeterFailure} `refused` among others. */
  async change({ on, wavelengthNm, power }: ReferenceLaserSettings, signal?: AbortSignal): Promise<void> {
    await this.#dialogue.tell(
      commandsFor([
        [`${this.#header}:POW:STAT`, on === false ? "OFF" : undefined],
        [`${this.#header}:WAV`, wavelengthNm === undefined ? undefined : `${wavelengthNm}NM`],
        [`${this.#header}:POW`, power === undefined ? undefined : writePower(power)],
        [`${this.#header}:POW:STAT`, on === true ? "ON" : undefined],
      ]),
      signal,
    );
  }
}

/** A tunable laser's part in the next sweep. */
export interface TunableLaserState {
  /** 1260 to 1640. */
  readonly startNm: number;
  /** 1260 to 1640. */
  readonly stopNm: number;
  /** 5 to 200. */
  readonly speedNmPerS: number;
  /** In the unit that it was set in, which the instrument does not tell. */
  readonly power: number;
  /** Input 1 to 8, or 0 for none. */
  readonly trigger: number;
}

/** What can be set on a tunable laser. */
export type TunableLaserSettings = Partial<Omit<TunableLaserState, "power">> & {
  /** -10 to 10 dBm. */
  readonly power?: PowerSetting;
};

/** A laser that sweeps. */
export class TunableLaser {
  readonly #dialogue: Dialogue;
  readonly #header: string;

  /** The laser `number`, 1 to 4. */
  constructor(dialogue: Dialogue, number: number) {
    this.#dialogue = dialogue;
    this.#header = `:INIT:TLS${number}`;
  }

  /** All settings, as they are now. @throws {MeterFailure} */
  async state(signal?: AbortSignal): Promise<TunableLaserState> {
    const [startNm, stopNm, speedNmPerS, power, trigger] = await this.#dialogue.askAll([
      [`${this.#header}:WAV:STAR?`, readNm],
      [`${this.#header}:WAV:STOP?`, readNm],
      [`${this.#header}:SPE?`, readNumber],
      [`${this.#header}:POW?`, readNumber],
      [`${this.#header}:TRIG?`, readCount],
    ], signal);
    return { startNm, stopNm, speedNmPerS, power, trigger };
  }

  /** Changes the settings that are given. @throws {MeterFailure} `refused` among others. */
  async change(settings: TunableLaserSettings, signal?: AbortSignal): Promise<void> {
    const { startNm, stopNm, speedNmPerS, power, trigger } = settings;
    await this.#dialogue.tell(
      commandsFor([
        [`${this.#header}:WAV:STAR`, startNm === undefined ? undefined : `${startNm}NM`],
        [`${this.#header}:WAV:STOP`, stopNm === undefined ? undefined : `${stopNm}NM`],
        [`${this.#header}:SPE`, speedNmPerS],
        [`${this.#header}:POW`, power === undefined ? undefined : writePower(power)],
        [`${this.#header}:TRIG`, trigger],
      ]),
      signal,
    );
  }
}
