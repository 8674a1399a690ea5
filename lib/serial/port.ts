// A serial port with the Web Serial API's shape over a Linux terminal device. Differences from the browser's are in
// the docstrings: no permission prompt (a path instead), and `close()` works while the streams are locked.

import { Duplex } from "./duplex.ts";
import { SerialError } from "./error.ts";
import { cString, type Libc, openLibc, readSmallFile } from "./libc.ts";
import { openTerminal } from "./terminal.ts";
import { FLUSH, IOCTL, type SerialOptions } from "./termios.ts";

/** What the modem lines say. */
export interface SerialInputSignals {
  /** CTS. */
  readonly clearToSend: boolean;
  /** DCD. */
  readonly dataCarrierDetect: boolean;
  /** DSR. */
  readonly dataSetReady: boolean;
  /** RI. */
  readonly ringIndicator: boolean;
}

/** The modem lines to change; those left out keep their level. */
export interface SerialOutputSignals {
  /** DTR. */
  readonly dataTerminalReady?: boolean;
  /** RTS. */
  readonly requestToSend?: boolean;
  /** Holds the line in the break condition. */
  readonly break?: boolean;
}

/** The USB adapter behind a port, where there is one. */
export interface SerialPortInfo {
  /** 16 bits. */
  readonly usbVendorId?: number;
  /** 16 bits. */
  readonly usbProductId?: number;
}

const TIOCM = { DTR: 0x2, RTS: 0x4, CTS: 0x20, CD: 0x40, RI: 0x80, DSR: 0x100 } as const;
const DEFAULT_BUFFER_BYTES = 16384;

interface OpenPort {
  readonly libc: Libc;
  readonly fd: number;
  readonly duplex: Duplex;
  readonly discardsOnClose: boolean;
}

/**
 * A serial port: `new SerialPort("/dev/ttyUSB0")`, `open({ baudRate })`, then `readable` and `writable`.
 * A device that goes away errors both streams with a `disconnected` {@link SerialError}, gives its descriptor back,
 * and dispatches `disconnect`; the port can then be opened again.
 */
export class SerialPort extends EventTarget implements AsyncDisposable {
  /** The device, for example `/dev/ttyUSB0` or a link in `/dev/serial/by-id`. */
  readonly path: string;
  #open: OpenPort | undefined;

  /** A closed port; nothing is touched before `open()`. */
  constructor(path: string) {
    super();
    this.path = path;
  }

  /** Bytes from the device; null while closed. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#open?.duplex.readable ?? null;
  }

  /** Bytes to the device; null while closed. */
  get writable(): WritableStream<Uint8Array> | null {
    return this.#open?.duplex.writable ?? null;
  }

  /**
   * Opens the device raw and becomes its only owner; what had come before is thrown away.
   * @throws {SerialError} `missing`, `permission`, `busy` (with the process that has it), `not_a_terminal`,
   * `unsupported`, `state` or `io`.
   */
  // deno-lint-ignore require-await -- asynchronous like Web Serial's, and so that it rejects instead of throwing
  async open(options: SerialOptions): Promise<void> {
    if (this.#open !== undefined) {
      throw new SerialError("state", `${this.path} is open already, or not closed yet.`);
    }
    const libc = openLibc();
    let fd: number | undefined;
    try {
      fd = openTerminal(libc, this.path, options);
      const duplex = new Duplex(libc, fd, {
        path: this.path,
        bufferSize: options.bufferSize ?? DEFAULT_BUFFER_BYTES,
        onClosed: (hungUp) => {
          libc.close();
          this.#open = undefined;
          if (hungUp) this.dispatchEvent(new Event("disconnect"));
        },
      });
      this.#open = { libc, fd, duplex, discardsOnClose: options.flowControl === "hardware" };
    } catch (error) {
      if (fd !== undefined) libc.symbols.close(fd);
      libc.close();
      throw error;
    }
  }

