// One owner for a device: an advisory flock(2) on the device itself, as tio, picocom and systemd take it. The kernel
// gives it back when the owner dies, however it dies, so nothing can be left behind.

import { SerialError } from "./error.ts";
import { cString, type Libc, readSmallFile } from "./libc.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const AT_EMPTY_PATH = 0x1000;
const STATX_INO = 0x100;

/**
 * Makes the caller the owner of the open device until `fd` is closed.
 * @throws {SerialError} `busy`, with the process that has it.
 */
export function claim(libc: Libc, fd: number, path: string): void {
  if (libc.symbols.flock(fd, LOCK_EX | LOCK_NB) === 0) return;
  const owner = findOwner(libc, fd);
  throw new SerialError("busy", `Cannot open ${path}: ${owner} has it. Stop that one first.`);
}

function findOwner(libc: Libc, fd: number): string {
  const file = identify(libc, fd);
  // Source: proc_locks(5). "1: FLOCK  ADVISORY  WRITE 1234 00:18:5 0 EOF": pid, then device and inode.
  for (const line of readSmallFile(libc, "/proc/locks")?.split("\n") ?? []) {
    const [, kind, , , pid, lockedFile] = line.split(/ +/);
    if (kind !== "FLOCK" || pid === undefined || file === undefined || lockedFile !== file) continue;
    const name = readSmallFile(libc, `/proc/${pid}/comm`)?.trim();
    return name === undefined ? `process ${pid}` : `process ${pid} (${name})`;
  }
  return "another process";
}

/** The file as /proc/locks writes it: major and minor in hexadecimal, the inode in decimal. */
function identify(libc: Libc, fd: number): string | undefined {
  const stat = new Uint8Array(256);
  if (libc.symbols.statx(fd, cString(""), AT_EMPTY_PATH, STATX_INO, stat) !== 0) return undefined;
  // struct statx: stx_ino at 32, stx_dev_major at 136, stx_dev_minor at 140.
  const view = new DataView(stat.buffer);
  const hex = (offset: number) => view.getUint32(offset, true).toString(16).padStart(2, "0");
  return `${hex(136)}:${hex(140)}:${view.getBigUint64(32, true)}`;
}
