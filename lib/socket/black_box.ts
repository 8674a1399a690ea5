// The black box: the machine's last events with their times, as JSON, and the player that gets the same states out of them.
// Not part of a connection: who wants one gives its `record` to the socket or feed.

import { step } from "./machine.ts";
import type { Policy } from "./policy.ts";
import { type Event, initialState, type State } from "./states.ts";

/** What a black box holds. */
export interface Recording {
  /** The format of this file. */
  readonly version: 1;
  /** The numbers that the machine followed; null before the first event. */
  readonly policy: Policy | null;
  /** The state before the first event. */
  readonly start: State;
  /** What happened, oldest first. */
  readonly events: readonly Event[];
  /** The state after the last event. */
  readonly end: State;
}

/** Records the machine's events. */
export interface BlackBox {
  /** The `record` option of a socket or feed. */
  record(event: Event, state: State, policy: Policy): void;
  /** What was recorded; `JSON.stringify` takes it from here. */
  toJSON(): Recording;
}

/**
 * Makes a black box of the last `limit` events. Of messages in a row only the last is kept, because the machine forgets
 * the others, too; events beyond the limit are folded into the state that the recording starts with.
 */
export function createBlackBox(limit = 500): BlackBox {
  const events: Event[] = [];
  let start = initialState;
  let end = initialState;
  let policy: Policy | null = null;
  return {
    record(event, state, by) {
      end = state;
      policy = by;
      const before = events.at(-1);
      if (before && isPlainMessage(before) && isPlainMessage(event)) events.pop();
      events.push(event);
      const oldest = events.length > limit ? events.shift() : null;
      if (oldest) [start] = step(start, oldest, by);
    },
    toJSON: () => ({ version: 1, policy, start, events: [...events], end }),
  };
}

/** The state after each event of a recording; the last of them is its `end`. */
export function play({ start, events, policy }: Recording): State[] {
  let state = start;
  return events.map((event) => {
    [state] = policy ? step(state, event, policy) : step(state, event);
    return state;
  });
}

function isPlainMessage(event: Event): boolean {
  return event.type === "heard" && !event.pong && event.retryAfterMs === null;
}
