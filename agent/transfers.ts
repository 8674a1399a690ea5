// Traces on their way from the instrument to the relay: read from the line as blocks, handed on piece by piece. A block
// keeps its line busy until its last byte: where there is a second line to the instrument it takes that, else readings
// pause.

import type { Clock } from "./clock.ts";
import { Conversation } from "./conversation.ts";
import { Ctp10, type TraceExtent, type TraceType } from "./ctp10/mod.ts";
import { MeterFailure } from "./failure.ts";
import type { Line } from "./line.ts";
import type { PresentInstrument } from "./meter.ts";
import { Outage } from "./outage.ts";

/** A trace, by its place. */
export interface TracePlace {
  readonly module: number;
  readonly channel: number;
  readonly type: TraceType;
}

/** What transfers are made of. */
export interface TransfersOptions {
  /** Opens a second line to the instrument, where there is one. */
  readonly openLine?: (() => Promise<Line>) | undefined;
  /** Of a line that is shared with the readings. */
  readonly bytesPerSecond?: number | undefined;
  /** Told why no readings come meanwhile, at once and about once a second. */
  readonly tellPause: (message: string) => void;
  readonly clock: Clock;
}

/** A line of a transfer's own; or none, and why, where there should be one. */
type OwnLine =
  | { readonly type: "open"; readonly conversation: Conversation }
  | { readonly type: "none"; readonly why: string | undefined };

/** A piece of a trace. */
export interface Piece {
  /** Base64 of float32, little-endian. */
  readonly data: string;
  readonly done: boolean;
}

const transfersAtMost = 4;
const bytesPerPoint = 4;
/** With base64 and envelope a piece stays under protocol.md's 16 KiB. */
const pieceBytes = 9000;
const pieceWaitMs = 250;
/** Who asks for no piece for this long has gone. */
const idleMs = 30_000;
const worthAWordS = 1;

class Transfer {
  readonly abort = new AbortController();
  #bytes = new Uint8Array();
  #taken = 0;
  #arrived = Promise.withResolvers<void>();
  #end: { readonly type: "complete" } | { readonly type: "failed"; readonly reason: unknown } | undefined;
  askedAtMs = 0;

