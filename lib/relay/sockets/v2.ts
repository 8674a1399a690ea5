// The endpoints under `/api/v1/ws/v2/`: one purpose each, and viewers only ping.

import { type Cursor, type SweepProgress, viewerMessage } from "../../protocol/mod.ts";
import type { Channels, ChannelSubscriber } from "../fanout/channels.ts";
import type { Connection, Handler } from "./connection.ts";
import { decode } from "./decode.ts";
import { heartbeat, pong } from "../fanout/messages.ts";
import { Outgoing } from "../fanout/outgoing.ts";
import { type PowerContext, PowerSubscription } from "../fanout/power.ts";
import type { Stream } from "../fanout/stream.ts";
import { sweepChannel } from "../instrument/knowledge.ts";

function answerPing(connection: Connection, text: string, now: () => number): void {
  const message = decode(viewerMessage, text);
  if (typeof message === "string") connection.reject(message);
  else connection.say(pong(now()));
}

/** `/api/v1/ws/v2/power`: one module's readings, and which lasers shine. One handler for each viewer. */
export class PowerHandler implements Handler, ChannelSubscriber {
  #connection: Connection | null = null;
  #subscription: PowerSubscription | null = null;

  /** Begins when its socket opens. */
  constructor(
    readonly stream: Stream,
    readonly intervalMs: number,
    readonly since: Cursor | undefined,
    readonly context: PowerContext,
    readonly channels: Channels,
  ) {}

  /** Subscribes. */
  opened(connection: Connection): void {
    this.#connection = connection;
    this.#subscription = new PowerSubscription(connection, this.stream, this.intervalMs, this.context);
    this.#subscription.start(this.since);
    if (!connection.ended) this.channels.join("lasers", this);
  }

  /** Which lasers shine. */
  publication(message: Outgoing): void {
    this.#connection?.send(message);
  }

  /** `ping`. */
  received(connection: Connection, text: string): void {
    answerPing(connection, text, this.context.now);
  }

  /** Unsubscribes. */
  ended(): void {
    this.#subscription?.stop();
    this.channels.leave("lasers", this);
  }
}

/** `/api/v1/ws/v2/health`: tells whether there is a connection. One handler for all. */
export class HealthHandler implements Handler {
  /** `activeStreams` is read for the heartbeat on opening; the later ones are the registry's. */
  constructor(readonly activeStreams: () => number, readonly now: () => number) {}

  /** The first heartbeat. */
  opened(connection: Connection): void {
    connection.say(heartbeat(this.now(), this.activeStreams()));
  }

  /** `ping`, bare or as JSON. */
  received(connection: Connection, text: string): void {
    if (text === "ping") connection.say(pong(this.now()));
    else answerPing(connection, text, this.now);
  }

  /** Nothing to undo. */
  ended(): void {}
}

/**
 * `/api/v1/ws/v2/sweep/progress`: the sweeps of the named station, without one those of all; the state on opening. One
 * handler for each viewer.
 */
export class SweepHandler implements Handler, ChannelSubscriber {
  readonly #channel: string;
  #connection: Connection | null = null;

  /** Begins when its socket opens. */
  constructor(station: string | undefined, readonly channels: Channels, readonly now: () => number) {
    this.#channel = station === undefined ? "sweep" : sweepChannel(station);
  }

  /** Subscribes. */
  opened(connection: Connection): void {
    this.#connection = connection;
    if (!this.channels.join(this.#channel, this)) connection.say(idleSweep(this.now()));
  }

  /** A state of the sweep. */
  publication(message: Outgoing): void {
    this.#connection?.send(message);
  }

  /** `ping`. */
  received(connection: Connection, text: string): void {
    answerPing(connection, text, this.now);
  }

  /** Unsubscribes. */
  ended(): void {
    this.channels.leave(this.#channel, this);
  }
}

function idleSweep(nowMs: number): SweepProgress {
  return {
    type: "sweep_progress",
    data: { state: "idle", wavelength_nm: null, percent: 0, started_at: null, eta_s: null },
    timestamp: new Date(nowMs).toISOString(),
  };
}
