// `/api/v1/ws/v2/power`: one module's readings at the viewer's interval, after what it missed.

import { closeCode, type Cursor, type Data, type Missing, viewerMessage } from "../protocol/mod.ts";
import type { Connection, Handler } from "./connection.ts";
import { decode } from "./decode.ts";
import { faultFrame, pongFrame, replayFrame } from "./frames.ts";
import type { Limits } from "./limits.ts";
import type { Metrics } from "./metrics.ts";
import type { Replay, Replayer } from "./replayer.ts";
import type { EncodedReading, Stream, Subscriber } from "./stream.ts";

/** What the viewer asked for, and what serves it. */
export interface PowerRequest {
  readonly stream: Stream;
  readonly intervalMs: number;
  readonly since: Cursor | undefined;
  readonly replayer: Replayer;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly now: () => number;
}

/** One viewer of one module. */
export class PowerViewer implements Handler {
  readonly #request: PowerRequest;
  #subscription: Subscription | null = null;

  /** Begins when its socket opens. */
  constructor(request: PowerRequest) {
    this.#request = request;
  }

  /** Replay first, where there is a cursor; else what is known now; then live. */
  opened(connection: Connection): void {
    const subscription = new Subscription(connection, this.#request);
    this.#subscription = subscription;
    subscription.start();
  }

  /** Viewers only ping. */
  received(connection: Connection, text: string): void {
    const message = decode(viewerMessage, text);
    if (typeof message === "string") return connection.reject(message);
    connection.send(pongFrame(this.#request.now()));
  }

  /** Leaves the stream. */
  ended(): void {
    this.#subscription?.stop();
  }
}

/** One connection's part in one module's stream. */
class Subscription implements Subscriber {
  readonly #connection: Connection;
  readonly #request: PowerRequest;

  constructor(connection: Connection, request: PowerRequest) {
    this.#connection = connection;
    this.#request = request;
  }

  start(): void {
    const { since, stream, replayer } = this.#request;
    if (since) return replayer.start(this.#replay(since));
    if (stream.newest && !stream.fault) this.#connection.send(JSON.stringify(stream.newest));
    this.#join();
  }

  stop(): void {
    this.#request.stream.leave(this, this.#request.intervalMs);
  }

  deliver(reading: EncodedReading): void {
    const connection = this.#connection;
    if (connection.queuedBytes > this.#request.limits.tooSlowBytes) {
      return connection.closeForLimit("send_queue", closeCode.tooSlow, "this viewer reads too slowly");
    }
    connection.send(reading.text);
  }

  alert(text: string): void {
    this.#connection.send(text);
  }

  #join(): void {
    const { stream, intervalMs, now } = this.#request;
    if (stream.fault) this.#connection.send(faultFrame(stream.module, stream.fault, now()));
    stream.join(this, intervalMs);
  }

  #replay(since: Cursor): Replay {
    const { stream, limits, metrics } = this.#request;
    const connection = this.#connection;
    return {
      module: stream.module,
      since,
      get ended() {
        return connection.ended;
      },
      get blocked() {
        return connection.queuedBytes > limits.conflateBytes;
      },
      send: (readings: readonly Data[], missing: Missing | null) => {
        metrics.replayed.add(readings.length);
        connection.send(replayFrame(stream.module, readings, missing));
      },
      live: () => {
        metrics.replays.add();
        this.#join();
      },
      fail: (error) => connection.fail(error),
    };
  }
}