  /**
   * The levels of the modem lines.
   * @throws {SerialError} `state` while closed, `unsupported` where the device has none (a pseudo-terminal).
   */
  // deno-lint-ignore require-await -- asynchronous like Web Serial's
  async getSignals(): Promise<SerialInputSignals> {
    const { libc, fd } = this.#require("read the modem lines of");
    const lines = new Int32Array(1);
    if (libc.symbols.ioctl(fd, IOCTL.TIOCMGET, new Uint8Array(lines.buffer)) !== 0) {
      throw new SerialError("unsupported", `${this.path} has no modem lines.`);
    }
    const on = (bit: number) => ((lines[0] ?? 0) & bit) !== 0;
    return {
      clearToSend: on(TIOCM.CTS),
      dataCarrierDetect: on(TIOCM.CD),
      dataSetReady: on(TIOCM.DSR),
      ringIndicator: on(TIOCM.RI),
    };
  }

  /**
   * Sets the modem lines that `signals` names.
   * @throws {SerialError} `state` while closed, `unsupported` where the device has none (a pseudo-terminal).
   */
  // deno-lint-ignore require-await -- asynchronous like Web Serial's
  async setSignals(signals: SerialOutputSignals): Promise<void> {
    const { libc, fd } = this.#require("set the modem lines of");
    const set = (on: boolean | undefined, bit: number) => {
      if (on === undefined) return;
      const request = on ? IOCTL.TIOCMBIS : IOCTL.TIOCMBIC;
      if (libc.symbols.ioctl(fd, request, new Uint8Array(new Int32Array([bit]).buffer)) !== 0) {
        throw new SerialError("unsupported", `${this.path} has no modem lines.`);
      }
    };
    set(signals.dataTerminalReady, TIOCM.DTR);
    set(signals.requestToSend, TIOCM.RTS);
    if (signals.break === undefined) return;
    if (libc.symbols.ioctlValue(fd, signals.break ? IOCTL.TIOCSBRK : IOCTL.TIOCCBRK, 0n) !== 0) {
      throw new SerialError("unsupported", `${this.path} cannot send a break.`);
    }
  }

  /** The USB adapter's numbers, or `{}` for a port of another kind, or one that is not there. */
  getInfo(): SerialPortInfo {
    const libc = openLibc();
    try {
      return usbInfo(libc, this.path);
    } finally {
      libc.close();
    }
  }

  /**
   * Ends both streams, locked or not, and gives the device back. Bytes that the kernel still holds go out, except
   * under hardware flow control, where a peer that is not ready could hold the close for half a minute.
   */
  async close(): Promise<void> {
    const port = this.#open;
    if (port === undefined) return;
    if (port.discardsOnClose && port.duplex.isOpen) {
      port.libc.symbols.ioctlValue(port.fd, IOCTL.TCFLSH, FLUSH.OUTPUT);
    }
    await port.duplex.close();
  }

  /** The same as `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #require(what: string): OpenPort {
    if (this.#open === undefined || !this.#open.duplex.isOpen) {
      throw new SerialError("state", `Cannot ${what} ${this.path}: it is not open.`);
    }
    return this.#open;
  }
}

/** Source: Linux, Documentation/ABI, sysfs: a tty's `device` is its USB interface (ACM) or a port below it. */
function usbInfo(libc: Libc, path: string): SerialPortInfo {
  const resolved = new Uint8Array(4096);
  if (libc.symbols.realpath(cString(path), resolved) === null) return {};
  const device = new TextDecoder().decode(resolved.subarray(0, resolved.indexOf(0)));
  const name = device.slice(device.lastIndexOf("/") + 1);
  for (const usbDevice of [`/sys/class/tty/${name}/device/..`, `/sys/class/tty/${name}/device/../..`]) {
    const vendor = readSmallFile(libc, `${usbDevice}/idVendor`);
    const product = readSmallFile(libc, `${usbDevice}/idProduct`);
    if (vendor === undefined || product === undefined) continue;
    return { usbVendorId: Number.parseInt(vendor, 16), usbProductId: Number.parseInt(product, 16) };
  }
  return {};
}
