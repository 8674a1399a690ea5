// One detector's settings: unit of power, unit of the spectral axis, wavelength, trigger.

import type { Dialogue, Read } from "./dialogue.ts";
import type { PowerUnit } from "./power.ts";
import { commandsFor, readCount, readNm } from "./values.ts";

/** What can be set on a detector. */
export interface DetectorSettings {
  /** The unit of its power. */
  readonly powerUnit: PowerUnit;
  /** How it tells wavelengths. */
  readonly spectralUnit: "wavelength" | "frequency";
  /** The module's: its channels share it. */
  readonly wavelengthNm: number;
  /** Input 1 to 8, or 0 for none. */
  readonly trigger: number;
}

const readPowerUnit: Read<PowerUnit> = (answer) => answer === "0" ? "dBm" : answer === "1" ? "mW" : undefined;
const readSpectralUnit: Read<"wavelength" | "frequency"> = (answer) =>
  answer === "0" ? "wavelength" : answer === "1" ? "frequency" : undefined;

/** A detector of the instrument. */
export class Detector {
  readonly #dialogue: Dialogue;
  readonly #header: string;

  /** The detector `channel` of `module`. */
  constructor(dialogue: Dialogue, module: number, channel: number) {
    this.#dialogue = dialogue;
    this.#header = `:CTP:SENS${module}:CHAN${channel}`;
  }

  /** All settings, as they are now. @throws {MeterFailure} */
  async settings(signal?: AbortSignal): Promise<DetectorSettings> {
    const [powerUnit, spectralUnit, wavelengthNm, trigger] = await this.#dialogue.askAll([
      [`${this.#header}:UNIT:Y?`, readPowerUnit],
      [`${this.#header}:UNIT:X?`, readSpectralUnit],
      [`${this.#header}:WAV?`, readNm],
      [`${this.#header}:FUNC:TRIG?`, readCount],
    ], signal);
    return { powerUnit, spectralUnit, wavelengthNm, trigger };
  }

  /** Changes the settings that are given. @throws {MeterFailure} `refused` among others. */
  async change(settings: Partial<DetectorSettings>, signal?: AbortSignal): Promise<void> {
    const { powerUnit, spectralUnit, wavelengthNm, trigger } = settings;
    await this.#dialogue.tell(
      commandsFor([
        [`${this.#header}:UNIT:Y`, powerUnit?.toUpperCase()],
        [
          `${this.#header}:UNIT:X`,
          spectralUnit === undefined ? undefined : spectralUnit === "wavelength" ? "WAV" : "FREQ",
        ],
        [`${this.#header}:WAV`, wavelengthNm === undefined ? undefined : `${wavelengthNm}NM`],
        [`${this.#header}:FUNC:TRIG`, trigger],
      ]),
      signal,
    );
  }
}
