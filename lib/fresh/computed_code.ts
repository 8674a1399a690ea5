/**
 * Computed signals as code, so that one that is a property of an island follows its sources in the browser too: the text of its
 * function, and the signals that the names in it stand for. A function does not tell what it closes over, so its text is run once
 * with stand-ins in the place of its free names: the one that is read first stands for the first source, and so on. What then
 * reads other sources or gives another result is refused, and so is what uses a name that was not read, in whatever branch. Only a
 * function's own text becomes code; values travel as data.
 */
import { computed, type ReadonlySignal, Signal } from "@preact/signals";
import { createHash } from "node:crypto";
import { stringify } from "devalue";
import type { Asset } from "./assets.ts";
import { type Chain, freeChains } from "./free_names.ts";
import { functionOf, lastSourceOf, sourcesOf } from "./signal_fields.ts";

/** A computed signal as code. */
export interface ComputedCode {
  /** Where the module is that makes its function, below the application's base. */
  readonly pathname: string;
  /** What that needs: signals by name; `state.count` is in an object `state`. */
  readonly scope: Readonly<Record<string, unknown>>;
}

/** Why a computed signal cannot follow its sources in a browser. */
export class Untranslatable extends Error {}

/** A function's text, understood. */
interface Translated {
  readonly pathname: string;
  /** Where it uses what it does not declare. */
  readonly chains: readonly Chain[];
  readonly make: (this: unknown, scope: unknown) => () => unknown;
}

/** What both sides have under these names. Others, such as `name` or `status`, may be the application's own. */
const GLOBALS = new Set(
  ("undefined NaN Infinity Array BigInt Boolean Date Error Intl JSON Map Math Number Object RegExp Set String URL " +
    "URLSearchParams console decodeURIComponent encodeURIComponent isFinite isNaN parseFloat parseInt structuredClone")
    .split(" "),
);

/** How a signal is read, unless it is turned into text or a number. */
const READS = ["value", "peek"];

const translations = new Map<string, Translated>();
const modules = new Map<string, Asset>();

/** The module at a path, if a page was sent that needs it. */
export function computedModule(pathname: string): Asset | null {
  return modules.get(pathname) ?? null;
}

/**
 * The code of a computed signal, if all of its sources may be sent.
 *
 * @throws {Untranslatable} with the reason, when it is not certain to do the same in a browser.
 */
export function codeOf(signal: ReadonlySignal, maySend: (source: Signal) => boolean): ComputedCode {
  const text = String(functionOf(signal));
  const { pathname, chains, make } = translations.get(text) ?? translate(text);
  const sources = sourcesOf(signal);
  if (!sources.every(maySend)) {
    throw new Untranslatable("one of its sources is a property of no island, and would be sent whole");
  }
  const bound = new Map<string, Signal>();
  const isBound = (chain: Chain) => chain.some((_, i) => bound.has(keyOf(chain.slice(0, i + 1))));
  /** Stands for a name, or for a part of what it names. */
  const standIn = (chain: Chain): unknown => {
    const read = (): unknown => {
      let source = bound.get(keyOf(chain));
      if (source === undefined) {
        source = sources[sources.findIndex((one) => one === lastSourceOf(again)) + 1];
        if (source === undefined) return refuse(chain);
        bound.set(keyOf(chain), source);
      }
      return source.value;
    };
    return new Proxy({}, {
      get(_, key) {
        if (key === "value") return read();
        if (key === "valueOf" || key === "toJSON") return read;
        // Peeking is no dependency, so only what is one as well is known.
        if (key === "peek") return () => (bound.get(keyOf(chain)) ?? refuse(chain)).peek();
        if (key === "toString") return () => `${read()}`;
        if (key === Symbol.toPrimitive) return (hint: string) => hint === "string" ? `${read()}` : read();
        // A loop along what it stands for would never end.
        return typeof key === "string" && chain.length < 20 ? standIn([...chain, key]) : refuse(chain);
      },
    });
  };
  const again = computed(() => make.call(standIn(["this"]), standIn([]))());
  try {
    const same = describe(again.peek()) === describe(signal.peek());
    const read = sourcesOf(again);
    const alike = read.length === sources.length && read.every((source, i) => source === sources[i]);
    if (same && alike && chains.every(isBound)) {
      return { pathname, scope: scopeOf(bound) };
    }
  } catch {
    // Said below: the stand-in that could not do what is asked of it is among the names.
  }
  const others = chains.filter((chain) => !isBound(chain) || !READS.some((name) => chain.includes(name)));
  throw new Untranslatable(
    others.length === 0
      ? "its function does something else when it runs again"
      : `it uses ${quoted(others)}, which is no signal that it reads`,
  );
}

function translate(text: string): Translated {
  const chains = attempt(() => freeChains(text)).filter(([name = ""]) => !GLOBALS.has(name));
  const names = new Set(chains.map(([name = ""]) => name));
  names.delete("this");
  const code = `function ({ ${[...names].join(", ")} }) { return (${text}); }`;
  const make: Translated["make"] = attempt(() => new Function(`"use strict"; return ${code}`)());
  const body = new TextEncoder().encode(`export default ${code};\n`);
  const hash = createHash("sha256").update(body).digest("hex").slice(0, 16);
  const translated = { pathname: `/_fresh/computed-${hash}.js`, chains, make };
  modules.set(translated.pathname, { type: "text/javascript", hash, immutable: true, body, encoded: {} });
  translations.set(text, translated);
  return translated;
}

function refuse(chain: Chain): never {
  throw new Untranslatable(`"${chain.join(".")}" is not known`);
}

function quoted(chains: readonly Chain[]): string {
  return [...new Set(chains.map((chain) => `"${chain.join(".")}"`))].join(" or ");
}

function scopeOf(bound: ReadonlyMap<string, Signal>): Record<string, unknown> {
  const scope: Record<string, unknown> = {};
  for (const [key, signal] of [...bound].toSorted(([a], [b]) => a < b ? -1 : 1)) {
    const names = key.split("\0");
    const last = names.pop() ?? "";
    let object = scope;
    for (const name of names) object = (object[name] ??= {}) as Record<string, unknown>;
    if (object instanceof Signal) {
      throw new Untranslatable(`it uses a part of the signal "${names.join(".")}"`);
    }
    object[last] = signal;
  }
  return scope;
}

const keyOf = (chain: Chain) => chain.join("\0");

/** A result as text, to compare it. */
function describe(value: unknown): string {
  return stringify(value, { S: (value: unknown) => value instanceof Signal && [value.peek()] });
}

function attempt<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof Untranslatable) throw error;
    throw new Untranslatable(`its function cannot run again (${error})`);
  }
}
