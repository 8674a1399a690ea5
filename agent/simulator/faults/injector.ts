// The faults in force: the one owner of which were asked for, and of what chance has drawn. The rest of the simulator
// asks it what is wrong right now, and is told when the line has to go and come back.

import type { Clock } from "../clock.ts";
import { uniform } from "../optics/random.ts";
import { disturb, type Emission } from "./disturb.ts";
import { type Fault, type FaultKind, formatFault } from "./fault.ts";
import { durationMs, type Episode, episodeAt, nextChangeMs } from "./schedule.ts";

/** What has to happen to the device when a fault begins or ends. */
export interface FaultActions {
  /** The instrument starts again, and hears nothing for so long. */
  reset(deafMs: number): void;
  unplug(): void;
  replug(): void;
}

interface Entry {
  readonly fault: Fault;
  /** Tells this fault's chances from those of others. */
  readonly number: number;
  drawn: Episode | undefined;
  /** When the episode began that the device has already been told of. */
  toldMs: number | undefined;
  hits: number;
}

/** A timer is not set for longer than this: setTimeout takes 2^31 milliseconds at most. */
const longestTimerMs = 2 ** 30;

/** Decides what is wrong. Chance comes from the seed: the same replies in the same order meet the same faults. */
export class FaultInjector {
  readonly #seed: number;
  readonly #clock: Clock;
  readonly #actions: FaultActions;
  #entries: readonly Entry[] = [];
  #replies = 0;
  #added = 0;
  #unplugged = false;
  #wake = new AbortController();

  constructor(
    seed: number,
    clock: Clock,
    actions: FaultActions,
  ) {
    this.#seed = seed;
    this.#clock = clock;
    this.#actions = actions;
  }

  /** Puts a fault in force, in place of one of the same kind on the same channel. */
  add(fault: Fault): void {
    const others = this.#entries.filter((entry) => !same(entry.fault, fault));
    const entry = { fault, number: this.#added++, drawn: undefined, toldMs: undefined, hits: 0 };
    this.#entries = [...others, entry];
    this.#update();
  }

  /** Ends the faults of a kind, or all of them; says how many there were. */
  clear(kind?: FaultKind): number {
    const kept = this.#entries.filter(({ fault }) => kind !== undefined && fault.kind !== kind);
    const ended = this.#entries.length - kept.length;
    this.#entries = kept;
    this.#update();
    return ended;
  }

  /** One line for each fault in force. */
  describe(): readonly string[] {
    const nowMs = this.#clock.now();
    return this.#entries.map(({ fault, drawn, hits }) => {
      const active = episodeAt(fault, drawn, nowMs) === undefined ? "" : ", there now";
      return `fault ${formatFault(fault)} (replies disturbed: ${hits}${active})`;
    });
  }

  /** What is sent instead of a reply. */
  reply(bytes: Uint8Array): readonly Emission[] {
    const nowMs = this.#clock.now();
    const number = this.#replies++;
    const hitting = this.#entries.filter((entry) => this.#hits(entry, number, nowMs));
    for (const entry of hitting) entry.hits++;
    this.#update();
    let draws = 0;
    const random = () => uniform(this.#seed, number, draws++);
    return disturb(bytes, hitting.map(({ fault }) => fault), random);
  }

  /** The baud rate that the instrument has, given its own. */
  baudRate(own: number): number {
    return this.#active("baud").at(-1)?.fault.figures.baud ?? own;
  }

  /** What happened to a channel's fibre: a gain in dB. */
  disturbanceDb(module: number, channel: number, nowMs: number): number {
    const here = ({ fault: { figures } }: Entry) => figures.module === module && figures.channel === channel;
    return this.#entries.filter(here).reduce((sum, { fault, drawn }) => {
      const episode = episodeAt(fault, drawn, nowMs);
      return episode === undefined ? sum : sum + gainDb(fault, (nowMs - episode.fromMs) / 1000);
    }, 0);
  }

  /** Nothing is wrong any more, and nothing will begin by itself. */
  close(): void {
    this.#wake.abort();
    this.#entries = [];
  }

  #hits(entry: Entry, number: number, nowMs: number): boolean {
    const { fault } = entry;
    if (episodeAt(fault, entry.drawn, nowMs) !== undefined) return true;
    const { when } = fault;
    const drawn = when.type === "once" ||
      (when.type === "random" && uniform(this.#seed, entry.number, number, 5) <= when.probability);
    if (drawn) entry.drawn = { fromMs: nowMs, toMs: nowMs + durationMs(fault) };
    return drawn;
  }

  #active(kind: FaultKind): readonly Entry[] {
    const nowMs = this.#clock.now();
    return this.#entries.filter(({ fault, drawn }) =>
      fault.kind === kind && episodeAt(fault, drawn, nowMs) !== undefined
    );
  }

  /** Tells the device what has begun or ended, and wakes up for the next of it. */
  #update(): void {
    const nowMs = this.#clock.now();
    for (const entry of this.#active("reset")) {
      const episode = episodeAt(entry.fault, entry.drawn, nowMs);
      if (episode === undefined || episode.fromMs === entry.toldMs) continue;
      entry.toldMs = episode.fromMs;
      this.#actions.reset(entry.fault.figures.ms);
    }
    const unplugged = this.#active("unplug").length > 0;
    if (unplugged !== this.#unplugged) {
      this.#unplugged = unplugged;
      if (unplugged) this.#actions.unplug();
      else this.#actions.replug();
    }
    this.#entries = this.#entries.filter((entry) => !isOver(entry, nowMs));
    this.#wake.abort();
    const next = Math.min(...this.#entries.map(({ fault, drawn }) => nextChangeMs(fault, drawn, nowMs)));
    if (next < Infinity) this.#wakeAfter(Math.min(longestTimerMs, Math.ceil(next - nowMs)));
  }

  async #wakeAfter(ms: number): Promise<void> {
    const { signal } = this.#wake = new AbortController();
    await this.#clock.sleep(ms, signal);
    if (!signal.aborted) this.#update();
  }
}

function same(one: Fault, other: Fault): boolean {
  return one.kind === other.kind && one.figures.module === other.figures.module &&
    one.figures.channel === other.figures.channel;
}

/** A fault that was there, and will not come back by itself. */
function isOver({ fault: { when, sinceMs }, drawn }: Entry, nowMs: number): boolean {
  if (when.type === "for") return nowMs >= sinceMs + when.durationS * 1000;
  return when.type === "once" && drawn !== undefined && nowMs >= drawn.toMs;
}

function gainDb({ kind, figures }: Fault, elapsedS: number): number {
  if (kind === "pull") return -Infinity;
  if (kind === "step") return figures.db;
  return kind === "ramp" ? figures.db * elapsedS : 0;
}
