// What agents said of their instruments: the newest word of each station. It grows old by itself: who reads it is told when
// it was said.

import type { InstrumentMessage, Publication, SweepProgress } from "../../protocol/mod.ts";
import { isoTime } from "../fanout/outgoing.ts";
import { lampWords } from "./lamp.ts";

/** A station's instrument, as its agent saw it last. */
export interface InstrumentKnowledge extends Readonly<Omit<InstrumentMessage, "type">> {
  /** Whose instrument. */
  readonly station: string;
  /** Unix milliseconds. */
  readonly heardMs: number;
  /** Whether all this is so now, or was when the instrument was last heard; a laser may well be on. */
  readonly current: boolean;
}

/** An agent repeats its word every 5 s: what is older than this is not known any more. */
const freshMs = 12_000;

/** Lost: the agent has gone. */
type Word = InstrumentKnowledge & { readonly lost: boolean };

/** The newest word of each station. */
export class Instruments {
  readonly #newest = new Map<string, Word>();
  readonly #revisions = new Map<string, number>();
  /** The state of each station's sweep that viewers were told last, as JSON. */
  readonly #sweeps = new Map<string, string>();
  readonly #publish: (channel: string, message: Publication) => void;
  #told: string | null = null;

  /** `publish` gets the light of all lasers and the state of a sweep when they change: on `sweep`, and on its station's own. */
  constructor(publish: (channel: string, message: Publication) => void) {
    this.#publish = publish;
  }

  /** An agent says how its instrument is. */
  take(station: string, { lasers, activities, sweep }: InstrumentMessage, nowMs: number): void {
    const before = this.#newest.get(station);
    this.#newest.set(station, {
      station,
      lasers: lasers ?? before?.lasers ?? null,
      current: lasers !== null,
      activities,
      sweep,
      heardMs: nowMs,
      lost: false,
    });
    if (doing(before) !== doing({ activities, sweep })) this.#revise(station);
    this.tell(nowMs);
  }

  /** An agent has gone. */
  lose(station: string, nowMs: number): void {
    this.#revise(station);
    const known = this.#newest.get(station);
    if (known) this.#newest.set(station, { ...known, lost: true });
    this.tell(nowMs);
  }

  /** Rises whenever a station's instrument has begun or ended something: what was read of it before may have changed. */
  revision(station: string): number {
    return this.#revisions.get(station) ?? 0;
  }

  /** Every station's, by name; what is old is not current. */
  all(nowMs: number): readonly InstrumentKnowledge[] {
    return [...this.#newest.values()].sort((a, b) => a.station < b.station ? -1 : 1)
      .map(({ lost, ...known }) => lost || nowMs - known.heardMs >= freshMs ? outdated(known) : known);
  }

  /** Which lasers shine, in words, with their stations where there are several; empty: none. */
  lit(nowMs: number): string {
    const all = this.all(nowMs);
    return all.flatMap(({ station, lasers, current, sweep }) => {
      const words = lampWords({ lasers, current, sweeping: isSweeping(sweep) });
      if (words === "") return [];
      return all.length === 1 ? words : `${station}: ${words}`;
    }).join("; ");
  }

  /** The words that viewers were told last; null before anybody knew. */
  get told(): string | null {
    return this.#told;
  }

  /** Tells viewers what has changed of lasers and sweeps: what an agent has said grows old by itself. */
  tell(nowMs: number): void {
    if (this.#newest.size === 0) return;
    const timestamp = isoTime(nowMs);
    const words = this.lit(nowMs);
    if (words !== this.#told) this.#publish("lasers", { type: "lasers", data: { words }, timestamp });
    this.#told = words;
    for (const { station, sweep } of this.all(nowMs)) {
      const state = JSON.stringify(sweep);
      if (this.#sweeps.get(station) === state) continue;
      this.#sweeps.set(station, state);
      for (const channel of ["sweep", sweepChannel(station)]) {
        this.#publish(channel, { type: "sweep_progress", data: sweep, timestamp });
      }
    }
  }

  /** One station's. */
  of(station: string, nowMs: number): InstrumentKnowledge | null {
    return this.all(nowMs).find((known) => known.station === station) ?? null;
  }

  #revise(station: string): void {
    this.#revisions.set(station, this.revision(station) + 1);
  }
}

/** What is left of a word that nobody stands for any more. */
function outdated(known: InstrumentKnowledge): InstrumentKnowledge {
  const { sweep } = known;
  return {
    ...known,
    current: false,
    activities: null,
    sweep: sweep.state === "running" ? { ...sweep, state: "unknown", eta_s: null } : sweep,
  };
}

/** Where the sweeps of one station alone are told. */
export function sweepChannel(station: string): string {
  return `sweep/${station}`;
}

/** Whether a sweep's laser is on, or may be. */
export function isSweeping({ state }: SweepProgress["data"]): boolean {
  return state === "running" || state === "unknown";
}

function doing(known: Pick<InstrumentMessage, "activities" | "sweep"> | undefined): string {
  return JSON.stringify([known?.activities, known?.sweep.started_at, known?.sweep.state]);
}
