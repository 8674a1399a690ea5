// The C library's few functions that a terminal needs, bound by Deno's FFI. It knows nothing of ports: numbers in,
// numbers out. Each owner binds its own copy and unloads it, so nothing outlives a closed port.

import { SerialError } from "./error.ts";

// Paths, not sonames: under a narrow --allow-ffi Deno takes "libc.so.6" for a file in the current folder. Musl's
// loader must never be opened by a process that runs on glibc, hence the two lists.
const GLIBC_PATHS = {
  x86_64: ["/lib/x86_64-linux-gnu/libc.so.6", "/lib64/libc.so.6", "/lib/libc.so.6"],
  aarch64: ["/lib/aarch64-linux-gnu/libc.so.6", "/lib64/libc.so.6", "/lib/libc.so.6"],
} as const;
const MUSL_PATHS = {
  x86_64: ["/lib/ld-musl-x86_64.so.1"],
  aarch64: ["/lib/ld-musl-aarch64.so.1"],
} as const;

/** Every path that may be opened on any supported machine: what `--allow-ffi` has to list. */
export const LIBC_PATHS: readonly string[] = [
  ...new Set([...Object.values(GLIBC_PATHS), ...Object.values(MUSL_PATHS)].flat()),
];

// Sizes are declared i32 although C returns ssize_t: nothing here moves 2 GiB, and i32 comes back as a number.
// open and ioctl are variadic in C; on both supported machines Linux passes those arguments like all others.
const SYMBOLS = {
  open: { parameters: ["buffer", "i32", "u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  closeInBackground: { name: "close", parameters: ["i32"], result: "i32", nonblocking: true },
  read: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  write: { parameters: ["i32", "buffer", "usize"], result: "i32" },
  pollInBackground: {
    name: "poll",
    parameters: ["buffer", "usize", "i32"],
    result: "i32",
    nonblocking: true,
  },
  eventfd: { parameters: ["u32", "i32"], result: "i32" },
  ioctl: { parameters: ["i32", "usize", "buffer"], result: "i32" },
  ioctlValue: { name: "ioctl", parameters: ["i32", "usize", "usize"], result: "i32" },
  flock: { parameters: ["i32", "i32"], result: "i32" },
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" },
  realpath: { parameters: ["buffer", "buffer"], result: "pointer" },
  readlink: { parameters: ["buffer", "buffer", "usize"], result: "i32" },
  symlink: { parameters: ["buffer", "buffer"], result: "i32" },
  rename: { parameters: ["buffer", "buffer"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
  errnoLocation: { name: "__errno_location", parameters: [], result: "pointer" },
  memcpy: { parameters: ["buffer", "pointer", "usize"], result: "pointer" },
} as const satisfies Deno.ForeignLibraryInterface;

/** The bound functions; `close()` unloads them, and must come after the last call has returned. */
export type Libc = Deno.DynamicLibrary<typeof SYMBOLS>;

/** Flags of `open(2)`; x86-64 and aarch64 agree on these (not on O_NOFOLLOW or O_DIRECTORY). */
export const O = { RDONLY: 0, RDWR: 2, NOCTTY: 0o400, NONBLOCK: 0o4000, CLOEXEC: 0o2000000 } as const;

/** The error numbers that are told apart; equal on both machines. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  EINTR: 4,
  ENXIO: 6,
  EAGAIN: 11,
  EACCES: 13,
  EBUSY: 16,
  ENODEV: 19,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
} as const;

/**
 * Binds the C library of this machine.
 * @throws {SerialError} `unsupported` where there is none that this module knows; `permission` without --allow-ffi.
 */
export function openLibc(): Libc {
  const { os, arch, target } = Deno.build;
  if (os !== "linux") {
    throw new SerialError("unsupported", `Serial ports are not supported on ${os}: run this part on Linux.`);
  }
  const paths = (target.endsWith("musl") ? MUSL_PATHS : GLIBC_PATHS)[arch];
  let denied: Error | undefined;
  for (const path of paths) {
    try {
      return Deno.dlopen(path, SYMBOLS);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) denied = error;
    }
  }
  if (denied !== undefined) {
    throw new SerialError(
      "permission",
      `Deno may not load the C library: run it with --allow-ffi=${LIBC_PATHS.join(",")}.`,
    );
  }
  throw new SerialError("unsupported", `Cannot find the C library of this system at ${paths.join(" or ")}.`);
}

/** The reason of the synchronous call that failed just before (after a background call it is another thread's). */
export function lastErrno(libc: Libc): number {
  const errno = new Int32Array(1);
  libc.symbols.memcpy(new Uint8Array(errno.buffer), libc.symbols.errnoLocation(), 4n);
  return errno[0] ?? 0;
}

/** A C string. A NUL inside would silently shorten a path, so it is refused. */
export function cString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) {
    throw new SerialError("missing", `Cannot use the path ${JSON.stringify(text)}: it has a NUL in it.`);
  }
  return new TextEncoder().encode(`${text}\0`);
}

/** A small text file of /proc or /sys, or undefined where it cannot be read. Needs no --allow-read. */
export function readSmallFile(libc: Libc, path: string): string | undefined {
  const fd = libc.symbols.open(cString(path), O.RDONLY | O.CLOEXEC, 0);
  if (fd < 0) return undefined;
  let text = "";
  const decoder = new TextDecoder();
  const chunk = new Uint8Array(16384);
  for (;;) {
    const length = libc.symbols.read(fd, chunk, BigInt(chunk.length));
    if (length <= 0) break;
    text += decoder.decode(chunk.subarray(0, length), { stream: true });
  }
  libc.symbols.close(fd);
  return text;
}
