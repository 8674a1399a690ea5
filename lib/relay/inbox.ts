// What an agent sends after an outage comes in a burst: it is taken in one message at a time, with a pause for the
// sockets between them, so that no viewer that reads is taken for a slow one. Live messages are not held up.

const pauseMs = 5;
const patienceMs = 200;

/** A queue that hands on its first item at once, and each further one when the time has come. */
export class Inbox<T> {
  readonly #handle: (item: T) => void;
  readonly #calm: () => boolean;
  readonly #queue: T[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** `calm` says whether the viewers have taken in what they were sent; it is waited for, but not for ever. */
  constructor(handle: (item: T) => void, calm: () => boolean) {
    this.#handle = handle;
    this.#calm = calm;
  }

  /** Takes an item in. */
  push(item: T): void {
    this.#queue.push(item);
    if (this.#timer === null) this.#next();
  }

  /** Forgets what was not handed on: it was not acknowledged either. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue.length = 0;
  }

  #next(): void {
    const item = this.#queue.shift();
    if (item === undefined) return;
    this.#wait(0, 0);
    this.#handle(item);
  }

  #wait(delayMs: number, waitedMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#queue.length > 0 && waitedMs < patienceMs && !this.#calm()) {
        this.#wait(pauseMs, waitedMs + pauseMs);
      } else this.#next();
    }, delayMs);
  }
}
