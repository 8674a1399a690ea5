/**
 * Properties of islands as text: JSON where that says everything, else devalue's format, with signals, slots (markup that the
 * server rendered) and what devalue refuses or wastes. client/extras.ts reads the latter.
 */
import { computed, type ReadonlySignal, Signal, signal } from "@preact/signals";
import { DevalueError, stringify } from "devalue";
import type { Chunk } from "./assets.ts";
import { codeOf, Untranslatable } from "./computed_code.ts";
import { sourcesOf } from "./signal_fields.ts";

/** Stands in an island's properties for markup that the page holds already. */
export class SlotReference {
  constructor(readonly id: number) {}
}

/** One rendered island. */
export interface SentProps {
  readonly island: string;
  readonly props: Readonly<Record<string, unknown>>;
}

const WRITABLE = Object.getPrototypeOf(signal(0));
const COMPUTED = Object.getPrototypeOf(computed(() => 0));

/** Stands for the module of a computed signal's function. */
class ModuleReference {
  constructor(readonly url: string) {}
}

const isWritable = (value: unknown): value is Signal =>
  value instanceof Signal && Object.getPrototypeOf(value) === WRITABLE;
const isComputed = (value: unknown): value is ReadonlySignal =>
  value instanceof Signal && Object.getPrototypeOf(value) === COMPUTED;

type Reducers = Record<string, (value: unknown) => unknown>;

/** Each gives what stands for a value; a signal's in an array, because devalue takes a falsy answer for "not mine". */
const REDUCERS: Reducers = {
  S: (value) => isWritable(value) && [value.peek()],
  C: (value) => isComputed(value) && [value.peek()],
  M: (value) => value instanceof SlotReference && String(value.id),
  // A view of part of a buffer sends its own bytes, not the buffer with whatever else is in it.
  V: (value) => ArrayBuffer.isView(value) && value.byteLength !== value.buffer.byteLength && ownBytes(value),
  // devalue refuses an own property of this name; as entries it is data like any other.
  O: (value) =>
    typeof value === "object" && value !== null && Object.hasOwn(value, "__proto__") && Object.entries(value),
};

function ownBytes(view: ArrayBufferView): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = view;
  const bytes = buffer.slice(byteOffset, byteOffset + byteLength);
  if (view instanceof DataView) return new DataView(bytes);
  const kind = view.constructor;
  if (!isTypedArray(kind)) {
    throw new TypeError(`Cannot send a ${kind.name} to an island: its kind is not known.`);
  }
  return new kind(bytes);
}

function isTypedArray(kind: unknown): kind is new (bytes: ArrayBufferLike) => ArrayBufferView {
  return typeof kind === "function" && Object.getPrototypeOf(kind) === Object.getPrototypeOf(Uint8Array);
}

/** All islands' properties of one page as text. It holds no `<`, so it can stand inside any element. */
export interface PropsText {
  readonly text: string;
  /** It is JSON; else devalue's format. */
  readonly plain: boolean;
  /** Modules that it refers to: the functions of computed signals. */
  readonly modules: readonly Chunk[];
}

/** What computed signals among the properties need. */
export interface ComputedOptions {
  readonly basePath: string;
  /** Told of each that stays as it is although its sources may change, with the reason. */
  warn?(message: string): void;
}

/**
 * All islands' properties of one page, in one text, so that what they share stays shared.
 *
 * @throws {TypeError} when something cannot travel (a function, a class' instance, a symbol): names island and property.
 */
export function stringifyProps(sent: readonly SentProps[], options: ComputedOptions): PropsText {
  const all = sent.map(({ props }) => props);
  if (isJson(all, new Set())) return { text: escape(JSON.stringify(all)), plain: true, modules: [] };
  try {
    const signals = new Set<unknown>();
    let computeds = false;
    const text = stringify(all, {
      ...REDUCERS,
      S: (value) => isWritable(value) && signals.add(value) && [value.peek()],
      C: (value) => isComputed(value) && (computeds = true) && [value.peek()],
    });
    // What cannot change in the browser need not follow anything there, and what is not sent anyway may be a secret.
    if (!computeds || signals.size === 0) return { text: escape(text), plain: false, modules: [] };
    return withComputed(sent, signals, options);
  } catch (error) {
    if (!(error instanceof DevalueError)) throw error;
    const what = typeof error.value === "function" ? "a function" : describe(error.value);
    throw new TypeError(
      `Cannot send ${placeOf(error, sent)}: ${what} does not travel to the browser. ` +
        `Pass data, signals or markup, and define functions inside the island.`,
      { cause: error },
    );
  }
}