  get waitingBytes(): number {
    return this.#bytes.length - this.#taken;
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  push(bytes: Uint8Array): void {
    const joined = new Uint8Array(this.waitingBytes + bytes.length);
    joined.set(this.#bytes.subarray(this.#taken));
    joined.set(bytes, this.waitingBytes);
    this.#bytes = joined;
    this.#taken = 0;
    this.#wake();
  }

  finish(reason?: unknown): void {
    this.#end ??= reason === undefined ? { type: "complete" } : { type: "failed", reason };
    this.#wake();
  }

  get arrival(): Promise<void> {
    return this.#arrived.promise;
  }

  /** At most a piece's worth of whole points. */
  take(): { readonly bytes: Uint8Array; readonly done: boolean } {
    if (this.#end?.type === "failed") throw this.#end.reason;
    const length = Math.min(pieceBytes, this.waitingBytes - this.waitingBytes % bytesPerPoint);
    const bytes = this.#bytes.slice(this.#taken, this.#taken + length);
    this.#taken += length;
    return { bytes, done: this.#end?.type === "complete" && this.waitingBytes === 0 };
  }

  #wake(): void {
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}

/** The traces that are on their way. */
export class Transfers {
  readonly #options: TransfersOptions;
  readonly #transfers = new Map<string, Transfer>();
  #next = 1;

  /** Nothing is asked before `open`. */
  constructor(options: TransfersOptions) {
    this.#options = options;
  }

  /** Begins to read a trace whose extent is known. @throws {MeterFailure} where too many are on their way. */
  open(instrument: PresentInstrument, place: TracePlace, extent: TraceExtent): string {
    const nowMs = this.#options.clock.monotonicMs();
    for (const [id, { askedAtMs }] of this.#transfers) if (nowMs - askedAtMs > idleMs) this.close(id);
    if (this.#transfers.size >= transfersAtMost) {
      throw new MeterFailure("refused", `${transfersAtMost} traces are being read already. Try again later.`);
    }
    const id = String(this.#next++);
    const transfer = new Transfer();
    transfer.askedAtMs = nowMs;
    this.#transfers.set(id, transfer);
    this.#read(transfer, instrument, place, extent).then(
      () => transfer.finish(),
      (error) => transfer.finish(error),
    );
    return id;
  }

  /**
   * What came since the last piece, waited for a moment; undefined where there is no such transfer.
   * @throws {MeterFailure} as reading the trace does.
   */
  async read(id: string): Promise<Piece | undefined> {
    const transfer = this.#transfers.get(id);
    if (transfer === undefined) return undefined;
    const { clock } = this.#options;
    const startMs = transfer.askedAtMs = clock.monotonicMs();
    while (transfer.waitingBytes < pieceBytes && !transfer.ended) {
      const leftMs = startMs + pieceWaitMs - clock.monotonicMs();
      if (leftMs <= 0) break;
      const enough = new AbortController();
      await Promise.race([transfer.arrival, clock.sleep(leftMs, enough.signal)]);
      enough.abort();
    }
    if (transfer.abort.signal.aborted) return undefined;
    try {
      const { bytes, done } = transfer.take();
      if (done) this.#transfers.delete(id);
      return { data: littleEndian(bytes).toBase64(), done };
    } catch (error) {
      this.#transfers.delete(id);
      throw error;
    }
  }

  /** Nobody wants it any more; what is on the line still has to come. */
  close(id: string): void {
    this.#transfers.get(id)?.abort.abort();
    this.#transfers.delete(id);
  }

  async #read(
    transfer: Transfer,
    instrument: PresentInstrument,
    place: TracePlace,
    extent: TraceExtent,
  ): Promise<void> {
    const own = await this.#openOwn(instrument.identity);
    const pause = own.type === "none" ? this.#announcePause(place, extent, own.why) : undefined;
    try {
      const ctp10 = own.type === "none" ? instrument.ctp10 : new Ctp10(own.conversation);
      const { signal } = transfer.abort;
      const block = await ctp10.trace(place.module, place.channel, place.type).levelsDb(signal);
      if (block.length !== bytesPerPoint * extent.length) {
        throw new MeterFailure("garbled", "The trace has just become another one. Read it again.");
      }
      for await (const bytes of block.body) transfer.push(bytes);
    } finally {
      pause?.end();
      if (own.type === "open") await own.conversation.close();
    }
  }

  /** A second line, on which nobody but the same instrument answers. That there is none is no failure. */
  async #openOwn(identity: string): Promise<OwnLine> {
    const { openLine, clock } = this.#options;
    if (openLine === undefined) return { type: "none", why: undefined };
    let conversation: Conversation | undefined;
    try {
      conversation = new Conversation(await openLine(), clock);
      const found = await new Ctp10(conversation).identify();
      if (found === identity) return { type: "open", conversation };
      const words = `${conversation.name} is another instrument, ${found}. Set METER_BULK to the right one.`;
      throw new MeterFailure("wrong_device", words);
    } catch (error) {
      await conversation?.close();
      if (error instanceof MeterFailure) return { type: "none", why: error.message };
      throw error;
    }
  }

  #announcePause(
    { module, channel }: TracePlace,
    { length }: TraceExtent,
    why: string | undefined,
  ): Outage | undefined {
    const { bytesPerSecond = Infinity, tellPause } = this.#options;
    const seconds = length * bytesPerPoint / bytesPerSecond;
    if (seconds < worthAWordS) return undefined;
    const pause = new Outage((message) => tellPause(message));
    pause.because(
      `Readings pause for about ${Math.ceil(seconds)} s: the instrument's line carries a trace of ` +
        `${length} points (module ${module}, channel ${channel}).${why === undefined ? "" : ` ${why}`}`,
    );
    return pause;
  }
}

/** From the instrument's byte order; SCPI's stand-ins for what is no number become what they stand for. */
function littleEndian(bytes: Uint8Array): Uint8Array {
  const from = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const to = new DataView(new ArrayBuffer(bytes.byteLength));
  for (let at = 0; at < bytes.byteLength; at += bytesPerPoint) {
    to.setFloat32(at, fromStandIn(from.getFloat32(at, false)), true);
  }
  return new Uint8Array(to.buffer);
}

/** SCPI-99, section 7.2.1: 9.91E37 is not a number, ±9.9E37 is infinite. */
function fromStandIn(value: number): number {
  if (Math.abs(value) < 9.89e37) return value;
  return value > 9.905e37 ? NaN : value > 0 ? Infinity : -Infinity;
}
