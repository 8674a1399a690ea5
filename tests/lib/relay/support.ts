// A relay on a real port, an agent that says what the test wants, and viewers that remember what they heard.

import { z } from "zod";
import { createRelay, listen, type Relay, type RelayOptions } from "../../../lib/relay/mod.ts";
import type { Logger } from "../../../lib/process/mod.ts";
import {
  type AgentMessage,
  type Reading,
  relayMessage,
  update,
  uplinkMessage,
} from "../../../lib/protocol/mod.ts";
import { until } from "../../support/until.ts";

export const agentToken = "an-agent-token-for-tests";

/** Log lines, kept. */
export interface KeptLog extends Logger {
  readonly lines: { level: string; message: string; fields: unknown }[];
}

export function keptLog(): KeptLog {
  const lines: KeptLog["lines"] = [];
  const at = (level: string) => (message: string, fields: unknown = {}) =>
    void lines.push({ level, message, fields });
  return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** A relay that listens on 127.0.0.1. */
export interface ServedRelay extends AsyncDisposable {
  readonly relay: Relay;
  readonly log: KeptLog;
  /** `127.0.0.1:port` */
  readonly host: string;
  /** The path and query of every request that has come so far. */
  readonly requested: readonly string[];
  /** How many of them are answered. */
  readonly answered: number;
}

export async function serveRelay(
  options: Partial<RelayOptions> = {},
  port = 0,
): Promise<ServedRelay> {
  const log = keptLog();
  const relay = createRelay({
    dataDir: ":memory:",
    historyHours: 24,
    agentToken,
    drainSeconds: 1,
    log,
    ...options,
    limits: { maxPerAddress: 10_000, ...options.limits },
  });
  const requested: string[] = [];
  let answered = 0;
  const listener = await listen(
    async (request, info) => {
      const { pathname, search } = new URL(request.url);
      requested.push(pathname + search);
      const response = relay.owns(pathname)
        ? await relay.fetch(request, info)
        : new Response("not the relay's", { status: 404 });
      answered += 1;
      return response;
    },
    { host: "127.0.0.1", port },
    log,
  );
  return {
    relay,
    log,
    host: `127.0.0.1:${listener.address.port}`,
    requested,
    get answered() {
      return answered;
    },
    [Symbol.asyncDispose]: async () => {
      await relay.close();
      await listener.close();
    },
  };
}

type Of<T extends { type: string }, K> = string extends T["type"] ? T : Extract<T, { type: K }>;

/** A socket that keeps every message, each checked against `schema`. */
export class Client<T extends { type: string }> implements AsyncDisposable {
  readonly messages: T[] = [];
  readonly socket: WebSocket;
  closed: { code: number; reason: string } | null = null;
  /** Whether the upgrade succeeded. */
  readonly opened: Promise<boolean>;

  constructor(url: string, schema: z.ZodType<T>, headers: Record<string, string> = {}) {
    // The DOM's types know no headers; Deno's constructor takes them.
    this.socket = Reflect.construct(WebSocket, [url, { headers }]);
    const opened = Promise.withResolvers<boolean>();
    this.opened = opened.promise;
    this.socket.onopen = () => opened.resolve(true);
    this.socket.onmessage = ({ data }) => {
      this.messages.push(schema.parse(JSON.parse(data)));
    };
    this.socket.onerror = () => opened.resolve(false);
    this.socket.onclose = ({ code, reason }) => {
      opened.resolve(false);
      this.closed = { code, reason };
    };
  }

  of<K extends T["type"]>(type: K): Of<T, K>[] {
    return this.messages.filter((message): message is T & Of<T, K> => message.type === type);
  }

  /** Waits for the `count`-th message of a type, and returns it. */
  next<K extends T["type"]>(type: K, count = 1): Promise<Of<T, K>> {
    return until(`message ${count} of type ${type}`, () => this.of(type)[count - 1] ?? null, { everyMs: 5 });
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" ? message : JSON.stringify(message));
  }

  async end(): Promise<{ code: number; reason: string }> {
    return await until("the socket's end", () => this.closed, { everyMs: 5 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.socket.readyState <= WebSocket.OPEN) this.socket.close();
    await this.end();
  }
}

/** A viewer of `/api/v1/ws/v2/*`. */
export function view(
  host: string,
  path: string,
  headers: Record<string, string> = {},
): Client<z.infer<typeof relayMessage>> {
  return new Client(`ws://${host}/api/v1/ws/v2/${path}`, relayMessage, headers);
}

/** An agent that sends what it is told to, and counts its readings. */
export class ScriptedAgent extends Client<z.infer<typeof uplinkMessage>> {
  sequence = 0;

  constructor(host: string, readonly boot = "boot0001", readonly station = "bench-1", token = agentToken) {
    super(`ws://${host}/api/v1/agent?station=${station}`, uplinkMessage, {
      authorization: `Bearer ${token}`,
    });
  }

  /** Says hello and waits for the welcome. */
  static async start(
    host: string,
    boot?: string,
    station?: string,
    modules: number[] = [4],
  ): Promise<ScriptedAgent> {
    const agent = new ScriptedAgent(host, boot, station);
    await agent.opened;
    agent.say({
      type: "hello",
      station: agent.station,
      boot: agent.boot,
      identity: "EXFO,CTP10,1,1.0.0",
      modules,
    });
    const { through } = await agent.next("welcome");
    agent.sequence = through ?? 0;
    return agent;
  }

  say(message: AgentMessage): void {
    this.send(message);
  }

  /** Sends readings; does not wait for the acknowledgement. */
  read(...items: Reading[]): void {
    this.say({ type: "readings", boot: this.boot, first: this.sequence + 1, items });
    this.sequence += items.length;
  }

  /** Waits until everything sent is acknowledged. */
  acknowledged(): Promise<unknown> {
    return until(
      `the acknowledgement of ${this.sequence}`,
      () => this.of("ack").at(-1)?.through === this.sequence,
      {
        everyMs: 5,
      },
    );
  }
}

export const sequenceOf = (cursor: string) => Number(cursor.split("-")[1]);

/** Runs a test with a folder of its own. */
export async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "lightline-history-" });
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const anyMessage = z.looseObject({ type: z.string() });
const anyUpdate = update.transform((message) => ({ type: message.event, ...message }));

/** A viewer of `/ws`. */
export function openWs({ host }: ServedRelay): Client<z.infer<typeof anyMessage>> {
  return new Client(`ws://${host}/ws`, anyMessage);
}

/** A viewer of `/ws/updates`: an event's name stands for its type as well. */
export function openUpdates({ host }: ServedRelay): Client<z.infer<typeof anyUpdate>> {
  return new Client(`ws://${host}/ws/updates`, anyUpdate);
}
