// What the tests of serial ports share: reading a known number of bytes, counting descriptors, a pair of both ends.

import { openPty, type Pty, SerialPort } from "deno-serial";

/** A pseudo-terminal and an open port on it; both closed at the end of the scope. */
export interface Line extends AsyncDisposable {
  readonly pty: Pty;
  readonly port: SerialPort;
}

export async function openLine(): Promise<Line> {
  const pty = openPty();
  const port = new SerialPort(pty.path);
  await port.open({ baudRate: 115200 });
  return {
    pty,
    port,
    async [Symbol.asyncDispose]() {
      await port.close();
      await pty.close();
    },
  };
}

type Side = Pick<Pty, "readable" | "writable">;

export async function send(side: Side, bytes: Uint8Array): Promise<void> {
  if (side.writable === null) throw new Error("closed");
  const writer = side.writable.getWriter();
  try {
    await writer.write(bytes);
  } finally {
    writer.releaseLock();
  }
}

/** What comes next, however much that is. */
export async function receiveSome(side: Side): Promise<Uint8Array> {
  if (side.readable === null) throw new Error("closed");
  const reader = side.readable.getReader();
  try {
    const { value, done } = await reader.read();
    if (done) throw new Error("the stream ended");
    return value;
  } finally {
    reader.releaseLock();
  }
}

/** Exactly `length` bytes: more is an error. */
export async function receive(side: Side, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let filled = 0; filled < length;) {
    const part = await receiveSome(side);
    bytes.set(part, filled);
    filled += part.length;
  }
  return bytes;
}

/** How many descriptors and threads this process has. */
export function countResources(): { descriptors: number; threads: number } {
  return {
    descriptors: [...Deno.readDirSync("/proc/self/fd")].length,
    threads: [...Deno.readDirSync("/proc/self/task")].length,
  };
}

export const text = (value: string) => new TextEncoder().encode(value);
