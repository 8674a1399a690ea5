// Drives the machine by event lists: a clock, and what the effects so far amount to.

import {
  type Cause,
  type Effect,
  initialState,
  type Policy,
  type State,
  step,
  wakeAt,
} from "../../../lib/socket/mod.ts";

/** A machine under test. */
export class Drive {
  /** Where the clock stands, ms. */
  at = 1_000_000;
  /** The state now. */
  state: State = initialState;
  /** All effects so far. */
  readonly effects: Effect[] = [];
  /** The number that every event carries. */
  random = 0.5;

  /** Starts before anything happened. */
  constructor(readonly policy?: Policy) {}

  /** Feeds causes, or their types where nothing else belongs to them; answers with the effects of these. */
  feed(...causes: readonly (Cause | Plain)[]): Effect[] {
    const all: Effect[] = [];
    for (const cause of causes) {
      const event = typeof cause === "string" ? { type: cause } : cause;
      const [state, effects] = step(this.state, { ...event, at: this.at, random: this.random }, this.policy);
      this.state = state;
      all.push(...effects);
    }
    this.effects.push(...all);
    return all;
  }

  /** Lets time pass with a tick at each wish of the machine; answers with [ms since the start, effect]. */
  pass(ms: number): [number, Effect][] {
    const start = this.at;
    const end = start + ms;
    const log: [number, Effect][] = [];
    for (let wake = wakeAt(this.state); wake <= end; wake = wakeAt(this.state)) {
      this.at = Math.max(this.at, wake);
      for (const effect of this.feed("tick")) log.push([this.at - start, effect]);
    }
    this.at = end;
    return log;
  }
}

/** Causes without fields. */
export type Plain = Exclude<
  Cause,
  { readonly ok: boolean | null } | { readonly code: number } | { readonly pong: boolean }
>["type"];

/** A message. */
export const heard: Cause = { type: "heard", pong: false, retryAfterMs: null };
/** A pong. */
export const pong: Cause = { type: "heard", pong: true, retryAfterMs: null };
/** The relay's `reconnect`, 7 s. */
export const told: Cause = { type: "heard", pong: false, retryAfterMs: 7_000 };
/** A close. */
export function closed(code: number, reason = ""): Cause {
  return { type: "closed", code, reason };
}

/** Every state that a table distinguishes, and how to get there. */
export const ways: Readonly<Record<string, readonly (Cause | Plain)[]>> = {
  idle: [],
  connecting: ["connect"],
  connected: ["connect", "opened"],
  waiting: ["connect", "opened", heard, closed(1006)],
  retrying: ["connect", "opened", heard, closed(4008)],
  asked: ["connect", "disconnect"],
  gave_up: [
    "connect",
    ...Array.from({ length: 11 }, () => [closed(1006), "online"] as const).flat().slice(0, -1),
  ],
  stopped: ["connect", "opened", closed(4403)],
  unauthenticated: ["connect", "opened", closed(4401)],
  unsupported: ["connect", "unsupported"],
  parked: ["connect", "pagehide"],
};

/** The label in {@linkcode ways} of a state. */
export function label({ name, why, due }: State): string {
  return why ?? (name === "reconnecting" ? due.open ? "retrying" : "waiting" : name);
}
