// Time as a parameter: the instrument's clock, and waiting by it.

/** A clock, in Unix milliseconds with fractions, and a way to wait by it. */
export interface Clock {
  /** The present. */
  now(): number;
  /** Resolves after about `ms` milliseconds, or when `signal` aborts, whichever comes first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's clock; monotonic, so that a corrected date does not disturb a sweep. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const finish = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", finish);
        resolve();
      };
      const timer = setTimeout(finish, ms);
      signal.addEventListener("abort", finish);
    }),
};
