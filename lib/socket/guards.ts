// Hand-written checks of what comes from the relay: small enough for a browser, where lib/protocol's zod schemas are not.
// They look at the fields that the feed and a page read, and let unknown ones pass: a newer relay must not silence an older page.

import { channels } from "../protocol/browser.ts";
import type { Data, Fault, Missing } from "../protocol/mod.ts";

/** An object of whose fields nothing is known. */
export type Fields = { readonly [field: string]: unknown };

/** Anything with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** A reading of `module`; its cursor may still be none. */
export function isData(value: unknown, module: number): value is Data {
  return isFields(value) && value.type === "data" && value.module === module &&
    ["timestamp", "wavelength_nm"].every((name) => isNumber(value[name])) &&
    haveText(value, ["unit", "cursor"]) &&
    channels.map((channel) => value[`${channel}_power`]).every((power) =>
      power === null || isNumber(power)
    ) && isFields(value.flags ?? {});
}

/** A range that cannot be filled; its cursors may still be none. */
export function isMissing(value: unknown): value is Missing {
  return isFields(value) && haveText(value, ["from", "to", "reason"]);
}

/** What is wrong with a stream: in a poll's answer, or an `error` of the stream. */
export function isFault(value: unknown): value is Fault {
  return isFields(value) && haveText(value, ["source", "message", "since"]);
}

function haveText(value: Fields, names: readonly string[]): boolean {
  return names.every((name) => typeof value[name] === "string");
}

function isNumber(value: unknown): boolean {
  return typeof value === "number";
}
