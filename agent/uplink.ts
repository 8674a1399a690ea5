// The way up to the relay: says hello, sends what the spool holds, forgets what is acknowledged, and begins again from
// there after each reconnect. The connection itself is lib/socket's machine, as in the browsers.

import type { Logger } from "../lib/process/mod.ts";
import {
  type AgentMessage,
  type Command,
  type InstrumentMessage,
  uplinkFrameLimit,
  uplinkMessage,
} from "../lib/protocol/mod.ts";
import { createSocket, type Message, type Socket, type SocketLike, withHeaders } from "../lib/socket/mod.ts";
import type { Outcome } from "./commands.ts";
import type { Spool } from "./spool.ts";

/** What an uplink is made of. */
export interface UplinkOptions {
  /** The relay, `ws:` or `wss:`, without a path. */
  readonly relayUrl: string;
  readonly station: string;
  readonly token: string;
  readonly modules: readonly number[];
  readonly spool: Spool;
  readonly log: Logger;
  /** Told whenever the relay has stored readings. */
  readonly onStored: () => void;
  /** Carries out a command of the relay; never rejects. Default: this agent has none. */
  readonly onCommand?: (name: string, params: unknown) => Promise<Outcome>;
  /** Told whenever the relay is ready to hear. */
  readonly onWelcome?: () => void;
  /** Opens a socket. Default: Deno's, with the token in its headers. */
  readonly connect?: (url: string, token: string) => SocketLike;
}

/** How far the conversation with the relay is. */
type Phase =
  | { readonly type: "away" }
  /** Hello was said for `boot`, with the identity that was known then. */
  | { readonly type: "greeting"; readonly boot: string; readonly identity: string | null }
  /** Everything of `boot` up to `sent` was sent; `underWay` has the last number of each frame without a receipt. */
  | {
    readonly type: "sending";
    readonly boot: string;
    readonly sent: number;
    readonly underWay: readonly number[];
  };

/**
 * Frames on their way at most: a backlog does not fill the socket, a fresh reading is not long behind it, and a relay
 * that is slow gets fewer and fuller ones.
 */
const windowFrames = 32;
/** After a close that says "do not return" a person has to look; the agent still tries now and then. */
const refusedRetryMs = 60_000;
const longestFaultMessage = 500;
/** Beside a meter a relay that is away is waited for, never given up, and found again within a second: live readings wait. */
const policy = {
  initialReconnectDelayMs: 250,
  maxReconnectDelayMs: 500,
  maxReconnectAttempts: Infinity,
  laterMs: 1_000,
};

/** One agent's connection to its relay. */
export class Uplink {
  readonly #options: UplinkOptions;
  readonly #socket: Socket;
  readonly #unsubscribe: () => void;
  #phase: Phase = { type: "away" };
  #identity: string | null = null;
  #onEmpty = () => {};
  #retry: ReturnType<typeof setTimeout> | undefined;

