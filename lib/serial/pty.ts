// The other side of a serial port without hardware: a pseudo-terminal whose slave any serial program can open, and a
// stable symbolic link to it, so that a restarted instrument is found again under the same name. Byte pacing is not
// done here: a pseudo-terminal is as fast as memory.

import { Duplex } from "./duplex.ts";
import { SerialError } from "./error.ts";
import { cString, ERRNO, lastErrno, type Libc, O, openLibc } from "./libc.ts";
import { baudRateOf, encodeTermios, getTermios, IOCTL, setTermios } from "./termios.ts";

/** Where to keep a name for the pseudo-terminal. */
export interface PtyOptions {
  /** Path of a symbolic link that is made, or replaced in one step, to point at the slave. */
  readonly link?: string;
}

/** The master side of a pseudo-terminal. Clients may come and go; closing it hangs up on the one that is there. */
export interface Pty extends AsyncDisposable {
  /** The slave, for clients: `/dev/pts/4`. */
  readonly path: string;
  /** The symbolic link that was asked for. */
  readonly link?: string;
  /** Bytes that clients write; null once closed. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>> | null;
  /** Bytes for clients; waits once the kernel's buffer (about 4 KiB) is full and nobody reads; null once closed. */
  readonly writable: WritableStream<Uint8Array> | null;
  /** Bits per second that the client set, in a real line the speed of the other side. */
  baudRate(): number;
  /** Removes the link, unless another has replaced it, and hangs up. May be repeated. */
  close(): Promise<void>;
}

const PTMX = "/dev/ptmx";
const BUFFER_BYTES = 16384;
const INITIAL_BAUD_RATE = 9600;

/**
 * Makes a raw pseudo-terminal.
 * @throws {SerialError} `unsupported` where there are none, `permission` without --allow-ffi, `io` when the link
 * cannot be made.
 */
export function openPty(options: PtyOptions = {}): Pty {
  const { link } = options;
  const libc = openLibc();
  const fds: number[] = [];
  try {
    const master = libc.symbols.open(cString(PTMX), O.RDWR | O.NOCTTY | O.NONBLOCK | O.CLOEXEC, 0);
    if (master < 0) {
      throw new SerialError(
        "unsupported",
        `Cannot make a pseudo-terminal: ${PTMX} gave error ${lastErrno(libc)}.`,
      );
    }
    fds.push(master);
    const path = unlockSlave(libc, master);
    // A slave of our own: without one the master would be hung up whenever no client is there.
    const slave = libc.symbols.ioctlValue(master, IOCTL.TIOCGPTPEER, BigInt(O.RDWR | O.NOCTTY | O.CLOEXEC));
    if (slave < 0) {
      throw new SerialError(
        "unsupported",
        `Cannot open ${path} through its master: Linux 4.13 or newer is needed.`,
      );
    }
    fds.push(slave);
    setTermios(libc, slave, encodeTermios({ baudRate: INITIAL_BAUD_RATE }));
    if (link !== undefined) makeLink(libc, path, link);
    return new MasterSide(libc, master, slave, path, link);
  } catch (error) {
    for (const fd of fds) libc.symbols.close(fd);
    libc.close();
    throw error;
  }
}

class MasterSide implements Pty {
  readonly path: string;
  readonly link?: string;
  readonly #libc: Libc;
  readonly #master: number;
  readonly #duplex: Duplex;

  constructor(libc: Libc, master: number, slave: number, path: string, link: string | undefined) {
    this.#libc = libc;
    this.#master = master;
    this.path = path;
    if (link !== undefined) this.link = link;
    this.#duplex = new Duplex(libc, master, {
      path,
      bufferSize: BUFFER_BYTES,
      onClosed: () => {
        libc.symbols.close(slave);
        libc.close();
      },
    });
  }

  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    return this.#duplex.readable;
  }

  get writable(): WritableStream<Uint8Array> | null {
    return this.#duplex.writable;
  }

  baudRate(): number {
    const termios = this.#duplex.isOpen ? getTermios(this.#libc, this.#master) : undefined;
    if (termios === undefined) {
      throw new SerialError("state", `Cannot read the speed of ${this.path}: it is closed.`);
    }
    return baudRateOf(termios);
  }

  close(): Promise<void> {
    if (this.#duplex.isOpen && this.link !== undefined) removeLink(this.#libc, this.path, this.link);
    return this.#duplex.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

function unlockSlave(libc: Libc, master: number): string {
  const number = new Int32Array(1);
  const locked = new Int32Array([0]);
  const bytes = (ints: Int32Array<ArrayBuffer>) => new Uint8Array(ints.buffer);
  if (
    libc.symbols.ioctl(master, IOCTL.TIOCSPTLCK, bytes(locked)) !== 0 ||
    libc.symbols.ioctl(master, IOCTL.TIOCGPTN, bytes(number)) !== 0
  ) {
    throw new SerialError("unsupported", `Cannot make a pseudo-terminal: error ${lastErrno(libc)}.`);
  }
  return `/dev/pts/${number[0]}`;
}

/** Points `link` at `path` in one step: whoever opens it meanwhile gets the old or the new one, never nothing. */
function makeLink(libc: Libc, path: string, link: string): void {
  if (linkTarget(libc, link) === "not a link") {
    throw new SerialError("io", `Cannot make the link ${link}: something else has that name. Move it away.`);
  }
  const fresh = cString(`${link}.${Deno.pid}`);
  libc.symbols.unlink(fresh);
  if (libc.symbols.symlink(cString(path), fresh) !== 0 || libc.symbols.rename(fresh, cString(link)) !== 0) {
    throw new SerialError(
      "io",
      `Cannot make the link ${link}: error ${lastErrno(libc)}. Is its folder there?`,
    );
  }
}

function removeLink(libc: Libc, path: string, link: string): void {
  if (linkTarget(libc, link) === path) libc.symbols.unlink(cString(link));
}

/** What `link` points at, or undefined where there is nothing of that name. */
function linkTarget(libc: Libc, link: string): string | "not a link" | undefined {
  const target = new Uint8Array(4096);
  const length = libc.symbols.readlink(cString(link), target, BigInt(target.length));
  if (length >= 0) return new TextDecoder().decode(target.subarray(0, length));
  return lastErrno(libc) === ERRNO.EINVAL ? "not a link" : undefined;
}
