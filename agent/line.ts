// The line to the meter, serial or TCP, as one pair of byte streams. It knows nothing of what is said on it.

import { SerialError, SerialPort } from "deno-serial";
import type { MeterAddress } from "./address.ts";
import { MeterFailure } from "./failure.ts";

/** An open line. */
export interface Line {
  /** For messages: `/dev/ttyUSB0 at 115200 baud`, `ctp10.example:5025`. */
  readonly name: string;
  readonly readable: ReadableStream<Uint8Array>;
  readonly writable: WritableStream<Uint8Array>;
  /** Ends both streams. May be repeated. */
  close(): Promise<void>;
}

const connectTimeoutMs = 5000;

/**
 * Opens the line to the meter.
 * @throws {MeterFailure} `unreachable`, with one sentence that says why and what to do.
 */
export function openLine(address: MeterAddress, signal?: AbortSignal): Promise<Line> {
  switch (address.type) {
    case "serial":
      return openSerial(address.path, address.baudRate);
    case "tcp":
      return openTcp(address.host, address.port, signal);
  }
}

async function openSerial(path: string, baudRate: number): Promise<Line> {
  const port = new SerialPort(path);
  try {
    await port.open({ baudRate });
  } catch (error) {
    if (error instanceof SerialError) throw new MeterFailure("unreachable", error.message);
    throw error;
  }
  const { readable, writable } = port;
  if (readable === null || writable === null) {
    throw new MeterFailure("unreachable", `Cannot open ${path}: it went away at once. Check its cable.`);
  }
  return { name: `${path} at ${baudRate} baud`, readable, writable, close: () => port.close() };
}

async function openTcp(hostname: string, port: number, ended?: AbortSignal): Promise<Line> {
  const name = `${hostname}:${port}`;
  const late = AbortSignal.timeout(connectTimeoutMs);
  const signal = ended === undefined ? late : AbortSignal.any([late, ended]);
  try {
    const connection = await Deno.connect({ hostname, port, signal });
    connection.setNoDelay(true);
    const { readable, writable } = connection;
    return { name, readable, writable, close: () => closeConnection(connection) };
  } catch (error) {
    throw new MeterFailure("unreachable", `Cannot reach the instrument at ${name}: ${reason(error, signal)}`);
  }
}

// deno-lint-ignore require-await -- the door of a line is asynchronous
async function closeConnection(connection: Deno.Conn): Promise<void> {
  try {
    connection.close();
  } catch (error) {
    // Its streams close it themselves when the other side has gone.
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function reason(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return "it does not answer. Check its network and METER.";
  if (error instanceof Deno.errors.ConnectionRefused) return "nothing listens there. Is it switched on?";
  return `${error instanceof Error ? error.message : error}. Check METER.`;
}
