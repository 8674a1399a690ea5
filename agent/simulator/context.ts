// What a command of the simulated instrument is given, what it gives back, and how one is declared.

import {
  type Command,
  command,
  type Parameter,
  type ParameterValues,
  type Suffixes,
} from "../../lib/scpi/mod.ts";
import type { InstrumentState } from "./state.ts";

/** The world around the instrument. */
export interface Environment {
  /** How long a detector averages for one reading. */
  readonly averagingMs: number;
  /** What happened to a channel's fibre: a gain in dB, -Infinity where it was pulled. */
  disturbanceDb(module: number, channel: number, nowMs: number): number;
}

/** What a command is given. */
export interface Context {
  readonly state: InstrumentState;
  /** Unix milliseconds. */
  readonly nowMs: number;
  readonly environment: Environment;
}

/** The answer to a query: text, or a block with its header. */
export type Reply = string | Uint8Array;

/** What a command did. */
export interface Outcome {
  readonly state: InstrumentState;
  readonly reply: Reply | undefined;
}

/** A command of this instrument. */
export type InstrumentCommand = Command<Context, Outcome>;

/** Declares a command that changes the state and answers nothing. */
export function setting<const P extends string, const R extends readonly Parameter<unknown>[]>(
  pattern: P,
  parameters: R,
  change: (context: Context, suffixes: Suffixes<P>, values: ParameterValues<R>) => InstrumentState,
): InstrumentCommand {
  return command(
    pattern,
    parameters,
    (context: Context, suffixes: Suffixes<P>, values: ParameterValues<R>) => ({
      state: change(context, suffixes, values),
      reply: undefined,
    }),
  );
}

/** Declares a query that answers, and changes nothing. */
export function query<const P extends string, const R extends readonly Parameter<unknown>[]>(
  pattern: P,
  parameters: R,
  answer: (context: Context, suffixes: Suffixes<P>, values: ParameterValues<R>) => Reply,
): InstrumentCommand {
  return command(
    pattern,
    parameters,
    (context: Context, suffixes: Suffixes<P>, values: ParameterValues<R>) => ({
      state: context.state,
      reply: answer(context, suffixes, values),
    }),
  );
}

/** Declares a query that answers, and changes the state by being asked, as those of event registers do. */
export function reading<const P extends string>(
  pattern: P,
  answer: (context: Context) => { readonly state: InstrumentState; readonly reply: Reply },
): InstrumentCommand {
  return command(pattern, [], answer);
}
