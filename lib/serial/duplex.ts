// One open terminal as a pair of streams. It owns the descriptor from here to its close: a single poll(2), asleep on
// a thread of Deno's pool, says when there is input, room or a hang-up, and an eventfd wakes it. It is not a port:
// settings, ownership and events are the business of its users.

import { SerialError } from "./error.ts";
import { ERRNO, lastErrno, type Libc, O } from "./libc.ts";

const POLLIN = 0x1;
const POLLOUT = 0x4;
const POLLERR = 0x8;
const POLLHUP = 0x10;
const POLLNVAL = 0x20;
const FOREVER = -1;
const EFD_FLAGS = O.CLOEXEC | O.NONBLOCK;

/** How the streams of a descriptor end. */
export interface DuplexOptions {
  /** For messages. */
  readonly path: string;
  /** Bytes that may wait in `readable`. */
  readonly bufferSize: number;
  /** Called once, after the descriptor is closed and the last call has returned: by `close()` or by a hang-up. */
  readonly onClosed: (hungUp: boolean) => void;
}

/** Streams over a nonblocking descriptor, which it takes over. */
export class Duplex {
  readonly #libc: Libc;
  readonly #fd: number;
  readonly #wakeFd: number;
  readonly #options: DuplexOptions;
  readonly #done: Promise<void>;
  // struct pollfd { int fd; short events; short revents } twice: the terminal, then the eventfd.
  readonly #poll = new Uint8Array(16);
  readonly #pollShorts = new Int16Array(this.#poll.buffer);
  readonly #scratch: Uint8Array<ArrayBuffer>;
  #input: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | undefined;
  #output: WritableStreamDefaultController | undefined;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #writable: WritableStream<Uint8Array> | undefined;
  #room: PromiseWithResolvers<void> | undefined;
  #ended: SerialError | undefined;
  #hungUp = false;

  constructor(libc: Libc, fd: number, options: DuplexOptions) {
    this.#libc = libc;
    this.#fd = fd;
    this.#options = options;
    this.#scratch = new Uint8Array(options.bufferSize);
    this.#wakeFd = libc.symbols.eventfd(0, EFD_FLAGS);
    if (this.#wakeFd < 0) {
      throw new SerialError("io", `Cannot watch ${options.path}: eventfd gave error ${lastErrno(libc)}.`);
    }
    const ints = new Int32Array(this.#poll.buffer);
    ints[0] = fd;
    ints[2] = this.#wakeFd;
    this.#done = this.#run();
  }

  /** Whether the descriptor may still be used. */
  get isOpen(): boolean {
    return this.#ended === undefined;
  }

  /** Bytes as they come; null once closed. After a `cancel()` the next look gives a new stream. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#ended !== undefined) return null;
    return this.#readable ??= new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#input = controller;
      },
      pull: () => {
        if ((this.#events & POLLIN) === 0) this.#wake();
      },
      cancel: () => {
        this.#readable = undefined;
        this.#input = undefined;
      },
    }, new ByteLengthQueuingStrategy({ highWaterMark: this.#options.bufferSize }));
  }

  /** Takes bytes as fast as the kernel does; null once closed. After `close()` or `abort()` the next look is new. */
  get writable(): WritableStream<Uint8Array> | null {
    if (this.#ended !== undefined) return null;
    const forget = () => {
      this.#writable = undefined;
      this.#output = undefined;
    };
    return this.#writable ??= new WritableStream<Uint8Array>({
      start: (controller) => {
        this.#output = controller;
      },
      write: (chunk, controller) => this.#writeAll(chunk, controller.signal),
      close: forget,
      abort: forget,
    });
  }

  /** Ends both streams, also while they are locked, and gives the descriptor back. Never hangs; may be repeated. */
  close(): Promise<void> {
    this.#end(new SerialError("state", `${this.#options.path} was closed.`));
    return this.#done;
  }

  get #events(): number {
    return this.#pollShorts[2] ?? 0;
  }

  async #run(): Promise<void> {
    const shorts = this.#pollShorts;
    shorts[6] = POLLIN;
    while (this.#ended === undefined) {
      const wantsInput = (this.#input?.desiredSize ?? 0) > 0;
      shorts[2] = (wantsInput ? POLLIN : 0) | (this.#room === undefined ? 0 : POLLOUT);
      await this.#libc.symbols.pollInBackground(this.#poll, 2n, FOREVER);
      const seen = shorts[3] ?? 0;
      if ((shorts[7] ?? 0) !== 0) this.#libc.symbols.read(this.#wakeFd, new Uint8Array(8), 8n);
      if (this.#ended !== undefined) break;
      if ((seen & POLLIN) !== 0) this.#readOnce();
      if ((seen & POLLOUT) !== 0) this.#hasRoom();
      if ((seen & (POLLHUP | POLLERR | POLLNVAL)) !== 0) this.#drainAndHangUp();
    }
    // On the pool's thread: a real driver may hold close(2) until its transmit buffer is empty.
    await this.#libc.symbols.closeInBackground(this.#fd);
    this.#libc.symbols.close(this.#wakeFd);
    this.#options.onClosed(this.#hungUp);
  }

  /** Whether bytes came. What nobody has room for stays in the kernel. */
  #readOnce(): boolean {
    const input = this.#input;
    if (input === undefined || (input.desiredSize ?? 0) <= 0) return false;
    const length = this.#libc.symbols.read(this.#fd, this.#scratch, BigInt(this.#scratch.length));
    if (length > 0) {
      input.enqueue(this.#scratch.slice(0, length));
      return true;
    }
    if (length === 0 || !this.#mayRetry()) this.#hangUp();
    return false;
  }

  #drainAndHangUp(): void {
    while (this.#readOnce());
    this.#hangUp();
  }

  async #writeAll(chunk: Uint8Array, signal: AbortSignal): Promise<void> {
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#ended !== undefined) throw this.#ended;
      signal.throwIfAborted();
      const length = this.#libc.symbols.write(this.#fd, rest, BigInt(rest.length));
      if (length > 0) rest = rest.subarray(length);
      else if (this.#mayRetry()) await this.#waitForRoom(signal);
      else this.#hangUp();
    }
  }

  async #waitForRoom(signal: AbortSignal): Promise<void> {
    const room = Promise.withResolvers<void>();
    this.#room = room;
    const abort = () => room.reject(signal.reason);
    signal.addEventListener("abort", abort);
    this.#wake();
    try {
      await room.promise;
    } finally {
      signal.removeEventListener("abort", abort);
      this.#room = undefined;
    }
  }

  #hasRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }

  #mayRetry(): boolean {
    const errno = lastErrno(this.#libc);
    return errno === ERRNO.EAGAIN || errno === ERRNO.EINTR;
  }

  #wake(): void {
    if (this.#ended !== undefined) return;
    this.#libc.symbols.write(this.#wakeFd, new Uint8Array(new BigUint64Array([1n]).buffer), 8n);
  }

  #hangUp(): void {
    if (this.#ended !== undefined) return;
    this.#hungUp = true;
    this.#end(new SerialError("disconnected", `${this.#options.path} went away: check its cable.`));
  }

  #end(reason: SerialError): void {
    if (this.#ended !== undefined) return;
    this.#wake();
    this.#ended = reason;
    if (reason.kind === "disconnected") this.#input?.error(reason);
    else this.#input?.close();
    this.#output?.error(reason);
    this.#room?.reject(reason);
  }
}
