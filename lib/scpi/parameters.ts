// Readers for the parameters of a command: each turns one parameter's text into a value, or throws the standard's error.

import { ScpiError } from "./errors.ts";
import { parseNumber } from "./numbers.ts";

/** Reads one parameter. */
export interface Parameter<T> {
  /** Reads the parameter's text. @throws {ScpiError} where it is not of this kind. */
  read(text: string): T;
  /** The value of a parameter that may be left out. */
  readonly fallback?: T;
}

/** The values that a list of readers yields. */
export type ParameterValues<P extends readonly Parameter<unknown>[]> = {
  readonly [I in keyof P]: P[I] extends Parameter<infer T> ? T : never;
};

/** A parameter that may be left out at the end of a command. */
export function optional<T>(parameter: Parameter<T>, fallback: T): Parameter<T> {
  return { ...parameter, fallback };
}

/** A number without a unit. @throws {ScpiError} -104, -138, or -222 outside the limits. */
export function number(minimum: number, maximum: number): Parameter<number> {
  return {
    read(text) {
      const { value, unit } = splitUnit(text);
      if (unit !== "") throw new ScpiError(-138);
      return within(value, minimum, maximum);
    },
  };
}

/** A number that is rounded to a whole one, as IEEE 488.2 asks. @throws {ScpiError} as {@linkcode number}. */
export function integer(minimum: number, maximum: number): Parameter<number> {
  const reader = number(-Infinity, Infinity);
  return { read: (text) => within(Math.round(reader.read(text)), minimum, maximum) };
}

/** The units that a parameter may have, and what the instrument keeps of a number in each. */
export interface UnitTable<T> {
  /** By the unit's name in upper case. */
  readonly [unit: string]: (value: number) => T;
}

/**
 * A number with a unit of the table, in any case: `1550NM`, `1.55E-6 M`. Without a unit it has the unit `bare`.
 * @throws {ScpiError} -104 where it is not a number, -131 where the unit is not in the table.
 */
export function quantity<T>(units: UnitTable<T>, bare: string): Parameter<T> {
  return {
    read(text) {
      const { value, unit } = splitUnit(text);
      const convert = Object.hasOwn(units, unit || bare) ? units[unit || bare] : undefined;
      if (convert === undefined) throw new ScpiError(-131);
      return convert(value);
    },
  };
}

/** `ON`, `OFF`, or a number, which is true unless it rounds to 0. @throws {ScpiError} -224 for other words. */
export const boolean: Parameter<boolean> = {
  read(text) {
    const word = text.toUpperCase();
    if (word === "ON" || word === "OFF") return word === "ON";
    const value = parseNumber(word);
    if (value === undefined) throw new ScpiError(-224);
    return Math.round(value) !== 0;
  },
};

/** One of some words, in any case: the key of the table. @throws {ScpiError} -224 for other words. */
export function choice<const T>(words: Readonly<Record<string, T>>): Parameter<T> {
  const table = new Map(Object.entries(words));
  return {
    read(text) {
      const value = table.get(text.toUpperCase());
      if (value === undefined) throw new ScpiError(-224);
      return value;
    },
  };
}

/**
 * Reads the parameters of one command in order.
 * @throws {ScpiError} -109 where one is missing, -108 where there is one too many, and what the readers throw.
 */
export function readParameters(readers: readonly Parameter<unknown>[], texts: readonly string[]): unknown[] {
  if (texts.length > readers.length) throw new ScpiError(-108);
  return readers.map((reader, index) => {
    const text = texts[index];
    if (text !== undefined) return reader.read(text);
    if (!("fallback" in reader)) throw new ScpiError(-109);
    return reader.fallback;
  });
}

function splitUnit(text: string): { value: number; unit: string } {
  const [, digits = "", unit = ""] = /^(.*?[\d.])\s*([A-Za-z]*)$/.exec(text) ?? [];
  const value = parseNumber(digits);
  if (value === undefined) throw new ScpiError(-104);
  return { value, unit: unit.toUpperCase() };
}

function within(value: number, minimum: number, maximum: number): number {
  if (!(value >= minimum && value <= maximum)) throw new ScpiError(-222);
  return value;
}
