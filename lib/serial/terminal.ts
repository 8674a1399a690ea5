// Opening a serial device: the one place that turns the kernel's refusals into sentences. What is done with the open
// device is the business of port.ts.

import { SerialError, type SerialErrorKind } from "./error.ts";
import { cString, ERRNO, lastErrno, type Libc, O } from "./libc.ts";
import { claim } from "./owner.ts";
import {
  baudRateOf,
  encodeTermios,
  FLUSH,
  getTermios,
  IOCTL,
  type SerialOptions,
  setTermios,
} from "./termios.ts";

// A driver takes the nearest rate that its clock can make; a line works up to about this much apart.
const BAUD_TOLERANCE = 0.03;

/**
 * A descriptor that is raw, at the right speed, empty and ours; closed again when any of it fails.
 * @throws {SerialError}
 */
export function openTerminal(libc: Libc, path: string, options: SerialOptions): number {
  // NONBLOCK also keeps open(2) from waiting for a carrier; NOCTTY keeps an unplugged device from ending the process.
  const fd = libc.symbols.open(cString(path), O.RDWR | O.NOCTTY | O.NONBLOCK | O.CLOEXEC, 0);
  if (fd < 0) throw openError(path, lastErrno(libc));
  try {
    if (getTermios(libc, fd) === undefined) throw noTerminal(path);
    claim(libc, fd, path);
    configure(libc, fd, path, options);
    libc.symbols.ioctlValue(fd, IOCTL.TCFLSH, FLUSH.BOTH);
    return fd;
  } catch (error) {
    libc.symbols.close(fd);
    throw error;
  }
}

function configure(libc: Libc, fd: number, path: string, options: SerialOptions): void {
  const { baudRate } = options;
  if (!Number.isSafeInteger(baudRate) || baudRate < 1 || baudRate > 0xffffffff) {
    throw new SerialError(
      "unsupported",
      `Cannot open ${path} at ${baudRate} baud: give a whole number, like 115200.`,
    );
  }
  const took = setTermios(libc, fd, encodeTermios(options)) ? getTermios(libc, fd) : undefined;
  const rate = took === undefined ? 0 : baudRateOf(took);
  if (Math.abs(rate - baudRate) > baudRate * BAUD_TOLERANCE) {
    throw new SerialError(
      "unsupported",
      `Cannot open ${path} at ${baudRate} baud: its driver offers ${rate}.`,
    );
  }
}

function noTerminal(path: string): SerialError {
  return new SerialError("not_a_terminal", `Cannot open ${path}: it is not a serial device. Check the path.`);
}

function openError(path: string, errno: number): SerialError {
  const say = (kind: SerialErrorKind, why: string) => new SerialError(kind, `Cannot open ${path}: ${why}`);
  switch (errno) {
    case ERRNO.ENOENT:
    case ERRNO.ENXIO:
    case ERRNO.ENODEV:
    case ERRNO.ENOTDIR:
      return say("missing", "there is no such device. Check its cable and the path.");
    case ERRNO.EISDIR:
      return noTerminal(path);
    case ERRNO.EACCES:
    case ERRNO.EPERM:
      return say(
        "permission",
        "this user may not. Add the user to the device's group (mostly dialout), then log in anew.",
      );
    case ERRNO.EBUSY:
      return say("busy", "another process has it. Stop that one first.");
    default:
      return say("io", `the system refused with error ${errno}.`);
  }
}
