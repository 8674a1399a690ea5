// Optical power in its two units. Source: ITU-T G.100.1, 0 dBm is 1 mW.

/** A power in dBm from milliwatts; null where it has no logarithm. */
export function toDbm(milliwatts: number): number | null {
  return milliwatts > 0 ? 10 * Math.log10(milliwatts) : null;
}

/** A power in milliwatts from dBm. */
export function toMilliwatts(dbm: number): number {
  return 10 ** (dbm / 10);
}
