// Sends what the history holds after a cursor, a frame at a time and in turn, so that the replay of an hour delays
// nobody; a viewer that does not read waits. The last frame and the first live reading meet in one turn of the event
// loop: nothing is left out between them, and nothing sent twice. A frame is made once for all viewers that need it, and
// they soon do, wherever they begin, because all frames end at the same places.

import { clearImmediate, setImmediate } from "node:timers";
import type { Cursor, Replay as ReplayMessage } from "../../protocol/mod.ts";
import type { History } from "../history/history.ts";
import type { Keeper } from "../history/keeper.ts";
import { resume } from "../history/resume.ts";
import { replayOf } from "./messages.ts";
import { Outgoing } from "./outgoing.ts";

/** One viewer's replay. */
export interface Replay {
  readonly module: number;
  /** Everything after it is to be sent; moves on. */
  since: Cursor;
  /** Whether the viewer has gone. */
  readonly ended: boolean;
  /** Whether the viewer's send queue is too long for another frame. */
  readonly blocked: boolean;
  /** Sends one frame. */
  send(frame: Outgoing<ReplayMessage>): void;
  /** Everything stored has been sent: live readings follow. */
  live(): void;
  /** The replay failed. */
  fail(error: unknown): void;
}

// To make a frame of so many readings takes about 0.2 ms, which is how long a live reading may have to wait for it.
const frameReadings = 100;
// A frame that has fewer is the last of its replay (lib/socket knows it by that).
const leastReadings = 50;
const pauseWhileBlockedMs = 20;
// Frames go out one to a turn of the event loop. A tenth of the replays, and one at least, get theirs in a row, but no more
// than in this time.
const rowShare = 0.1;
const rowMs = 1;
// After that the relay does something else for this many times as long.
const restShare = 4;
// A timer that comes late found the relay busy with live readings: the next frame is put off by this many times as much.
const lateShare = 10;
// Nor is a timer of an idle relay ever on time.
const alwaysLateMs = 1.5;
const longestRestMs = 100;
// Each of about 20 KB.
const framesKept = 32;

/** A frame, where it ends, and where the history does. */
interface Next {
  readonly frame: Outgoing<ReplayMessage>;
  readonly end: Cursor;
  readonly last: number;
}

/** Runs replays in turn. */
export class Replayer {
  readonly #keeper: Keeper;
  readonly #now: () => number;
  #queue: Replay[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #immediate: ReturnType<typeof setImmediate> | null = null;
  #lateMs = 0;
  #workedMs = 0;
  #inRow = 0;
  /** The frames made last, by what is in them. */
  readonly #frames = new Map<string, Outgoing<ReplayMessage>>();

  /** Reads from the history that `keeper` has in use. */
  constructor(keeper: Keeper, now: () => number) {
    this.#keeper = keeper;
    this.#now = now;
  }

  /** Sends the first frame at once, and what is left of it in turn with the others. */
  start(replay: Replay): void {
    if (this.#step(replay)) return;
    this.#queue.push(replay);
    if (this.#timer === null && this.#immediate === null) this.#pause(0);
  }

  /** Forgets every replay. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#immediate !== null) clearImmediate(this.#immediate);
    this.#queue = [];
    this.#frames.clear();
  }

  #pause(ms: number): void {
    const dueMs = performance.now() + ms;
    this.#workedMs = 0;
    this.#inRow = 0;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#lateMs = Math.max(0, performance.now() - dueMs - alwaysLateMs);
      this.#turn();
    }, ms);
  }

  #turn(): void {
    const startedMs = performance.now();
    const ready = this.#queue.findIndex((replay) => replay.ended || !replay.blocked);
    const [replay] = this.#queue.splice(Math.max(0, ready), ready < 0 ? 0 : 1);
    if (replay && !this.#step(replay)) this.#queue.push(replay);
    this.#workedMs += performance.now() - startedMs;
    this.#inRow += 1;
    if (this.#queue.length === 0) return this.#frames.clear();
    if (!replay) return this.#pause(pauseWhileBlockedMs);
    if (this.#inRow < rowShare * this.#queue.length && this.#workedMs < rowMs) {
      this.#immediate = setImmediate(() => {
        this.#immediate = null;
        this.#turn();
      });
    } else this.#pause(Math.min(longestRestMs, this.#workedMs * restShare + this.#lateMs * lateShare));
  }

  /** Sends one frame; true when nothing is left to do. */
  #step(replay: Replay): boolean {
    if (replay.ended) return true;
    try {
      const { frame, end, last } = this.#keeper.use((history) => this.#next(history, replay));
      replay.send(frame);
      replay.since = end;
      if (end.seq < last) return false;
      replay.live();
    } catch (error) {
      replay.fail(error);
    }
    return true;
  }

  #next(history: History, { module, since }: Replay): Next {
    const { after, missing } = resume(history, module, since);
    const last = history.extent(module)?.last ?? 0;
    const seq = Math.max(after, Math.min(frameEnd(after), last));
    const end = { epoch: history.epoch, seq };
    const content = `${history.epoch} ${module} ${after} ${seq}`;
    const known = missing === null ? this.#frames.get(content) : undefined;
    if (known) return { frame: known, end, last };
    const readings = history.after(module, after, seq - after);
    const frame = new Outgoing(replayOf(module, readings, missing), this.#now());
    if (missing === null) this.#keep(content, frame);
    return { frame, end, last };
  }

  #keep(content: string, frame: Outgoing<ReplayMessage>): void {
    this.#frames.set(content, frame);
    const [oldest] = this.#frames.keys();
    if (oldest !== undefined && this.#frames.size > framesKept) this.#frames.delete(oldest);
  }
}

/** Where the frame after `after` ends, when the history has so much. */
function frameEnd(after: number): number {
  const end = (Math.floor(after / frameReadings) + 1) * frameReadings;
  return end - after < leastReadings ? end + frameReadings : end;
}
