// The relay is killed again and again under viewers and an agent that come back as the protocol says.

import assert from "node:assert/strict";
import { type Data, type Reading, relayMessage, uplinkMessage } from "../../../lib/protocol/mod.ts";
import { until } from "../../support/until.ts";
import { startChild } from "./child.ts";
import { agentToken, sequenceOf } from "./support.ts";
import { readingAt } from "../../support/reading.ts";

const kills = 10;
const viewers = 200;
const hz = 50;

/** Connects again after every end until it is stopped. */
abstract class Returning {
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #stopped: (() => void) | null = null;

  protected abstract url(): string;
  protected abstract opened(socket: WebSocket): void;
  protected abstract received(socket: WebSocket, text: string): void;

  connect(): void {
    const headers = { authorization: `Bearer ${agentToken}` };
    const socket: WebSocket = Reflect.construct(WebSocket, [this.url(), { headers }]);
    this.#socket = socket;
    socket.onopen = () => this.opened(socket);
    socket.onmessage = ({ data }) => this.received(socket, data);
    socket.onerror = (event) => event.preventDefault();
    socket.onclose = () => {
      this.#socket = null;
      if (this.#stopped) return this.#stopped();
      this.#timer = setTimeout(() => this.connect(), 50 + Math.random() * 100);
    };
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.#stopped = resolve;
      if (this.#timer !== null) clearTimeout(this.#timer);
      if (this.#socket === null) return resolve();
      this.#socket.close();
    });
  }
}

class ReturningViewer extends Returning {
  readonly numbers: number[] = [];
  #cursor: string | null = null;
  connections = 0;

  constructor(readonly host: string) {
    super();
  }

  protected override url(): string {
    const since = this.#cursor === null ? "" : `&since=${this.#cursor}`;
    return `ws://${this.host}/api/v1/ws/v2/power?module=4&interval=0.01${since}`;
  }

  protected override opened(): void {
    this.connections += 1;
  }

  protected override received(_socket: WebSocket, text: string): void {
    const message = relayMessage.parse(JSON.parse(text));
    if (message.type === "data") this.#take(message);
    if (message.type !== "replay") return;
    assert.equal(message.complete, true);
    message.readings.forEach((reading) => this.#take(reading));
  }

  #take(reading: Data): void {
    assert.equal(reading.conflated, undefined);
    this.numbers.push(sequenceOf(reading.cursor));
    this.#cursor = reading.cursor;
  }
}

class SpoolingAgent extends Returning {
  taken = 0;
  #unacknowledged: { sequence: number; reading: Reading }[] = [];
  #uplink: WebSocket | null = null;

  constructor(readonly host: string) {
    super();
  }

  get spooled(): number {
    return this.#unacknowledged.length;
  }

  take(): void {
    this.taken += 1;
    this.#unacknowledged.push({ sequence: this.taken, reading: readingAt(1000 + this.taken / hz) });
    if (this.#uplink) this.#send(this.#uplink, this.#unacknowledged.slice(-1));
  }

  protected override url(): string {
    return `ws://${this.host}/api/v1/agent?station=bench-1`;
  }

  protected override opened(socket: WebSocket): void {
    socket.send(
      JSON.stringify({ type: "hello", station: "bench-1", boot: "boot0001", identity: null, modules: [4] }),
    );
    socket.addEventListener("close", () => this.#uplink = null);
  }

  protected override received(socket: WebSocket, text: string): void {
    const message = uplinkMessage.parse(JSON.parse(text));
    if (message.type !== "welcome" && message.type !== "ack") return;
    const { through } = message;
    this.#unacknowledged = this.#unacknowledged.filter(({ sequence }) => sequence > (through ?? 0));
    if (message.type === "ack") return;
    this.#uplink = socket;
    for (let at = 0; at < this.#unacknowledged.length; at += 50) {
      this.#send(socket, this.#unacknowledged.slice(at, at + 50));
    }
  }

  #send(socket: WebSocket, entries: { sequence: number; reading: Reading }[]): void {
    if (socket.readyState !== WebSocket.OPEN) return;
    const [first] = entries;
    const items = entries.map(({ reading }) => reading);
    socket.send(JSON.stringify({ type: "readings", boot: "boot0001", first: first?.sequence, items }));
  }
}

Deno.test(`${viewers} viewers end with every sequence number exactly once, after ${kills} kills of the relay`, async () => {
  const dataDir = await Deno.makeTempDir({ prefix: "lightline-restarts-" });
  let child = await startChild(dataDir);
  const { host } = child;
  const port = Number(host.split(":")[1]);
  const agent = new SpoolingAgent(host);
  const crowd = Array.from({ length: viewers }, () => new ReturningViewer(host));
  const timer = setInterval(() => agent.take(), 1000 / hz);
  try {
    crowd.forEach((viewer) => viewer.connect());
    await until("all viewers", () => crowd.every(({ connections }) => connections === 1));
    agent.connect();
    for (let kill = 1; kill <= kills; kill++) {
      const before = agent.taken;
      await until("half a second of readings", () => agent.taken >= before + hz / 2, { timeoutMs: 30_000 });
      await child[Symbol.asyncDispose]();
      child = await startChild(dataDir, port);
      await until("everybody back", () => crowd.every(({ connections }) => connections === kill + 1), {
        timeoutMs: 30_000,
      });
    }
    clearInterval(timer);
    await until("an empty spool", () => agent.spooled === 0, { timeoutMs: 30_000 });
    const all = Array.from({ length: agent.taken }, (_, index) => index + 1);
    await until(
      "the last reading everywhere",
      () => crowd.every(({ numbers }) => numbers.at(-1) === agent.taken),
      {
        timeoutMs: 30_000,
      },
    );
    for (const { numbers } of crowd) assert.deepEqual(numbers, all);
  } finally {
    clearInterval(timer);
    await Promise.all([agent, ...crowd].map((one) => one.stop()));
    await child[Symbol.asyncDispose]();
    await Deno.remove(dataDir, { recursive: true });
  }
});
