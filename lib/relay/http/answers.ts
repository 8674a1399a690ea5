// How many answers an address has on their way: each takes memory until it is read, on however many connections.

/** The answers that are on their way. */
export class Answers {
  readonly #atMost: number;
  readonly #counts = new Map<string, number>();

  /** `atMost` for one address. */
  constructor(atMost: number) {
    this.#atMost = atMost;
  }

  /** Counts one more until `completed` settles; false where that would be too many. */
  admit(address: string, completed: Promise<void>): boolean {
    const count = (this.#counts.get(address) ?? 0) + 1;
    if (count > this.#atMost) return false;
    this.#counts.set(address, count);
    const done = () => this.#leave(address);
    completed.then(done, done);
    return true;
  }

  #leave(address: string): void {
    const count = (this.#counts.get(address) ?? 0) - 1;
    if (count > 0) this.#counts.set(address, count);
    else this.#counts.delete(address);
  }
}
