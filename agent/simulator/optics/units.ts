// Conversions between the units of optical power and of wavelength. Nothing here knows the instrument.

/** Speed of light in vacuum, m/s (exact by the SI's definition of the metre). */
export const speedOfLightMps = 299_792_458;

/** dBm from milliwatts; -Infinity for no light, and for less than none, which noise can make of it. */
export function dbmFromMw(powerMw: number): number {
  return powerMw > 0 ? 10 * Math.log10(powerMw) : -Infinity;
}

/** Milliwatts from dBm. */
export function mwFromDbm(powerDbm: number): number {
  return 10 ** (powerDbm / 10);
}

/** A factor of power from dB; -Infinity dB is 0. */
export function factorFromDb(gainDb: number): number {
  return 10 ** (gainDb / 10);
}
