// A plain SCPI client for tests, over the pseudo-terminal and over TCP, and a simulator to speak to. Not the driver of
// the agent: it believes whatever it reads.

import { SerialPort } from "deno-serial";
import { type Simulator, type SimulatorOptions, startSimulator } from "../../../agent/simulator/mod.ts";
import { createLogger } from "../../../lib/process/mod.ts";

/** Lines that the simulator logged. */
export interface TestSimulator extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly link: string;
  readonly log: readonly string[];
}

/** A simulator with a link of its own and TCP on any free port. */
export async function startTestSimulator(options: Partial<SimulatorOptions> = {}): Promise<TestSimulator> {
  const folder = await Deno.makeTempDir({ prefix: "lightline-simulator-" });
  const link = `${folder}/meter`;
  const log: string[] = [];
  const simulator = await startSimulator({
    seed: 1,
    log: createLogger("simulator", { LOG_LEVEL: "debug", LOG_FORMAT: "json" }, (line) => log.push(line)),
    link,
    tcp: { hostname: "127.0.0.1", port: 0 },
    ...options,
  });
  return {
    simulator,
    link,
    log,
    async [Symbol.asyncDispose]() {
      await simulator.close();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** One end of a wire. */
interface Wire {
  read(): Promise<Uint8Array | undefined>;
  write(bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/** How long a client waits for a reply. */
const patienceMs = 5000;

/** A client that asks one thing at a time. */
export class ScpiClient implements AsyncDisposable {
  readonly #wire: Wire;
  #buffer = new Uint8Array();
  #reading: Promise<Uint8Array | undefined> | undefined;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Sends one line. */
  send(text: string): Promise<void> {
    return this.#wire.write(new TextEncoder().encode(`${text}\r\n`));
  }

  /** Sends a query and reads the line that answers it. */
  async ask(text: string): Promise<string> {
    await this.send(text);
    return await this.line(text);
  }

  /** Sends a query and reads the block that answers it. */
  async askBlock(text: string): Promise<Uint8Array> {
    await this.send(text);
    const digits = Number(new TextDecoder().decode(await this.bytes(2)).slice(1));
    return await this.bytes(Number(new TextDecoder().decode(await this.bytes(digits))));
  }

  /** The next line, without its CR LF; `what` is named when none comes. */
  async line(what: string): Promise<string> {
    for (let end = -1; end === -1;) {
      end = this.#buffer.indexOf(0x0a);
      if (end !== -1) return new TextDecoder().decode(await this.bytes(end + 1)).replace(/\r\n$/, "");
      if (!await this.#more(patienceMs)) throw new Error(`No reply to ${what}; so far: ${this.pending}`);
    }
    throw new Error("unreachable");
  }

  /** So many bytes. */
  async bytes(count: number): Promise<Uint8Array> {
    while (this.#buffer.length < count) {
      if (!await this.#more(patienceMs)) throw new Error(`${this.#buffer.length} bytes instead of ${count}`);
    }
    const bytes = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.slice(count);
    return bytes;
  }

  /** What arrives until nothing has for `quietMs`, as text. */
  async rest(quietMs: number): Promise<string> {
    while (await this.#more(quietMs));
    const text = this.pending;
    this.#buffer = new Uint8Array();
    return text;
  }

  /** Resolves when the other end is gone. */
  async ended(): Promise<void> {
    while (await this.#more(patienceMs));
  }

  /** What has arrived and was not taken. */
  get pending(): string {
    return String.fromCharCode(...this.#buffer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#wire.close();
    await this.#reading?.catch(() => undefined);
  }

  async #more(timeoutMs: number): Promise<boolean> {
    this.#reading ??= this.#wire.read();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const timeout = new Promise<"late">((resolve) => timer = setTimeout(() => resolve("late"), timeoutMs));
    const bytes = await Promise.race([this.#reading, timeout]).finally(() => clearTimeout(timer));
    if (bytes === "late") return false;
    this.#reading = undefined;
    if (bytes === undefined) return false;
    const joined = new Uint8Array(this.#buffer.length + bytes.length);
    joined.set(this.#buffer);
    joined.set(bytes, this.#buffer.length);
    this.#buffer = joined;
    return true;
  }
}

/** A client on a serial device. */
export async function connectSerial(path: string, baudRate = 115_200): Promise<ScpiClient> {
  const port = new SerialPort(path);
  await port.open({ baudRate });
  const { readable, writable } = port;
  if (readable === null || writable === null) throw new Error(`${path} did not open`);
  const reader = readable.getReader();
  const writer = writable.getWriter();
  return new ScpiClient({
    read: () => reader.read().then(({ value }) => value, () => undefined),
    write: (bytes) => writer.write(bytes),
    close: () => port.close(),
  });
}

/** A client on TCP. */
export async function connectTcp(
  { hostname, port }: { hostname: string; port: number },
): Promise<ScpiClient> {
  const connection = await Deno.connect({ hostname, port });
  connection.setNoDelay(true);
  const buffer = new Uint8Array(65536);
  return new ScpiClient({
    read: () =>
      connection.read(buffer).then(
        (length) => length === null ? undefined : buffer.slice(0, length),
        () => undefined,
      ),
    async write(bytes) {
      for (let start = 0; start < bytes.length;) start += await connection.write(bytes.subarray(start));
    },
    close() {
      connection.close();
      return Promise.resolve();
    },
  });
}