/** Computed signals that have one of `signals` among their sources follow them; those that cannot keep their value. */
function withComputed(
  sent: readonly SentProps[],
  signals: ReadonlySet<unknown>,
  { basePath, warn }: ComputedOptions,
): PropsText {
  const all = sent.map(({ props }) => props);
  const modules = new Set<string>();
  const refused = new Map<unknown, string>();
  const follows = (signal: ReadonlySignal): boolean =>
    sourcesOf(signal).some((source) => isComputed(source) ? follows(source) : signals.has(source));
  // Of a list whose author sends only what he computes from it, the rest may be a secret.
  const maySend = (source: Signal): boolean =>
    !isWritable(source) || signals.has(source) || isPrimitive(source.peek());
  const asCode = (signal: ReadonlySignal): unknown => {
    try {
      const { pathname, scope } = codeOf(signal, maySend);
      modules.add(pathname);
      return [signal.peek(), new ModuleReference(basePath + pathname), scope];
    } catch (error) {
      if (!(error instanceof Untranslatable)) throw error;
      refused.set(signal, error.message);
      return false;
    }
  };
  const reducers: Reducers = {
    ...REDUCERS,
    F: (value) => value instanceof ModuleReference && value.url,
    C: (value) => isComputed(value) && (follows(value) && asCode(value) || [value.peek()]),
  };
  const text = stringify(all, reducers);
  if (warn !== undefined) {
    for (const [signal, reason] of refused) {
      warn(
        `${
          placeWhere(signal, sent, reducers)
        } is a computed signal that does not follow its sources in the browser: ` +
          `${reason}. Compute it in the island.`,
      );
    }
  }
  return { text: escape(text), plain: false, modules: [...modules].map((url) => ({ url, imports: [] })) };
}

function isPrimitive(value: unknown): boolean {
  return value === null || (typeof value !== "object" && typeof value !== "function");
}

function escape(text: string): string {
  return text.replaceAll("<", "\\u003C");
}

/** Where in the properties devalue was when it failed. */
function placeOf({ path = "" }: DevalueError, sent: readonly SentProps[]): string {
  const [, index = "0", property = ""] = /^\[(\d+)\]\.?(.*)$/.exec(path) ?? [];
  return `the property "${property}" to the island "${sent[Number(index)]?.island ?? "?"}"`;
}

/** The same for a value that it does not fail at, unless it is told nothing about it. */
function placeWhere(value: unknown, sent: readonly SentProps[], reducers: Reducers): string {
  const deaf = Object.entries(reducers).map(([tag, reduce]) =>
    [tag, (one: unknown) => one !== value && reduce(one)] as const
  );
  try {
    stringify(sent.map(({ props }) => props), Object.fromEntries(deaf));
  } catch (error) {
    if (error instanceof DevalueError) return placeOf(error, sent);
  }
  return "A property";
}

function describe(value: unknown): string {
  if (typeof value === "symbol") return "a symbol";
  if (typeof value !== "object" || value === null) return `the value ${String(value)}`;
  return `an object of class ${value.constructor?.name ?? "unknown"}`;
}

/** Whether JSON says everything about a value: no other types, nothing shared or cyclic. */
function isJson(value: unknown, seen: Set<object>): boolean {
  switch (typeof value) {
    case "string":
    case "boolean":
      return true;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0);
    case "object": {
      if (value === null) return true;
      if (seen.has(value)) return false;
      seen.add(value);
      if (Array.isArray(value)) {
        return Object.keys(value).length === value.length && value.every((item) => isJson(item, seen));
      }
      return Object.getPrototypeOf(value) === Object.prototype && !Object.hasOwn(value, "__proto__") &&
        !Object.hasOwn(value, "toJSON") && Object.getOwnPropertySymbols(value).length === 0 &&
        Object.values(value).every((item) => isJson(item, seen));
    }
    default:
      return false;
  }
}
