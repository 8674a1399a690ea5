// The one owner of the instrument's state: every client, on whatever wire, speaks to the same instrument.

import type { ProgramMessage, ScpiErrorCode } from "../../lib/scpi/mod.ts";
import type { Clock } from "./clock.ts";
import type { Environment, Reply } from "./context.ts";
import { execute } from "./instrument.ts";
import { raise } from "./registers.ts";
import { type InstrumentState, powerUp } from "./state.ts";

/** How often a message that waits for the end of a sweep looks whether it has come. */
const lookMs = 20;

/** A running instrument. */
export class InstrumentHost {
  readonly #seed: number;
  readonly #clock: Clock;
  readonly #environment: Environment;
  #state: InstrumentState;
  #deafUntilMs = 0;
  /** Aborted when the instrument starts again, which leaves nothing of what was under way. */
  #running = new AbortController();

  constructor(
    seed: number,
    clock: Clock,
    environment: Environment,
  ) {
    this.#seed = seed;
    this.#clock = clock;
    this.#environment = environment;
    this.#state = powerUp(seed);
  }

  /** The instrument is starting, and hears nothing. */
  get deaf(): boolean {
    return this.#clock.now() < this.#deafUntilMs;
  }

  /**
   * Executes a message, and waits where it says so. Gives the replies, or `undefined` where the instrument was started
   * again, or `closed` was aborted, before it came to them.
   */
  async execute(message: ProgramMessage, closed: AbortSignal): Promise<readonly Reply[] | undefined> {
    const running = this.#running.signal;
    const replies: Reply[] = [];
    for (let rest: ProgramMessage | undefined = message; rest !== undefined;) {
      const execution = execute(this.#state, rest, this.#clock.now(), this.#environment);
      this.#state = execution.state;
      replies.push(...execution.replies);
      rest = execution.waiting;
      if (rest !== undefined) await this.#clock.sleep(lookMs, closed);
      if (closed.aborted || running.aborted) return undefined;
    }
    return replies;
  }

  /** Puts an error into the queue that no command made. */
  raise(code: ScpiErrorCode): void {
    this.#state = raise(this.#state, code);
  }

  /** Off and on again: everything is forgotten, and nothing heard for so long. */
  powerCycle(deafMs: number): void {
    this.#running.abort();
    this.#running = new AbortController();
    this.#state = powerUp(this.#seed);
    this.#deafUntilMs = this.#clock.now() + deafMs;
  }
}
