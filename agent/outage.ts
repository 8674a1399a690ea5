// An outage of the meter, from the failure that began it to the reading that ends it: told at once, and again about once
// a second while it lasts, so that a relay or a page that comes later hears of it too.

const repeatMs = 1000;

/** At most one outage at a time. */
export class Outage {
  readonly #tell: (message: string, repeated: boolean) => void;
  #message: string | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `tell` is called with the newest message, and with whether that was told before. */
  constructor(tell: (message: string, repeated: boolean) => void) {
    this.#tell = tell;
  }

  /** The outage begins, or goes on for another reason, which is told at once. */
  because(message: string): void {
    if (message === this.#message) return;
    this.#message = message;
    this.#tell(message, false);
    this.#timer ??= setInterval(() => this.#tell(this.#message ?? message, true), repeatMs);
  }

  /** Ends it. Says whether there was one. */
  end(): boolean {
    const was = this.#message !== undefined;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#message = undefined;
    return was;
  }
}
