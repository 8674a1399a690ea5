// Configuration by environment variable: one zod schema for each process, one line for each bad variable, and the
// table that `--help` prints. It reads only the variables that the schema names, so that the permission stays narrow.

import { z } from "zod";
import { exitCodes } from "./exit.ts";
import { onOneLine } from "./log.ts";

/** A zod object whose keys are names of environment variables. */
export type Configuration = z.ZodObject<Record<string, z.ZodType>>;

/** Thrown when variables do not match the schema, or the machine. `lines` holds one sentence for each of them. */
export class ConfigurationError extends Error {
  /** Tells this error from others where `instanceof` cannot. */
  override readonly name = "ConfigurationError";
  /** One sentence for each wrong variable. */
  readonly lines: readonly string[];
  /** Two entries of a list may be wrong in one sentence, which counts once; no value in one can break its line. */
  constructor(sentences: readonly string[]) {
    const lines = [...new Set(sentences.map(onOneLine))];
    super(lines.join("\n"));
    this.lines = lines;
  }
}

/** Variables whose values are never shown. */
const secretName = /_(TOKEN|SECRET)$/;
/** The part of an address that may hold a password. */
const userinfo = /\/\/[^/]*@/;

/** Schemas for the kinds of value that an environment variable can hold. */
export const variable = {
  /** A whole number from `min` to `max`. */
  integer: (min: number, max: number): z.ZodType<number> =>
    z.string().trim().regex(/^-?\d+$/, "is not a whole number").transform(Number)
      .pipe(z.number().min(min, `is below ${min}`).max(max, `is above ${max}`)),
  /** A number from `min` to `max`. */
  number: (min: number, max: number): z.ZodType<number> =>
    z.string().trim().regex(/^-?\d+(\.\d+)?$/, "is not a number").transform(Number)
      .pipe(z.number().min(min, `is below ${min}`).max(max, `is above ${max}`)),
  /** Comma-separated items, each matching `item`. */
  list: <T>(item: z.ZodType<T, string>): z.ZodType<T[]> =>
    z.string().transform((text) => text.split(",").map((part) => part.trim()).filter((part) => part !== ""))
      .pipe(z.array(item)),
  /** A secret that is sent as a bearer token, which takes visible ASCII alone. */
  token: (shortest: number): z.ZodType<string> =>
    z.string().min(shortest, { error: `is shorter than ${shortest} characters`, abort: true }).regex(
      /^[\x21-\x7e]*$/,
      "holds a space or a character outside ASCII: write letters, digits and punctuation alone",
    ),
  /** A path that a process is permitted to use: `--allow-read=` takes a comma for the end of one. */
  path: (): z.ZodType<string> =>
    z.string().regex(
      /^[^,]*$/,
      "holds a comma, which permissions for a path cannot: write a path without one",
    ),
  /** `1` or `true`, `0` or `false`. */
  flag: (): z.ZodType<boolean> =>
    z.enum(["0", "1", "false", "true"], "is not 0 or 1").transform((text) => text === "1" || text === "true"),
};

/**
 * Checks variables against a schema. An empty string counts as not set.
 * @throws {ConfigurationError} with one line for each wrong variable.
 */
export function parseConfiguration<S extends Configuration>(
  schema: S,
  get: (name: string) => string | undefined,
): z.output<S> {
  const given = Object.fromEntries(
    Object.keys(schema.shape).map((name) => [name, get(name)]).filter(([, value]) => value),
  );
  const result = schema.safeParse(given);
  if (result.success) return result.data;
  throw new ConfigurationError(result.error.issues.map((issue) => {
    const name = String(issue.path[0] ?? "");
    if (!(name in given)) return name === "" ? issue.message : `${name}: ${missing(issue.message)}`;
    if (secretName.test(name)) return `${name}: ${issue.message}`;
    return `${name}=${given[name]?.replace(userinfo, "//…@")}: ${issue.message}`;
  }));
}

function missing(message: string): string {
  return message.startsWith("Invalid input") ? "must be set" : message;
}

/**
 * The configuration of this process from its environment. Prints the table and ends the process with 0 on `--help`;
 * prints one line for each wrong variable and ends with {@linkcode exitCodes.configuration} otherwise.
 */
export function readConfiguration<S extends Configuration>(program: string, schema: S): z.output<S> {
  if (Deno.args.includes("--help") || Deno.args.includes("-h")) {
    console.log(helpText(program, schema));
    Deno.exit(exitCodes.ok);
  }
  return orRefuse(program, () => parseConfiguration(schema, (name) => Deno.env.get(name)));
}

/**
 * What `work` returns. Where it throws a {@linkcode ConfigurationError}, prints its lines and ends the process with
 * {@linkcode exitCodes.configuration}: starting it again would not help.
 */
export function orRefuse<T>(program: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    return refuse(program, error);
  }
}

/** The same for what was thrown elsewhere; throws again what is no {@linkcode ConfigurationError}. */
export function refuse(program: string, error: unknown): never {
  if (!(error instanceof ConfigurationError)) throw error;
  for (const line of error.lines) console.error(`${program}: ${line}`);
  Deno.exit(exitCodes.configuration);
}

function helpText(program: string, schema: Configuration): string {
  const names = Object.keys(schema.shape);
  const width = Math.max(...names.map((name) => name.length));
  const rows = names.map((name) => `  ${name.padEnd(width)}  ${schema.shape[name]?.description ?? ""}`);
  return [`${program} is configured by environment variables:`, "", ...rows].join("\n");
}
