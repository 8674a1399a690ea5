// Thins a stream to an interval by the readings' own timestamps: the generic cell rate algorithm (ITU-T I.371, annex A),
// run at the smallest multiple of the source's own period that is not shorter than the interval, so that what a viewer
// gets is even. A viewer whose interval is about that period gets every reading, however they jitter.

// An interval that is longer than the period by less than this share of it is meant to be the period.
const sameShare = 0.4;
// How much too early a reading may be, as a share of the time between two.
const earlyShare = 0.45;
// What is averaged is never quite right, and no two clocks agree: too long would lose a reading now and then.
const averageShare = 0.98;
const clockShare = 0.999;
// A period is averaged over about this many readings, but anew when two in a row say that it has become another one. No
// jitter makes two distances in a row so long, or so short: what one has too much, the next one lacks.
const averaged = 32;
const longerShare = 1.5;
const shorterShare = 0.6;
// Readings further apart than this have an outage between them.
const outageMs = 3000;

/** How far apart the readings of a source are. */
export class Period {
  #meanMs = 0;
  #gaps = 0;
  #change: "longer" | "shorter" | null = null;
  #lastMs: number | null = null;

  /** Mean distance in milliseconds; null before there are two readings. */
  get meanMs(): number | null {
    return this.#gaps === 0 ? null : this.#meanMs;
  }

  /** The source's next reading. */
  add(timestampMs: number): void {
    const gapMs = this.#lastMs === null ? Infinity : timestampMs - this.#lastMs;
    this.#lastMs = timestampMs;
    if (gapMs <= 0 || gapMs > outageMs) return;
    const change = this.#changeTo(gapMs);
    if (change !== null && change === this.#change) this.#gaps = 0;
    this.#change = change;
    this.#gaps = Math.min(averaged, this.#gaps + 1);
    this.#meanMs += (gapMs - this.#meanMs) / this.#gaps;
  }

  #changeTo(gapMs: number): "longer" | "shorter" | null {
    if (gapMs > longerShare * this.#meanMs) return "longer";
    return gapMs < shorterShare * this.#meanMs ? "shorter" : null;
  }
}

/** Decides which readings of one stream a group of viewers gets. */
export class Pacer {
  readonly #intervalMs: number;
  #dueMs = -Infinity;

  /** At most one reading in `intervalMs`, the first one at once. */
  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** Whether `other`, of the same interval, would do the same from now on, the newest reading having been taken at `newestMs`. */
  inStep(other: Pacer, newestMs: number, periodMs: number | null): boolean {
    const apartMs = Math.max(this.#dueMs, newestMs) - Math.max(other.#dueMs, newestMs);
    return Math.abs(apartMs) <= this.#earlyMs(periodMs);
  }

  /** Whether a reading taken at `timestampMs` is due. A clock that was set back starts anew. */
  admits(timestampMs: number, periodMs: number | null): boolean {
    const count = periodMs === null ? 1 : Math.ceil(this.#intervalMs / periodMs - sameShare);
    const earlyMs = this.#earlyMs(periodMs);
    const setBack = this.#dueMs - timestampMs > 2 * this.#intervalMs;
    if (this.#dueMs - timestampMs > earlyMs && !setBack) return false;
    // Where every reading is wanted, one that was late does not put the next one off.
    const forgivenMs = count > 1 ? 0 : earlyMs;
    const fromMs = setBack ? timestampMs : Math.max(this.#dueMs, timestampMs - forgivenMs);
    const evenMs = count > 1 && periodMs !== null ? averageShare * count * periodMs : 0;
    this.#dueMs = fromMs + Math.max(clockShare * this.#intervalMs, evenMs);
    return true;
  }

  #earlyMs(periodMs: number | null): number {
    return earlyShare * Math.min(this.#intervalMs, periodMs ?? this.#intervalMs);
  }
}
