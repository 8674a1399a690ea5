// A clock that a test moves, and the machine's events as they come: what a test needs to wait for conditions instead of sleeping.

import type { Event } from "../../../lib/socket/mod.ts";

/** A shell's surroundings under a test's control. */
export class Bench {
  #at = 1_000_000;
  readonly #alarms = new Set<{ readonly at: number; readonly wake: () => void }>();
  readonly #events: Event[] = [];
  readonly #waiting = new Set<() => void>();

  /** How often a timer was armed. */
  arms = 0;

  /** How many timers are armed. */
  get timers(): number {
    return this.#alarms.size;
  }

  /** Options of a socket or feed that lives by this clock. */
  readonly options = {
    now: (): number => this.#at,
    random: (): number => 0.5,
    timer: (wake: () => void, delayMs: number): () => void => {
      this.arms++;
      const alarm = { at: this.#at + delayMs, wake };
      this.#alarms.add(alarm);
      return () => this.#alarms.delete(alarm);
    },
    record: (event: Event): void => {
      this.#events.push(event);
      for (const look of this.#waiting) look();
    },
  };

  /** Moves the clock on, and rings what is due on the way. */
  advance(ms: number): void {
    const end = this.#at + ms;
    for (;;) {
      const [next] = [...this.#alarms].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (!next) break;
      this.#alarms.delete(next);
      this.#at = Math.max(this.#at, next.at);
      next.wake();
    }
    this.#at = end;
  }

  /** Resolves once `count` events of a type have come, and what they brought about is done. */
  async events(type: Event["type"], count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => {
      if (this.#events.filter((event) => event.type === type).length >= count) resolve();
    };
    this.#waiting.add(look);
    look();
    await promise;
    this.#waiting.delete(look);
  }
}
