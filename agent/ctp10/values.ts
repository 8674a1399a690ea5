// How the instrument writes values, read strictly, and how they are written for it.

import { parseNumber } from "../../lib/scpi/mod.ts";

/** A power for a laser, in the unit that it is meant in. */
export interface PowerSetting {
  /** So many of the unit. */
  readonly value: number;
  /** The unit that the instrument will use, too. */
  readonly unit: "dBm" | "mW";
}

/** A finite number. */
export function readNumber(answer: string): number | undefined {
  const value = parseNumber(answer);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** A whole number, not negative. */
export function readCount(answer: string): number | undefined {
  const value = readNumber(answer);
  return value !== undefined && Number.isInteger(value) && value >= 0 ? value : undefined;
}

/** `1` or `0`. */
export function readSwitch(answer: string): boolean | undefined {
  if (answer === "1") return true;
  return answer === "0" ? false : undefined;
}

/** Metres, as nanometres to a tenth of a picometre. */
export function readNm(answer: string): number | undefined {
  const metres = readNumber(answer);
  return metres === undefined ? undefined : Math.round(metres * 1e13) / 1e4;
}

/** Metres, as picometres to a thousandth. */
export function readPm(answer: string): number | undefined {
  const metres = readNumber(answer);
  return metres === undefined ? undefined : Math.round(metres * 1e15) / 1e3;
}

/** Whatever text there is. */
export function readText(answer: string): string | undefined {
  const text = answer.trim();
  return text === "" ? undefined : text;
}

/** `5DBM`. */
export function writePower({ value, unit }: PowerSetting): string {
  return `${value}${unit.toUpperCase()}`;
}

/** The commands for those settings that are there. */
export function commandsFor(
  settings: readonly (readonly [header: string, value: string | number | undefined])[],
): readonly string[] {
  return settings.flatMap(([header, value]) => value === undefined ? [] : [`${header} ${value}`]);
}
