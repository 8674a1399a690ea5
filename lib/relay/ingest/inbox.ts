// What an agent sends after an outage comes in a burst: it is taken in one message at a time, with a pause for the
// sockets between them, so that no viewer that reads is taken for a slow one. Live messages wait for nobody: whoever does
// not read would hold them up for all.

import { clearImmediate, setImmediate } from "node:timers";

// Who comes this long after another belongs to no burst: a pause behind each live reading would cost the event loop a
// turn, a hundred times a second.
const liveAfterMs = 4;
const pauseMs = 5;
const patienceMs = 200;

/** A queue that hands on its first item at once, and each further one when the time has come. */
export class Inbox<T> {
  readonly #handle: (item: T) => void;
  readonly #live: (item: T) => boolean;
  readonly #calm: () => boolean;
  readonly #queue: T[] = [];
  #handledMs = -Infinity;
  /** Ends the pause that is under way. */
  #endPause: (() => void) | null = null;

  /**
   * `live` tells a message that belongs to no burst. `calm` says whether the viewers have taken in what they were sent; it
   * is waited for, but not for ever.
   */
  constructor(handle: (item: T) => void, live: (item: T) => boolean, calm: () => boolean) {
    this.#handle = handle;
    this.#live = live;
    this.#calm = calm;
  }

  /** Takes an item in. */
  push(item: T): void {
    this.#queue.push(item);
    if (this.#endPause !== null) return;
    if (this.#live(item) || (performance.now() - this.#handledMs >= liveAfterMs && this.#calm())) {
      this.#next();
    } else this.#pause(0);
  }

  /** Forgets what was not handed on: it was not acknowledged either. */
  close(): void {
    this.#endPause?.();
    this.#endPause = null;
    this.#queue.length = 0;
  }

  #next(): void {
    const item = this.#queue.shift();
    if (item === undefined) return;
    this.#handle(item);
    if (!this.#live(item)) this.#handledMs = performance.now();
    if (this.#queue.length > 0) this.#pause(0);
  }

  #pause(waitedMs: number): void {
    const look = () => {
      this.#endPause = null;
      const [item] = this.#queue;
      const wait = item !== undefined && !this.#live(item) && waitedMs < patienceMs && !this.#calm();
      if (wait) this.#pause(waitedMs + pauseMs);
      else this.#next();
    };
    // A timer of 0 ms takes 2: those of ten minutes' readings would hold up the live ones behind them for seconds.
    if (waitedMs === 0) {
      const turn = setImmediate(look);
      this.#endPause = () => clearImmediate(turn);
    } else {
      const timer = setTimeout(look, pauseMs);
      this.#endPause = () => clearTimeout(timer);
    }
  }
}
