/**
 * What a computed signal is made of. signals-core gives no access to it, and the fields' names are short and change with its
 * versions: they are found in a signal of our own, where their content is known. Where they are not, nothing is.
 */
import type { VNode } from "preact";
import { computed, type ReadonlySignal, Signal, signal } from "@preact/signals";

const first = signal(1);
const second = signal(2);
const sum = () => first.value + second.value;
const probe = computed(sum);
probe.peek();

const FUNCTION = fieldOf(probe, (value) => value === sum);
const SOURCES = fieldOf(probe, (value) => fieldOf(value, (inner) => inner === first) !== "");
const SOURCE = fieldOf(get(probe, SOURCES), (value) => value === first);
const NEXT = fieldOf(get(probe, SOURCES), (value) => get(value, SOURCE) === second);

function fieldOf(object: unknown, holds: (value: unknown) => boolean): string {
  if (typeof object !== "object" || object === null) return "";
  return Object.entries(object).find(([, value]) => holds(value))?.[0] ?? "";
}

function get(object: unknown, field: string): unknown {
  return typeof object === "object" && object !== null ? Reflect.get(object, field) : undefined;
}

/** What components gave to `useComputed`: its signals' own functions only call that. */
const given = new WeakMap<object, unknown>();

/** Remembers them for the signals that the components around a node have made: the hook before each holds its function. */
export function rememberComputed(node: VNode): void {
  for (let around = get(node, "__"); around !== undefined && around !== null; around = get(around, "__")) {
    const hooks = get(get(get(around, "__c"), "__H"), "__");
    if (!Array.isArray(hooks)) continue;
    hooks.forEach((hook, i) => {
      const made = get(hook, "__");
      if (!(made instanceof Signal) || !/\.current\(\)/.test(String(get(made, FUNCTION)))) return;
      given.set(made, get(get(hooks[i - 1], "__"), "current"));
    });
  }
}

/** The function of a computed signal. */
export function functionOf(signal: ReadonlySignal): unknown {
  return given.get(signal) ?? get(signal, FUNCTION);
}

/** What a computed signal reads, each once, in order of the first time. */
export function sourcesOf(signal: ReadonlySignal): Signal[] {
  signal.peek();
  const sources: Signal[] = [];
  for (let node = get(signal, SOURCES); node !== undefined; node = get(node, NEXT)) {
    const source = get(node, SOURCE);
    if (source instanceof Signal) sources.push(source);
  }
  return sources;
}

/** While a computed signal runs for the first time: the source that it read last. */
export function lastSourceOf(signal: ReadonlySignal): unknown {
  return get(get(signal, SOURCES), SOURCE);
}
