/**
 * Properties of islands as text: JSON where that says everything, else devalue's format, with signals, slots (markup that the
 * server rendered) and what devalue refuses or wastes. client/extras.ts reads the latter.
 */
import { computed, Signal, signal } from "@preact/signals";
import { DevalueError, stringify } from "devalue";

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

/** Each gives what stands for a value; a signal's in an array, because devalue takes a falsy answer for "not mine". */
const REDUCERS: Record<string, (value: unknown) => unknown> = {
  S: (value) => value instanceof Signal && Object.getPrototypeOf(value) === WRITABLE && [value.peek()],
  C: (value) => value instanceof Signal && Object.getPrototypeOf(value) === COMPUTED && [value.peek()],
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
}

/**
 * All islands' properties of one page, in one text, so that what they share stays shared.
 *
 * @throws {TypeError} when something cannot travel (a function, a class' instance, a symbol): names island and property.
 */
export function stringifyProps(sent: readonly SentProps[]): PropsText {
  const all = sent.map(({ props }) => props);
  try {
    const plain = isJson(all, new Set());
    const text = plain ? JSON.stringify(all) : stringify(all, REDUCERS);
    return { text: text.replaceAll("<", "\\u003C"), plain };
  } catch (error) {
    if (!(error instanceof DevalueError)) throw error;
    const [, index = "0", path = ""] = /^\[(\d+)\]\.?(.*)$/.exec(error.path) ?? [];
    const island = sent[Number(index)]?.island ?? "?";
    const what = typeof error.value === "function" ? "a function" : describe(error.value);
    throw new TypeError(
      `Cannot send the property "${path}" to the island "${island}": ${what} does not travel to the browser. ` +
        `Pass data, signals or markup, and define functions inside the island.`,
      { cause: error },
    );
  }
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
