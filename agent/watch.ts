// What the agent sees of its instrument beside the readings: which lasers are on, and how far a sweep is. It asks between
// the readings, a little at a time: two lasers a second are 2% of a serial line.

import type { Activity, InstrumentMessage, LaserState } from "../lib/protocol/mod.ts";
import type { Clock } from "./clock.ts";
import type { Ctp10 } from "./ctp10/mod.ts";
import { MeterFailure } from "./failure.ts";
import {
  askAbort,
  begin,
  end,
  find,
  lose,
  progress,
  type SweepPlan,
  type SweepTrack,
} from "./sweep_track.ts";

/** What a watch looks at. */
export interface WatchOptions {
  /** The instrument; undefined while there is none. */
  readonly instrument: () => Ctp10 | undefined;
  /** A laser as it is. @throws {MeterFailure} */
  readonly readLaser: (ctp10: Ctp10, laser: number) => Promise<LaserState>;
  /** Told at each change, and every few seconds. */
  readonly tell: (message: InstrumentMessage) => void;
  readonly clock: Clock;
}

const laserCount = 10;
const lasersAtOnce = 2;
const lasersEveryMs = 1000;
const idleMs = 1000;
const sweepingMs = 200;
const repeatMs = 5000;

/** Looks until it is told to stop. */
export class Watch {
  readonly #options: WatchOptions;
  #seen: Ctp10 | undefined;
  #lasers: readonly LaserState[] = [];
  #activities: readonly Activity[] | null = null;
  #track: SweepTrack = { type: "idle" };
  #sweepLookedAtMs = -Infinity;
  #next = 0;
  #lasersAtMs = -Infinity;
  #told = "";
  #toldAtMs = -Infinity;
  #wake = new AbortController();

  /** Asks nothing before `run`. */
  constructor(options: WatchOptions) {
    this.#options = options;
  }

  /** How far the sweep is. */
  get sweep(): InstrumentMessage["sweep"] {
    return progress(this.#track, this.#nowMs());
  }

  /** Looks until `signal` is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    while (!signal.aborted) {
      await this.#look();
      this.#tell();
      this.#wake = new AbortController();
      const pauseMs = this.#track.type === "running" ? sweepingMs : idleMs;
      await clock.sleep(pauseMs, AbortSignal.any([signal, this.#wake.signal]));
    }
  }

  /** Tells everything again: somebody new listens. */
  repeat(): void {
    this.#told = "";
    this.#tell();
  }

  /** A command has read or changed this laser. */
  sawLaser(laser: LaserState): void {
    this.#lasers = this.#lasers.map((known) => known.laser === laser.laser ? laser : known);
    this.#tell();
  }

  /** A command has begun a sweep. */
  began(plan: SweepPlan): void {
    this.#track = begin(plan, this.#nowMs());
    this.#lookNow();
  }

  /** A command has asked for the sweep's end, and this is what the instrument did then. */
  abortAsked(activities: readonly Activity[]): void {
    this.#activities = activities;
    this.#track = askAbort(this.#track);
    if (!scans(activities)) this.#track = end(this.#track, this.#nowMs());
    this.#lookNow();
  }

  #lookNow(): void {
    this.#tell();
    this.#wake.abort();
  }

  async #look(): Promise<void> {
    const ctp10 = this.#options.instrument();
    if (ctp10 !== this.#seen) this.#lasers = [];
    this.#seen = ctp10;
    if (ctp10 === undefined) return this.#lost();
    try {
      await this.#lookAtSweep(ctp10);
      await this.#lookAtLasers(ctp10);
    } catch (error) {
      if (!(error instanceof MeterFailure)) throw error;
      // The meter is the one that says what is wrong, and gets the line back into step.
      this.#activities = null;
    }
  }

  #lost(): void {
    this.#activities = null;
    this.#track = lose(this.#track, this.#nowMs());
  }

  async #lookAtSweep(ctp10: Ctp10): Promise<void> {
    const before = this.#track;
    // Unless the last look failed, a sweep that is new now has begun since then.
    const sinceMs = this.#activities === null ? undefined : this.#sweepLookedAtMs;
    const nowMs = this.#nowMs();
    const activities = await ctp10.sweep.condition();
    this.#sweepLookedAtMs = nowMs;
    this.#activities = activities;
    // A command may have begun one while the question was on its way.
    if (this.#track !== before) return;
    const busy = scans(activities);
    if (!busy) this.#track = end(activities.includes("aborting") ? askAbort(before) : before, this.#nowMs());
    else if (before.type !== "running") {
      this.#track = sinceMs === undefined ? find(before, this.#nowMs()) : begin(await planOf(ctp10), sinceMs);
    }
  }

  async #lookAtLasers(ctp10: Ctp10): Promise<void> {
    const { clock, readLaser } = this.#options;
    const complete = this.#lasers.length === laserCount;
    if (complete && clock.monotonicMs() - this.#lasersAtMs < lasersEveryMs) return;
    this.#lasersAtMs = clock.monotonicMs();
    if (!complete) {
      const lasers: LaserState[] = [];
      for (let laser = 1; laser <= laserCount; laser++) lasers.push(await readLaser(ctp10, laser));
      this.#lasers = lasers;
      return;
    }
    for (let i = 0; i < lasersAtOnce; i++) {
      this.#next = this.#next % laserCount + 1;
      this.sawLaser(await readLaser(ctp10, this.#next));
    }
  }

  #tell(): void {
    // Before the first look nothing is better than what an earlier run of the agent said.
    if (this.#sweepLookedAtMs === -Infinity) return;
    const { tell, clock } = this.#options;
    const known = this.#lasers.length === laserCount && this.#activities !== null;
    const message: InstrumentMessage = {
      type: "instrument",
      lasers: known ? [...this.#lasers] : null,
      activities: this.#activities && [...this.#activities],
      sweep: this.sweep,
    };
    const text = JSON.stringify(message);
    if (text === this.#told && clock.monotonicMs() - this.#toldAtMs < repeatMs) return;
    this.#told = text;
    this.#toldAtMs = clock.monotonicMs();
    tell(message);
  }

  #nowMs(): number {
    return 1000 * this.#options.clock.unixSeconds();
  }
}

function scans(activities: readonly Activity[]): boolean {
  return activities.some((activity) => activity === "scanning" || activity === "analysing");
}

/** What the next sweep is set to do: by tunable laser 1, the only one whose part in it the instrument tells. */
export async function planOf(ctp10: Ctp10, signal?: AbortSignal): Promise<SweepPlan> {
  const { startNm, stopNm, speedNmPerS } = await ctp10.tunableLaser(1).state(signal);
  const { stabilization } = await ctp10.sweep.settings(signal);
  return { startNm, stopNm, speedNmPerS, settleS: stabilization.seconds };
}
