// The kernel's terminal settings as bytes: `struct termios2` and the ioctls that take it. The libc's own `struct
// termios` differs between glibc and musl; the kernel's does not, is the same on x86-64 and aarch64, and takes any
// baud rate. Source of layout and numbers: Linux, include/uapi/asm-generic/termbits.h and ioctls.h.

import type { Libc } from "./libc.ts";

/** The shape of Web Serial's `SerialOptions`. */
export interface SerialOptions {
  /** Bits per second, for example 115200. */
  readonly baudRate: number;
  /** 7 or 8 (the default). */
  readonly dataBits?: 7 | 8;
  /** 1 (the default) or 2. */
  readonly stopBits?: 1 | 2;
  /** `"none"` by default. */
  readonly parity?: "none" | "even" | "odd";
  /** Bytes that may wait in `readable` before the kernel keeps the rest; 16384 by default. */
  readonly bufferSize?: number;
  /** `"hardware"` is RTS/CTS; `"none"` by default. */
  readonly flowControl?: "none" | "hardware";
}

/** Numbers of `ioctl(2)` on terminals. */
export const IOCTL = {
  TCGETS2: 0x802c542an,
  TCSETS2: 0x402c542bn,
  TCFLSH: 0x540bn,
  TIOCMGET: 0x5415n,
  TIOCMBIS: 0x5416n,
  TIOCMBIC: 0x5417n,
  TIOCSBRK: 0x5427n,
  TIOCCBRK: 0x5428n,
  TIOCGPTN: 0x80045430n,
  TIOCSPTLCK: 0x40045431n,
  TIOCGPTPEER: 0x5441n,
} as const;

/** What `TCFLSH` throws away. */
export const FLUSH = { INPUT: 0n, OUTPUT: 1n, BOTH: 2n } as const;

const SIZE = 44;
const CFLAG = 8;
const CC = 17;
const VTIME = CC + 5;
const VMIN = CC + 6;
const ISPEED = 36;
const OSPEED = 40;

const INPCK = 0x10;
const CS7 = 0x20;
const CS8 = 0x30;
const CSTOPB = 0x40;
const CREAD = 0x80;
const PARENB = 0x100;
const PARODD = 0x200;
const HUPCL = 0x400;
const CLOCAL = 0x800;
const BOTHER = 0x1000; // the speed is the number in c_ospeed
const CRTSCTS = 0x80000000;

/**
 * Raw settings: no echo, no line editing, no translation, no flow control by characters. VMIN is 1 so that an empty
 * line reads as EAGAIN, and 0 bytes can only mean that the device has gone.
 */
export function encodeTermios(options: SerialOptions): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(SIZE);
  const view = new DataView(bytes.buffer);
  const { baudRate, dataBits = 8, stopBits = 1, parity = "none", flowControl = "none" } = options;
  let flags = CREAD | CLOCAL | HUPCL | BOTHER;
  flags |= dataBits === 8 ? CS8 : CS7;
  if (stopBits === 2) flags |= CSTOPB;
  if (parity !== "none") flags |= PARENB;
  if (parity === "odd") flags |= PARODD;
  if (flowControl === "hardware") flags |= CRTSCTS;
  view.setUint32(0, parity === "none" ? 0 : INPCK, true);
  view.setUint32(CFLAG, flags >>> 0, true);
  bytes[VTIME] = 0;
  bytes[VMIN] = 1;
  view.setUint32(ISPEED, baudRate, true);
  view.setUint32(OSPEED, baudRate, true);
  return bytes;
}

/** Whether `fd` took the settings. */
export function setTermios(libc: Libc, fd: number, termios: Uint8Array<ArrayBuffer>): boolean {
  return libc.symbols.ioctl(fd, IOCTL.TCSETS2, termios) === 0;
}

/** The settings of `fd`, or undefined when it is no terminal. */
export function getTermios(libc: Libc, fd: number): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(SIZE);
  return libc.symbols.ioctl(fd, IOCTL.TCGETS2, bytes) === 0 ? bytes : undefined;
}

/** Bits per second in `termios`. */
export function baudRateOf(termios: Uint8Array<ArrayBuffer>): number {
  return new DataView(termios.buffer).getUint32(OSPEED, true);
}