  /** Nothing happens before `connect`. */
  constructor(options: UplinkOptions) {
    const { relayUrl, station, token, connect = openWithToken } = options;
    this.#options = options;
    const url = new URL("/api/v1/agent", relayUrl);
    url.searchParams.set("station", station);
    this.#socket = createSocket({
      url: url.href,
      connect: (address) => connect(address, token),
      onOpen: () => this.#greet(),
      onMessage: (message) => this.#hear(message),
      policy,
    });
    this.#unsubscribe = this.#socket.state.subscribe((state) => this.#onState(state));
  }

  /** Begins. */
  connect(): void {
    this.#socket.connect();
  }

  /** Waits until the relay has everything, but no longer than `limitMs`, and not at all while it is away. */
  async flush(limitMs: number): Promise<void> {
    if (this.#phase.type === "away" || this.#options.spool.held === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onEmpty = resolve;
    const timer = setTimeout(resolve, limitMs);
    await promise;
    clearTimeout(timer);
  }

  /** Ends; what is not acknowledged stays in the spool. */
  close(): void {
    clearTimeout(this.#retry);
    this.#unsubscribe();
    this.#socket.disconnect();
  }

  /** The spool has something new. */
  wake(): void {
    if (this.#phase.type === "sending") this.#pump(this.#phase);
  }

  /** The instrument cannot be read: told if anybody listens; who comes later hears the next one. */
  fault(message: string): void {
    const words = message.slice(0, longestFaultMessage);
    this.#tell({ type: "fault", source: "instrument", message: words, recoverable: true });
  }

  /** Readings come (again), from the instrument that calls itself `identity`. */
  recovered(identity: string): void {
    this.#identity = identity;
    this.#tell({ type: "recovered", identity });
  }

  /** How the instrument is, beside its readings: told if anybody listens. */
  report(message: InstrumentMessage): void {
    this.#tell(message);
  }

  async #carryOut({ id, name, params }: Command): Promise<void> {
    const { onCommand = noCommand } = this.#options;
    const outcome = await onCommand(name, params);
    // A relay that has gone meanwhile has given up this command.
    if (this.#phase.type !== "away") this.#send({ type: "result", id, ...outcome });
  }

  #greet(): void {
    const { spool, station, modules } = this.#options;
    const boot = spool.currentBoot();
    const identity = this.#identity;
    this.#phase = { type: "greeting", boot, identity };
    this.#send({ type: "hello", station, boot, identity, modules: [...modules] });
  }

  #hear(received: Message): void {
    const parsed = uplinkMessage.safeParse(received);
    const { log, spool } = this.#options;
    if (!parsed.success) {
      return log.warn("the relay sent what the agent does not know", { type: received.type });
    }
    const message = parsed.data;
    const phase = this.#phase;
    switch (message.type) {
      case "welcome": {
        if (phase.type !== "greeting") return;
        const through = message.through ?? 0;
        spool.acknowledge(phase.boot, through);
        this.#phase = { type: "sending", boot: phase.boot, sent: through, underWay: [] };
        if (this.#identity !== phase.identity) this.#tell({ type: "recovered", identity: this.#identity });
        this.#pump(this.#phase);
        return this.#options.onWelcome?.();
      }
      case "ack":
        if (phase.type !== "sending" || message.boot !== phase.boot) return;
        spool.acknowledge(phase.boot, message.through);
        this.#options.onStored();
        if (spool.held === 0) this.#onEmpty();
        return this.#pump({ ...phase, underWay: phase.underWay.filter((last) => last > message.through) });
      case "command":
        return void this.#carryOut(message);
      case "error":
        return log.warn("the relay refused a message", { code: message.code, reason: message.message });
      case "heartbeat":
      case "pong":
      case "reconnect":
        return;
    }
  }

  /** Sends as much as may be on its way; goes on to the next boot when this one has arrived. */
  #pump(from: Phase & { readonly type: "sending" }): void {
    const { spool } = this.#options;
    const { boot } = from;
    const underWay = [...from.underWay];
    let { sent } = from;
    while (underWay.length < windowFrames) {
      const batch = spool.batch(boot, sent, uplinkFrameLimit);
      if (batch === undefined) break;
      this.#send({ type: "readings", boot, first: batch.first, items: [...batch.items] });
      sent = batch.first + batch.items.length - 1;
      underWay.push(sent);
    }
    this.#phase = { type: "sending", boot, sent, underWay };
    if (underWay.length === 0 && spool.currentBoot() !== boot) this.#greet();
  }

  #tell(message: AgentMessage): void {
    if (this.#phase.type === "sending") this.#send(message);
  }

  #send(message: AgentMessage): void {
    this.#socket.send(message);
  }

  #onState(state: Socket["state"]["value"]): void {
    const { log, relayUrl } = this.#options;
    if (state === "connected") return log.info("connected to the relay", { relay: relayUrl });
    this.#phase = { type: "away" };
    const reason = this.#socket.lastError.peek();
    if (state === "reconnecting") log.warn("the relay is away", { relay: relayUrl, reason });
    if (state !== "disconnected" || this.#socket.why.peek() === "asked") return;
    log.error("the relay refuses this agent", { relay: relayUrl, reason });
    this.#retry = setTimeout(() => this.#socket.reconnect(), refusedRetryMs);
  }
}

function noCommand(name: string): Promise<Outcome> {
  return Promise.resolve({ ok: false, problem: { title: `this agent has no command ${name}` } });
}

const openWithToken = (url: string, token: string) => withHeaders({ authorization: `Bearer ${token}` })(url);
