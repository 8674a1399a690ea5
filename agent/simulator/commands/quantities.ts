// The two quantities that this instrument's commands take, with their units and limits.

import { type Parameter, quantity, ScpiError } from "../../../lib/scpi/mod.ts";
import { speedOfLightMps } from "../optics/units.ts";
import type { PowerSetting } from "../state.ts";
import { settingDbm } from "../sweep.ts";

const wavelengthUnits = {
  M: (m: number) => m,
  NM: (nm: number) => nm / 1e9,
  PM: (pm: number) => pm / 1e12,
  HZ: (hz: number) => speedOfLightMps / hz,
  GHZ: (ghz: number) => speedOfLightMps / (ghz * 1e9),
  THZ: (thz: number) => speedOfLightMps / (thz * 1e12),
};

const powerUnits = {
  DBM: (value: number): PowerSetting => ({ value, unit: "dBm" }),
  MW: (value: number): PowerSetting => ({ value, unit: "mW" }),
  W: (value: number): PowerSetting => ({ value: value * 1000, unit: "mW" }),
};

/** A wavelength in metres, or the wavelength of a frequency. */
export function wavelength(minimumNm: number, maximumNm: number): Parameter<number> {
  return limited(quantity(wavelengthUnits, "M"), (m) => m * 1e9, minimumNm, maximumNm);
}

/** A width in wavelength, metres. */
export function wavelengthStep(minimumPm: number, maximumPm: number): Parameter<number> {
  const { M, NM, PM } = wavelengthUnits;
  return limited(quantity({ M, NM, PM }, "M"), (m) => m * 1e12, minimumPm, maximumPm);
}

/** A power, in the unit that it was given in. */
export function power(minimumDbm: number, maximumDbm: number): Parameter<PowerSetting> {
  return limited(quantity(powerUnits, "DBM"), settingDbm, minimumDbm, maximumDbm);
}

/** Limits are met to a billionth, so that a limit itself, converted from another unit, is inside. */
function limited<T>(
  reader: Parameter<T>,
  measure: (value: T) => number,
  minimum: number,
  maximum: number,
): Parameter<T> {
  return {
    read(text) {
      const value = reader.read(text);
      const measured = measure(value);
      const slack = 1e-9 * Math.max(Math.abs(minimum), Math.abs(maximum));
      if (!(measured >= minimum - slack && measured <= maximum + slack)) throw new ScpiError(-222);
      return value;
    },
  };
}
