// The log: one JSON object a line on standard error, or one readable line on a terminal. Secrets never reach it: callers
// pass the fields that they mean to show, nothing is dumped. What they show may be a stranger's: it cannot break a line, and
// not fill a disk.

import { z } from "zod";

const levels = ["debug", "info", "warn", "error"] as const satisfies readonly LogLevel[];

/** Characters of a text that are shown. */
const longestText = 500;

/** How grave a line is. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** Named values beside a message; names are `snake_case` like everything on a wire. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Writes lines at or above its level. */
export interface Logger {
  /** Of use only while looking for a fault. */
  debug(message: string, fields?: LogFields): void;
  /** What an operator expects to happen. */
  info(message: string, fields?: LogFields): void;
  /** What heals by itself, but should not happen often. */
  warn(message: string, fields?: LogFields): void;
  /** What needs somebody. */
  error(message: string, fields?: LogFields): void;
}

/** The variables of a process's log, to be spread into its schema. */
export const logVariables = {
  LOG_LEVEL: z.enum(levels, `is none of ${levels.join(", ")}`).default("info").describe(
    "debug, info, warn or error (default: info)",
  ),
  LOG_FORMAT: z.enum(["text", "json"], "is neither text nor json").optional()
    .describe("text or json (default: text on a terminal, json elsewhere)"),
};

/** What {@linkcode logVariables} yields. */
export interface LogVariables {
  /** Lines below it are not written. */
  readonly LOG_LEVEL: LogLevel;
  /** Chosen by the kind of standard error where not set. */
  readonly LOG_FORMAT?: "text" | "json" | undefined;
}

/** A logger for the process `program`; `write` takes one line without its end, `now` is in Unix milliseconds. */
export function createLogger(
  program: string,
  variables: LogVariables,
  write: (line: string) => void = (line) => console.error(line),
  now: () => number = Date.now,
): Logger {
  const least = levels.indexOf(variables.LOG_LEVEL);
  const format = variables.LOG_FORMAT ?? (Deno.stderr.isTerminal() ? "text" : "json");
  const at = (level: LogLevel) => (message: string, fields: LogFields = {}) => {
    if (levels.indexOf(level) < least) return;
    const time = new Date(now()).toISOString();
    write(
      format === "json"
        ? JSON.stringify({ time, level, program, message, ...fields }, cut)
        : onOneLine(asText(time, level, program, message, fields)),
    );
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function asText(time: string, level: LogLevel, program: string, message: string, fields: LogFields): string {
  const shown = Object.entries(fields)
    .map(([name, value]) =>
      ` ${name}=${typeof value === "string" ? cut(name, value) : JSON.stringify(value, cut)}`
    );
  const gravity = level === "info" ? "" : `${level}: `;
  return `${time.slice(11, 23)} ${program.padEnd(9)} ${gravity}${cut("message", message)}${shown.join("")}`;
}

function cut(_name: string, value: unknown): unknown {
  return typeof value === "string" && value.length > longestText ? `${value.slice(0, longestText)}…` : value;
}

/** A line whose control and formatting characters are written as in JSON: a terminal would obey them. */
export function onOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (character) => {
    const escaped = JSON.stringify(character).slice(1, -1);
    return escaped === character ? `\\u${character.codePointAt(0)?.toString(16).padStart(4, "0")}` : escaped;
  });
}
