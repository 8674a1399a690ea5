// The commands of an instrument as a tree: patterns such as `:CTP:SENSe<1-20>:CHANnel<1-6>:POWer?` in, the command that a
// header means out. Long and short forms, numeric suffixes and optional nodes are handled here, and nowhere else.

import { ScpiError } from "./errors.ts";
import type { HeaderNode, ProgramUnit } from "./message.ts";
import { type Parameter, type ParameterValues, readParameters } from "./parameters.ts";

/** The numeric suffixes of a pattern, in order: two numbers for `:SENSe<1-20>:CHANnel<1-6>`. */
export type Suffixes<P extends string> = P extends `${string}<${string}>${infer Rest}`
  ? readonly [number, ...Suffixes<Rest>]
  : readonly [];

/** A command or query that takes a `Context` and gives a `Result`. */
export interface Command<Context, Result> {
  /** As written in the instrument's manual; see {@linkcode command}. */
  readonly pattern: string;
  /** What its parameters are. */
  readonly parameters: readonly Parameter<unknown>[];
  /** Runs it. `suffixes` and `values` are those of `pattern` and `parameters`. */
  run(context: Context, suffixes: readonly number[], values: readonly unknown[]): Result;
}

/**
 * Declares a command. In the pattern, capitals are the short form, `<1-20>` is a numeric suffix and its range (1 where
 * it is left out), square brackets hold a node that may be left out, and a question mark at the end makes it a query.
 */
export function command<
  Context,
  Result,
  const P extends string,
  const R extends readonly Parameter<unknown>[],
>(
  pattern: P,
  parameters: R,
  run: (context: Context, suffixes: Suffixes<P>, values: ParameterValues<R>) => Result,
): Command<Context, Result> {
  return {
    pattern,
    parameters,
    // The tree calls it with the suffixes of this pattern and the values of these readers, and with nothing else.
    run: (context, suffixes, values) => run(context, suffixes as Suffixes<P>, values as ParameterValues<R>),
  };
}

interface Node<Context, Result> {
  readonly range: readonly [number, number] | undefined;
  readonly children: Map<string, Node<Context, Result>>;
  command?: Command<Context, Result>;
  query?: Command<Context, Result>;
}

/** Finds and runs the command that a program unit means. */
export interface CommandTree<Context, Result> {
  /**
   * Runs one unit.
   * @throws {ScpiError} -113 for an unknown header, -114 for a suffix out of its range, what {@linkcode readParameters}
   * throws for the parameters, and what the command itself throws.
   */
  run(unit: ProgramUnit, context: Context): Result;
}

/** Makes the tree. @throws {TypeError} where a pattern cannot be read, or two commands have the same header. */
export function createCommandTree<Context, Result>(
  commands: readonly Command<Context, Result>[],
): CommandTree<Context, Result> {
  const root: Node<Context, Result> = { range: undefined, children: new Map() };
  for (const entry of commands) {
    for (const header of alternatives(entry.pattern)) insert(root, header, entry);
  }
  return {
    run(unit, context) {
      const { node, suffixes } = find(root, unit.header);
      const found = unit.query ? node.query : node.command;
      if (found === undefined) throw new ScpiError(-113);
      return found.run(context, suffixes, readParameters(found.parameters, unit.parameters));
    },
  };
}

function find<C, R>(
  root: Node<C, R>,
  header: readonly HeaderNode[],
): { node: Node<C, R>; suffixes: number[] } {
  const suffixes: number[] = [];
  let node = root;
  // An unknown mnemonic further on is the graver mistake, so a bad suffix is reported once the whole header is known.
  let outOfRange = false;
  for (const { mnemonic, suffix } of header) {
    const next = node.children.get(mnemonic);
    if (next === undefined) throw new ScpiError(-113);
    const [minimum, maximum] = next.range ?? [1, 1];
    const given = suffix ?? 1;
    if (given < minimum || given > maximum) outOfRange = true;
    if (next.range !== undefined) suffixes.push(given);
    node = next;
  }
  if (outOfRange) throw new ScpiError(-114);
  return { node, suffixes };
}

/** The pattern with, and without, each of its optional nodes. */
function alternatives(pattern: string): string[] {
  const match = /^(.*?)\[([^\]]*)\](.*)$/.exec(pattern);
  if (match === null) return [pattern];
  const [, before = "", inside = "", after = ""] = match;
  return [...alternatives(before + after), ...alternatives(before + inside + after)];
}

function insert<C, R>(root: Node<C, R>, pattern: string, entry: Command<C, R>): void {
  const query = pattern.endsWith("?");
  let node = root;
  for (const text of pattern.replace(/\?$/, "").replace(/^:/, "").split(":")) {
    node = child(node, text, entry.pattern);
  }
  if ((query ? node.query : node.command) !== undefined) {
    throw new TypeError(`Cannot declare "${entry.pattern}": its header is already taken.`);
  }
  if (query) node.query = entry;
  else node.command = entry;
}

function child<C, R>(parent: Node<C, R>, text: string, pattern: string): Node<C, R> {
  const match = /^(\*?[A-Z]+)([a-z]*)(?:<(\d+)-(\d+)>)?$/.exec(text);
  if (match === null) throw new TypeError(`Cannot read "${text}" in the pattern "${pattern}".`);
  const [, short = "", ending = "", minimum, maximum] = match;
  const long = (short + ending).toUpperCase();
  const known = parent.children.get(long);
  if (known !== undefined) return known;
  const range = minimum === undefined ? undefined : [Number(minimum), Number(maximum)] as const;
  const made: Node<C, R> = { range, children: new Map() };
  parent.children.set(long, made);
  parent.children.set(short, made);
  return made;
}
