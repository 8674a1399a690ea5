// A program message, taken apart: the units between semicolons, each with its header spelled from the root and the text
// of its parameters (IEEE 488.2 section 7.3, SCPI-99 volume 1, section 6.2.4). It knows no command; tree.ts does.

import { ScpiError, type ScpiErrorCode } from "./errors.ts";

/** One node of a header: `SENSe4` is `{ mnemonic: "SENSE", suffix: 4 }`. */
export interface HeaderNode {
  /** In upper case, without its numeric suffix. */
  readonly mnemonic: string;
  /** `undefined` where none was written. */
  readonly suffix: number | undefined;
}

/** One command or query of a message. */
export interface ProgramUnit {
  /** From the root, whatever was left out by the rules for compound messages. */
  readonly header: readonly HeaderNode[];
  /** Ends in a question mark. */
  readonly query: boolean;
  /** As written, without the white space around each. */
  readonly parameters: readonly string[];
}

/** A message's units up to the first one that breaks the grammar, and that unit's error. */
export interface ProgramMessage {
  /** In order; all of them, where `error` is `undefined`. */
  readonly units: readonly ProgramUnit[];
  /** What was wrong with the unit after the last of `units`. */
  readonly error: ScpiErrorCode | undefined;
}

/**
 * Takes one line, without its terminator, apart. A header with a leading colon starts at the root; one without starts
 * where the header before it ended, less its last node; a common command (`*CLS`) leaves that place as it is.
 */
export function parseMessage(line: string): ProgramMessage {
  const units: ProgramUnit[] = [];
  let path: readonly HeaderNode[] = [];
  try {
    // deno-lint-ignore no-control-regex -- a message is printable ASCII and white space, nothing else
    if (/[^\x09\x0b-\x0d\x20-\x7e]/.test(line)) throw new ScpiError(-101);
    for (const text of split(line, ";")) {
      const trimmed = text.trim();
      if (trimmed === "") continue;
      const unit = parseUnit(trimmed, path);
      if (!trimmed.startsWith("*")) path = unit.header.slice(0, -1);
      units.push(unit);
    }
  } catch (error) {
    if (!(error instanceof ScpiError)) throw error;
    return { units, error: error.code };
  }
  return { units, error: undefined };
}

function parseUnit(text: string, path: readonly HeaderNode[]): ProgramUnit {
  const [, header = "", mark = "", rest = ""] = /^([^\s?]+)(\??)(.*)$/s.exec(text) ?? [];
  if (rest !== "" && !/^\s/.test(rest)) throw new ScpiError(-103);
  const tail = rest.trim();
  return {
    header: parseHeader(header, path),
    query: mark === "?",
    parameters: tail === "" ? [] : split(tail, ",").map(parameter),
  };
}

function parseHeader(text: string, path: readonly HeaderNode[]): readonly HeaderNode[] {
  if (/^\*[A-Za-z]+$/.test(text)) return [{ mnemonic: text.toUpperCase(), suffix: undefined }];
  const bare = text.startsWith(":") ? text.slice(1) : text;
  const nodes = bare.split(":").map(headerNode);
  return bare === text ? [...path, ...nodes] : nodes;
}

function headerNode(text: string): HeaderNode {
  const match = /^([A-Za-z][A-Za-z_]*)(\d*)$/.exec(text);
  if (match === null) throw new ScpiError(/[^\w:]/.test(text) ? -101 : -102);
  const [, mnemonic = "", digits = ""] = match;
  return { mnemonic: mnemonic.toUpperCase(), suffix: digits === "" ? undefined : Number(digits) };
}

function parameter(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") throw new ScpiError(-102);
  return trimmed;
}

/** Parts between separators that stand outside quotes. */
function split(text: string, separator: string): string[] {
  const parts: string[] = [];
  let quote: string | undefined;
  let start = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (quote !== undefined) {
      // A doubled quote inside a string closes it and opens it again, which comes to the same.
      if (character === quote) quote = undefined;
    } else if (character === '"' || character === "'") {
      quote = character;
    } else if (character === separator) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  if (quote !== undefined) throw new ScpiError(-151);
  parts.push(text.slice(start));
  return parts;
}

/**
 * One message of these units, whose headers are spelled from the root, in as few bytes as a compound message allows:
 * what a header shares with the one before it, less that one's last node, is left out.
 */
export function joinUnits(units: readonly string[]): string {
  const pathOf = (unit: string) => unit.slice(0, unit.lastIndexOf(":", unit.search(/[?\s]|$/)) + 1);
  return units.map((unit, index) => {
    const path = pathOf(units[index - 1] ?? "");
    return path !== "" && unit.startsWith(path) ? unit.slice(path.length) : unit;
  }).join(";");
}

/**
 * The replies to a compound query, which come in one line: `-17.850;0` is two. `undefined` where a string in it is
 * not closed.
 */
export function splitReply(line: string): readonly string[] | undefined {
  try {
    return split(line, ";").map((part) => part.trim());
  } catch {
    return undefined;
  }
}
