// SCPI's number formats (IEEE 488.2 section 8.7): how values are written in replies and read back, whole or not at all.

/** What stands for what a decimal number cannot say (SCPI-99 volume 1, section 7.2.1). */
const notANumber = 9.91e37;
const infinity = 9.9e37;

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;

/** NR1, a whole number: `50`. */
export function formatInteger(value: number): string {
  return String(Math.round(value));
}

/** NR2 with so many decimals, `-5.250`; what is not finite becomes SCPI's 9.91E+37 or ±9.9E+37, as NR3. */
export function formatFixed(value: number, decimals: number): string {
  return Number.isFinite(value) ? value.toFixed(decimals) : formatReal(value);
}

/** NR3 with eight decimals and three digits of exponent: `1.55000000E-006`. */
export function formatReal(value: number): string {
  const [mantissa = "", exponent = ""] = standIn(value).toExponential(8).split("e");
  const sign = exponent.startsWith("-") ? "-" : "+";
  return `${mantissa}E${sign}${exponent.slice(1).padStart(3, "0")}`;
}

/**
 * Reads a decimal number of any of the three formats. 9.91E37 gives NaN, ±9.9E37 gives ±Infinity; `undefined` where
 * the text is not a number from its first to its last character (white space around it aside).
 */
export function parseNumber(text: string): number | undefined {
  const trimmed = text.trim();
  if (!decimal.test(trimmed)) return undefined;
  const value = Number(trimmed);
  if (value === notANumber) return NaN;
  return Math.abs(value) === infinity ? Math.sign(value) * Infinity : value;
}

/** The number itself, or SCPI's 9.91E37 for NaN and ±9.9E37 for ±Infinity. */
export function standIn(value: number): number {
  if (Number.isNaN(value)) return notANumber;
  return Number.isFinite(value) ? value : Math.sign(value) * infinity;
}
