// The door of deno-serial: serial ports with the Web Serial API's shape, and pseudo-terminals to stand in for them.
// Linux on x86-64 and aarch64, glibc and musl. Needs `--allow-ffi` for the paths in LIBC_PATHS and nothing else.

export { SerialError, type SerialErrorKind } from "./error.ts";
export { LIBC_PATHS } from "./libc.ts";
export {
  type SerialInputSignals,
  type SerialOutputSignals,
  SerialPort,
  type SerialPortInfo,
} from "./port.ts";
export { openPty, type Pty, type PtyOptions } from "./pty.ts";
export type { SerialOptions } from "./termios.ts";
