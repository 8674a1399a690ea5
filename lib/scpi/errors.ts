// SCPI's standard errors as a typed table (SCPI-99 volume 2, section 21.8), and their form on the wire.
// It holds the errors that this project raises or has to recognise, not the standard's whole list.

/** Number and wording of every error that this project raises or has to recognise. */
export const scpiErrors = [
  [-100, "Command error"],
  [-101, "Invalid character"],
  [-102, "Syntax error"],
  [-103, "Invalid separator"],
  [-104, "Data type error"],
  [-108, "Parameter not allowed"],
  [-109, "Missing parameter"],
  [-113, "Undefined header"],
  [-114, "Header suffix out of range"],
  [-131, "Invalid suffix"],
  [-138, "Suffix not allowed"],
  [-151, "Invalid string data"],
  [-200, "Execution error"],
  [-213, "Init ignored"],
  [-221, "Settings conflict"],
  [-222, "Data out of range"],
  [-224, "Illegal parameter value"],
  [-230, "Data corrupt or stale"],
  [-310, "System error"],
  [-350, "Queue overflow"],
  [-363, "Input buffer overrun"],
  [-410, "Query INTERRUPTED"],
] as const;

/** A standard error's number. */
export type ScpiErrorCode = (typeof scpiErrors)[number][0];

const messages = new Map<number, string>(scpiErrors);

/** The standard's wording of an error, without quotes. */
function messageOf(code: ScpiErrorCode): string {
  return messages.get(code) ?? "";
}

/** Thrown by the grammar for text that breaks it, and by instruments for what they cannot do. */
export class ScpiError extends Error {
  /** Tells this error from others where `instanceof` cannot. */
  override readonly name = "ScpiError";
  /** `code` is the standard's number; the message is its wording. */
  constructor(readonly code: ScpiErrorCode) {
    super(messageOf(code));
  }
}

/** One answer of an error queue; code 0 is "No error". */
export interface ErrorReply {
  /** 0, or the error's number; other numbers than the standard's are the device's own. */
  readonly code: number;
  /** The wording, without quotes. */
  readonly message: string;
}

/** `-113,"Undefined header"`; `0,"No error"` for `undefined`. */
export function formatErrorReply(code: ScpiErrorCode | undefined): string {
  return code === undefined ? `0,"No error"` : `${code},"${messageOf(code)}"`;
}

/** Reads the answer of `:SYSTem:ERRor?`; `undefined` where the text is not one, whole. */
export function parseErrorReply(text: string): ErrorReply | undefined {
  const match = /^\s*([+-]?\d{1,6}),"((?:[^"]|"")*)"\s*$/.exec(text);
  if (match === null) return undefined;
  const [, code = "", message = ""] = match;
  return { code: Number(code), message: message.replaceAll('""', '"') };
}

/**
 * The bit that an error sets in the standard event status register (IEEE 488.2 section 11.5.1): 32 command error,
 * 16 execution error, 8 device-dependent error, 4 query error.
 */
export function eventStatusBit(code: ScpiErrorCode): number {
  if (code > -200) return 32;
  if (code > -300) return 16;
  return code > -400 ? 8 : 4;
}
