// The instrument's serial line: a pseudo-terminal whose slave clients open, paced like a line, and garbled like one where
// the two ends disagree about the baud rate.

import { openPty, type Pty } from "deno-serial";
import type { Logger } from "../../../lib/process/mod.ts";
import { Session, type SessionContext } from "../session.ts";
import { Pacer } from "./pacer.ts";
import { misread } from "./uart.ts";

const usualBaudRate = 115_200;
/** A long reply is handed over in parts that take this long, so that it arrives as a stream. */
const sliceMs = 20;
/** What nobody has read for so long, with the kernel's buffer full, is lost; and how often to look. */
const unreadMs = 500;
const lookMs = 10;

/** A line that can be unplugged and plugged in again, on another pseudo-terminal under the same link. */
export class SerialLine {
  readonly #context: SessionContext;
  readonly #log: Logger;
  readonly #link: string | undefined;
  readonly #ownBaudRate: number;
  #pty: Pty | undefined;
  #closed = new AbortController();
  #done: Promise<void> = Promise.resolve();
  #warnedBaud: number | undefined;

  constructor(
    context: SessionContext,
    log: Logger,
    link: string | undefined,
    ownBaudRate = usualBaudRate,
  ) {
    this.#context = context;
    this.#log = log;
    this.#link = link;
    this.#ownBaudRate = ownBaudRate;
  }

  /** Path of the slave; `undefined` while unplugged. */
  get path(): string | undefined {
    return this.#pty?.path;
  }

  /** What is plugged in, in a few words. */
  describe(): string {
    if (this.#pty === undefined) return "serial unplugged";
    const { path } = this.#pty;
    const link = this.#link === undefined ? "" : ` link ${this.#link}`;
    return `serial ${path}${link} baud ${this.#baudRate()} client ${this.#pty.baudRate()}`;
  }

  /** Makes the pseudo-terminal, and serves it. @throws {SerialError} */
  plug(): void {
    const pty = openPty(this.#link === undefined ? {} : { link: this.#link });
    this.#pty = pty;
    this.#closed = new AbortController();
    this.#done = this.#serve(pty, this.#closed.signal);
    this.#log.info("serial line plugged", { path: pty.path, link: this.#link });
  }

  /** Hangs up on the client. */
  async unplug(): Promise<void> {
    const pty = this.#pty;
    if (pty === undefined) return;
    this.#pty = undefined;
    this.#closed.abort();
    await pty.close();
    await this.#done;
    this.#log.info("serial line unplugged", { path: pty.path });
  }

  async #serve(pty: Pty, closed: AbortSignal): Promise<void> {
    const { readable, writable } = pty;
    if (readable === null || writable === null) return;
    const { clock } = this.#context;
    const pacer = new Pacer();
    const writer = writable.getWriter();
    const session = new Session(
      this.#context,
      (bytes) => this.#send(pty, writer, pacer, bytes, closed),
      closed,
    );
    try {
      for await (const bytes of readable) {
        pacer.received(bytes.length, this.#baudRate(), clock.now());
        await session.receive(bytes);
      }
    } catch (error) {
      // Closing the line fails whatever was under way on it; anything else must not go on in silence.
      if (!closed.aborted) throw error;
    }
  }

  async #send(
    pty: Pty,
    writer: WritableStreamDefaultWriter<Uint8Array>,
    pacer: Pacer,
    reply: Uint8Array,
    closed: AbortSignal,
  ): Promise<void> {
    const { clock } = this.#context;
    const baudRate = this.#baudRate();
    const bytes = this.#garbled(reply, baudRate, pty.baudRate());
    const slice = Math.max(16, Math.floor(baudRate / 10 * sliceMs / 1000));
    for (let start = 0; start < bytes.length; start += slice) {
      const part = bytes.subarray(start, start + slice);
      const waitMs = pacer.due(part.length, baudRate, clock.now()) - clock.now();
      if (waitMs > 0) await clock.sleep(waitMs, closed);
      if (!await this.#free(writer, closed)) {
        if (!closed.aborted) {
          this.#log.warn("nobody reads the serial line", { lost_bytes: bytes.length - start });
        }
        return;
      }
      // It fails only when the line is closed, which the reading side sees as well.
      writer.write(part).catch(() => undefined);
      pacer.sent(clock.now());
    }
  }

  /**
   * Waits until the last bytes were taken. A line does not keep what nobody reads: were the rest of a long reply to wait
   * in the pseudo-terminal, the next client would be given all of it.
   */
  async #free(writer: WritableStreamDefaultWriter<Uint8Array>, closed: AbortSignal): Promise<boolean> {
    const { clock } = this.#context;
    for (let waitedMs = 0; !closed.aborted && waitedMs <= unreadMs; waitedMs += lookMs) {
      if ((writer.desiredSize ?? 0) > 0) return true;
      await clock.sleep(lookMs, closed);
    }
    return false;
  }

  /**
   * Only what the client reads is garbled: an instrument that cannot read a command would say nothing, and what a client
   * makes of garbage could not be seen.
   */
  #garbled(bytes: Uint8Array, baudRate: number, clientBaudRate: number): Uint8Array {
    if (clientBaudRate === baudRate) return bytes;
    if (this.#warnedBaud !== clientBaudRate) {
      this.#log.warn("the client's baud rate is not the instrument's: it reads garbage", {
        client: clientBaudRate,
        instrument: baudRate,
      });
    }
    this.#warnedBaud = clientBaudRate;
    return misread(bytes, baudRate, clientBaudRate);
  }

  #baudRate(): number {
    return this.#context.faults.baudRate(this.#ownBaudRate);
  }
}
