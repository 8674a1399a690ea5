// Thins a stream to an interval by the readings' own timestamps: the generic cell rate algorithm (ITU-T I.371, annex A),
// which also forgives a late reading. Half an interval either way keeps every reading of a jittery agent that runs at
// just that interval; a viewer who wants fewer gets them as evenly as they were taken.

const toleranceShare = 0.5;
const toleranceMaxMs = 50;

/** Decides which readings of one stream a group of viewers gets. */
export class Pacer {
  readonly #intervalMs: number;
  #dueMs: number | null = null;

  /** At most one reading in `intervalMs`, on average. */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Whether a reading taken at `timestampMs` is due. A clock that was set back starts anew. */
  admits(timestampMs: number): boolean {
    const toleranceMs = Math.min(toleranceMaxMs, toleranceShare * this.#intervalMs);
    const dueMs = this.#dueMs ?? timestampMs;
    const earlyMs = dueMs - timestampMs;
    const setBack = earlyMs > 2 * this.#intervalMs;
    if (earlyMs > toleranceMs && !setBack) return false;
    const fromMs = setBack ? timestampMs : Math.max(dueMs, timestampMs - toleranceMs);
    this.#dueMs = fromMs + this.#intervalMs;
    return true;
  }
}
