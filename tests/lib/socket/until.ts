// Waits for a condition instead of sleeping.

import { effect, type ReadonlySignal } from "@preact/signals-core";

/** Resolves as soon as `holds` says so of the signal's value; rejects after 8 s with what it was instead. */
export function until<Value>(
  signal: ReadonlySignal<Value>,
  holds: (value: Value) => boolean,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => {
      stop();
      reject(new Error(`the signal is still ${JSON.stringify(signal.peek())} after 8 s`));
    }, 8_000);
    const stop = effect(() => {
      const value = signal.value;
      if (!holds(value)) return;
      clearTimeout(late);
      queueMicrotask(() => stop());
      resolve(value);
    });
  });
}
