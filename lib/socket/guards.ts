// Hand-written checks of what comes from the relay: small enough for a browser, where lib/protocol's zod schemas are not.
// They look at the fields that the feed and a page read, and let unknown ones pass: a newer relay must not silence an older page.

import type { Data, ErrorMessage, Fault, Missing } from "../protocol/mod.ts";
import { channels, parseCursor } from "../protocol/browser.ts";

/** An object, whose fields nothing is known of. */
export type Fields = { readonly [field: string]: unknown };

/** Anything with fields. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

/** A reading of `module`. */
export function isData(value: unknown, module: number): value is Data {
  return isFields(value) && value.type === "data" && value.module === module && isCursor(value.cursor) &&
    isNumber(value.timestamp) && isNumber(value.wavelength_nm) && isText(value.unit) &&
    channels.every((channel) => {
      const power = value[`${channel}_power`];
      return power === null || isNumber(power);
    }) &&
    (value.flags === undefined || isFields(value.flags));
}

/** A range that cannot be filled. */
export function isMissing(value: unknown): value is Missing {
  return isFields(value) && isCursor(value.from) && isCursor(value.to) && isText(value.reason);
}

/** What is wrong with a stream, from a poll's answer or, with a `type` of `error`, from a socket. */
export function isFault(value: unknown): value is Fault | ErrorMessage & Fault {
  return isFields(value) && isText(value.source) && isText(value.message) && isText(value.code) &&
    isText(value.since) && isNumber(value.error_count) && typeof value.recoverable === "boolean";
}

function isCursor(value: unknown): value is string {
  return isText(value) && parseCursor(value) !== null;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}
