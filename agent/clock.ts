// Time as the agent needs it: Unix time that never goes back, monotonic time for what is due, and sleep that can be ended.

/** The clocks of one process; tests bring their own. */
export interface Clock {
  /** Unix seconds; each call gives more than the one before, also while the system's clock is set back. */
  unixSeconds(): number;
  /** Milliseconds of a clock that nobody sets. */
  monotonicMs(): number;
  /** Resolves after `ms`, at once when that is not positive, and early when `signal` is aborted. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/**
 * The system's clocks. When the wall clock is set back (NTP, a person), Unix time goes on at half speed until the wall
 * clock has caught up, so that a stream stays in order; when it is set forward, Unix time follows at once.
 */
export function systemClock(
  wallMs: () => number = Date.now,
  monotonicMs: () => number = () => performance.now(),
): Clock {
  let last = -Infinity;
  let lastMonotonicMs = monotonicMs();
  return {
    unixSeconds() {
      const nowMs = monotonicMs();
      const slow = last + Math.max((nowMs - lastMonotonicMs) / 2, 0.001);
      lastMonotonicMs = nowMs;
      last = Math.max(wallMs(), slow);
      return Math.round(last * 1000) / 1_000_000;
    },
    monotonicMs,
    sleep(ms, signal) {
      if (ms <= 0 || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const end = () => {
          clearTimeout(timer);
          signal?.removeEventListener("abort", end);
          resolve();
        };
        const timer = setTimeout(end, ms);
        signal?.addEventListener("abort", end);
      });
    },
  };
}

/** Moments `periodMs` apart that do not drift, however long each piece of work between them takes. */
export class Schedule {
  readonly #periodMs: number;
  #dueMs: number;

  /** The first moment is `startMs`. */
  constructor(periodMs: number, startMs: number) {
    this.#periodMs = periodMs;
    this.#dueMs = startMs;
  }

  /**
   * Milliseconds from `nowMs` to the next moment: 0 when it has passed. Who is slower than the period works without a
   * pause; moments more than half a period ago are left out, because two readings at once say no more than one.
   */
  next(nowMs: number): number {
    const dueMs = Math.max(this.#dueMs, nowMs - this.#periodMs / 2);
    this.#dueMs = dueMs + this.#periodMs;
    return Math.max(0, dueMs - nowMs);
  }
}
