// Traces, read from an instrument once and then kept for everybody who wants them, until the instrument has done something
// else. Whoever asks while one is on its way gets its beginning at once and the rest as it comes.

import type { CommandParams, CommandValue } from "../../protocol/mod.ts";
import type { Desk, Failure } from "./desk.ts";
import type { Instruments } from "./knowledge.ts";

/** Which trace of which detector. */
export type TracePlace = CommandParams<"trace.open">;

/** What a trace spans: point i lies at `start_nm` + i · `sampling_pm`. */
export type TraceExtent = CommandValue<"trace.extent">;

/** A trace, or as much of it as has come. */
export interface Trace extends TraceExtent {
  /** Where on the instrument. */
  readonly place: TracePlace;
  /** Whose instrument. */
  readonly station: string;
  /** When its reading began, Unix milliseconds. */
  readonly readMs: number;
  /** Points that have come; `complete` with the last one. */
  readonly received: number;
  /** Whether all of its points have come. */
  readonly complete: boolean;
  /** What has come so far. */
  soFar(): Float32Array<ArrayBuffer>;
  /** Resolves when nothing more will come. */
  whole(): Promise<void>;
  /** Levels from the first one on, dB or dBm. @throws {Error} where the rest will not come. */
  pieces(): AsyncGenerator<Float32Array<ArrayBuffer>>;
}

const tracesAtMost = 8;
const longestTrace = 1_000_000;

class ReadTrace implements Trace {
  readonly #pieces: Float32Array<ArrayBuffer>[] = [];
  #more = Promise.withResolvers<void>();
  #end: { readonly type: "complete" } | { readonly type: "failed"; readonly reason: string } | null = null;
  received = 0;
  readonly length: number;
  readonly start_nm: number;
  readonly sampling_pm: number;

  constructor(
    readonly station: string,
    readonly place: TracePlace,
    { length, start_nm, sampling_pm }: TraceExtent,
    readonly revision: number,
    readonly readMs: number,
  ) {
    this.length = length;
    this.start_nm = start_nm;
    this.sampling_pm = sampling_pm;
  }

  get complete(): boolean {
    return this.#end?.type === "complete";
  }

  get failed(): boolean {
    return this.#end?.type === "failed";
  }

  push(levels: Float32Array<ArrayBuffer>): void {
    if (levels.length === 0) return;
    this.#pieces.push(levels);
    this.received += levels.length;
    this.#wake();
  }

  finish(reason: string | null): void {
    const short = reason === null && this.received !== this.length ? "The trace came incomplete." : reason;
    this.#end = short === null ? { type: "complete" } : { type: "failed", reason: short };
    this.#wake();
  }

  soFar(): Float32Array<ArrayBuffer> {
    const levels = new Float32Array(this.received);
    let at = 0;
    for (const piece of this.#pieces) {
      levels.set(piece, at);
      at += piece.length;
    }
    return levels;
  }

  async whole(): Promise<void> {
    while (this.#end === null) await this.#more.promise;
  }

  async *pieces(): AsyncGenerator<Float32Array<ArrayBuffer>> {
    for (let next = 0;;) {
      const piece = this.#pieces[next];
      if (piece !== undefined) {
        next++;
        yield piece;
      } else if (this.#end === null) await this.#more.promise;
      else if (this.#end.type === "complete") return;
      else throw new Error(this.#end.reason);
    }
  }

  #wake(): void {
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }
}

/** The traces that were asked for. */
export class Traces {
  readonly #desk: Desk;
  readonly #instruments: Instruments;
  readonly #now: () => number;
  readonly #closing: AbortSignal;
  readonly #kept = new Map<string, ReadTrace>();
  readonly #opening = new Map<string, Promise<Trace | Failure>>();

  /** Nothing is read before somebody asks. */
  constructor(desk: Desk, instruments: Instruments, now: () => number, closing: AbortSignal) {
    this.#desk = desk;
    this.#instruments = instruments;
    this.#now = now;
    this.#closing = closing;
  }

  /** A trace, perhaps still on its way. */
  get(station: string, place: TracePlace): Promise<Trace | Failure> {
    const key = [station, place.module, place.channel, place.trace].join("/");
    const kept = this.#kept.get(key);
    if (kept && !kept.failed && kept.revision === this.#instruments.revision(station)) {
      return Promise.resolve(kept);
    }
    const opening = this.#opening.get(key) ??
      this.#open(key, station, place).finally(() => this.#opening.delete(key));
    this.#opening.set(key, opening);
    return opening;
  }

  async #open(key: string, station: string, place: TracePlace): Promise<Trace | Failure> {
    const revision = this.#instruments.revision(station);
    const opened = await this.#desk.ask(station, "trace.open", place);
    if (!opened.ok) return opened;
    const { transfer, ...extent } = opened.value;
    if (extent.length > longestTrace) {
      await this.#desk.ask(station, "trace.close", { transfer });
      const detail = `It has ${extent.length} points; ${longestTrace} are carried.`;
      return { ok: false, status: 409, title: "The trace is too long", detail };
    }
    const trace = new ReadTrace(station, place, extent, revision, this.#now());
    this.#kept.delete(key);
    this.#kept.set(key, trace);
    for (const oldest of [...this.#kept.keys()].slice(0, -tracesAtMost)) this.#kept.delete(oldest);
    this.#read(trace, transfer).then(
      (reason) => trace.finish(reason),
      (error) => trace.finish(`The relay could not read the trace: ${error}`),
    );
    return trace;
  }

  /** Why the rest will not come; null after the last piece. */
  async #read(trace: ReadTrace, transfer: string): Promise<string | null> {
    while (!this.#closing.aborted) {
      const piece = await this.#desk.ask(trace.station, "trace.read", { transfer });
      if (!piece.ok) return piece.detail;
      const levels = floats(Uint8Array.fromBase64(piece.value.data));
      if (trace.received + levels.length > trace.length) {
        await this.#desk.ask(trace.station, "trace.close", { transfer });
        return `The agent sent more points than the ${trace.length} of this trace. Read it again.`;
      }
      trace.push(levels);
      if (piece.value.done) return null;
    }
    return "The relay is restarting.";
  }
}

/** From little-endian bytes. */
function floats(bytes: Uint8Array): Float32Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getFloat32(4 * index, true));
}
