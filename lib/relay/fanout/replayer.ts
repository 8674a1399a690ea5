// Sends what the history holds after a cursor, a frame at a time and in turn, so that the replay of an hour delays
// nobody; a viewer that does not read waits. The last frame and the first live reading meet in one turn of the event
// loop: nothing is left out between them, and nothing sent twice.

import { type Cursor, type Data, type Missing, replayFrameLimit } from "../../protocol/mod.ts";
import type { Keeper } from "../history/keeper.ts";
import { resume } from "../history/resume.ts";

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
  send(readings: readonly Data[], missing: Missing | null): void;
  /** Everything stored has been sent: live readings follow. */
  live(): void;
  /** The replay failed. */
  fail(error: unknown): void;
}

const pauseWhileBlockedMs = 20;
// After each frame the relay does something else for this many times as long.
const restShare = 4;
// A timer that comes late found the relay busy with live readings: the next frame is put off by this many times as much.
const lateShare = 10;
// Nor is a timer of an idle relay ever on time.
const alwaysLateMs = 1.5;
const longestRestMs = 100;

/** Runs replays in turn. */
export class Replayer {
  readonly #keeper: Keeper;
  #queue: Replay[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;

  /** Reads from the history that `keeper` has in use. */
  constructor(keeper: Keeper) {
    this.#keeper = keeper;
  }

  /** Sends the first frame at once, and what is left of it in turn with the others. */
  start(replay: Replay): void {
    if (!this.#step(replay)) this.#enqueue(replay, 0);
  }

  /** Forgets every replay. */
  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue = [];
  }

  #enqueue(replay: Replay, delayMs: number): void {
    this.#queue.push(replay);
    if (this.#timer === null) this.#pause(delayMs);
  }

  #pause(ms: number): void {
    const dueMs = performance.now() + ms;
    this.#timer = setTimeout(() => this.#turn(dueMs), ms);
  }

  #turn(dueMs: number): void {
    this.#timer = null;
    const startedMs = performance.now();
    const ready = this.#queue.findIndex((replay) => replay.ended || !replay.blocked);
    const [replay] = this.#queue.splice(Math.max(0, ready), ready < 0 ? 0 : 1);
    if (replay && !this.#step(replay)) this.#queue.push(replay);
    if (this.#queue.length > 0) {
      const lateMs = Math.max(0, startedMs - dueMs - alwaysLateMs);
      const restMs = (performance.now() - startedMs) * restShare + lateMs * lateShare;
      this.#pause(replay ? Math.min(restMs, longestRestMs) : pauseWhileBlockedMs);
    }
  }

  /** Sends one frame; true when nothing is left to do. */
  #step(replay: Replay): boolean {
    if (replay.ended) return true;
    try {
      const { readings, missing, end } = this.#keeper.use((history) => {
        const { after, missing } = resume(history, replay.module, replay.since);
        const readings = history.after(replay.module, after, replayFrameLimit);
        const end = { epoch: history.epoch, seq: after + readings.length };
        return { readings, missing, end };
      });
      replay.send(readings, missing);
      replay.since = end;
      if (readings.length === replayFrameLimit) return false;
      replay.live();
    } catch (error) {
      replay.fail(error);
    }
    return true;
  }
}
