// One connection's part in one module's stream: what it missed, then live readings at its interval; fewer and folded
// ones while its socket is behind, and the end of it when it stays behind.

import { closeCode, type Cursor, type Data } from "../../protocol/mod.ts";
import { Fold } from "./conflation.ts";
import type { Connection } from "../sockets/connection.ts";
import type { Limits } from "../limits.ts";
import { faultError } from "./messages.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { Outgoing, type OutgoingReading } from "./outgoing.ts";
import type { Replayer } from "./replayer.ts";
import type { Group, Pace, Subscriber } from "./group.ts";
import type { Stream } from "./stream.ts";

// Two of an agent's messages fit into the rest.
const busyShare = 0.25;

/** What subscriptions need of the relay. */
export interface PowerContext {
  readonly replayer: Replayer;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly now: () => number;
  /** The subscriptions that are behind: looked at once a second. */
  readonly behind: Set<PowerSubscription>;
}

/** A subscription to `power/<module>`. */
export class PowerSubscription implements Subscriber {
  readonly #stream: Stream;
  #intervalMs: number;
  readonly #context: PowerContext;
  #fold: Fold | null = null;
  #behindSinceMs = 0;
  #group: Group | null = null;
  #stopped = false;

  /** Nothing is sent before {@linkcode PowerSubscription.start}. */
  constructor(readonly connection: Connection, stream: Stream, intervalMs: number, context: PowerContext) {
    this.#stream = stream;
    this.#intervalMs = intervalMs;
    this.#context = context;
  }

  /** With a cursor: what came after it, then live. Without: the newest reading, then live. */
  start(since: Cursor | undefined): void {
    if (since) return this.#replay(since);
    const { newest, fault } = this.#stream;
    const known = newest !== null && fault === null;
    if (known) this.connection.send(new Outgoing(newest, this.#context.now()));
    this.#join(known);
  }

  /** At most one live reading comes in this time. */
  get intervalMs(): number {
    return this.#intervalMs;
  }

  /** Live readings come at another interval; a replay goes on, and what is folded stays so. */
  retime(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    if (this.#group === null) return;
    this.#stream.leave(this, this.#group);
    this.#join(this.#stream.newest !== null);
  }

  /** Leaves the stream. */
  stop(): void {
    this.#stopped = true;
    if (this.#group) this.#stream.leave(this, this.#group);
    this.#context.behind.delete(this);
  }

  /** A reading is due. */
  deliver(reading: OutgoingReading): void {
    const queued = this.connection.queuedBytes;
    if (queued <= this.#context.limits.conflateBytes && this.#fold === null) this.connection.write(reading);
    else this.#conflate(reading.message, queued);
  }

  /** Whether its send queue is short, or long, or its readings are conflated. */
  pace(): Pace {
    if (this.#fold !== null) return "behind";
    return this.connection.queuedBytes > this.#context.limits.conflateBytes * busyShare ? "busy" : "swift";
  }

  /** Something is wrong with the stream. */
  alert(error: Outgoing): void {
    this.connection.send(error);
  }

  /** Sends what is folded once the socket has caught up, and gives the viewer up when it has not for too long. */
  catchUp(): void {
    const { limits, now } = this.#context;
    if (this.connection.queuedBytes <= limits.conflateBytes) return this.#flush();
    if (now() - this.#behindSinceMs >= limits.tooSlowMs) this.#giveUp();
  }

  #conflate(reading: Data, queued: number): void {
    const { limits, metrics, behind, now } = this.#context;
    if (this.#fold) {
      this.#fold.add(reading);
      metrics.conflated.add();
    } else {
      this.#fold = new Fold(reading);
      this.#behindSinceMs = now();
      behind.add(this);
    }
    if (queued <= limits.conflateBytes) this.#flush();
    else if (queued > limits.tooSlowBytes) this.#giveUp();
  }

  #flush(): void {
    if (this.#fold) this.connection.write(new Outgoing(this.#fold.data(), this.#context.now()));
    this.#fold = null;
    this.#context.behind.delete(this);
  }

  #giveUp(): void {
    this.#context.behind.delete(this);
    this.connection.closeForLimit("too_slow", closeCode.tooSlow, "this viewer reads too slowly");
  }

  #join(hasNewest: boolean): void {
    const { fault, module } = this.#stream;
    const { now } = this.#context;
    // What was sent so far may have ended the connection.
    if (this.#stopped || this.connection.ended) return;
    if (fault) this.connection.send(new Outgoing(faultError(module, fault, now()), now()));
    this.#group = this.#stream.join(this, this.#intervalMs, hasNewest);
  }

  #replay(since: Cursor): void {
    const { limits, metrics, replayer, now } = this.#context;
    const connection = this.connection;
    const blockedSince = { ms: now() };
    const stopped = () => this.#stopped || connection.ended;
    replayer.start({
      module: this.#stream.module,
      since,
      get ended() {
        return stopped();
      },
      get blocked() {
        if (connection.queuedBytes <= limits.conflateBytes) return false;
        if (now() - blockedSince.ms >= limits.tooSlowMs) {
          connection.closeForLimit("too_slow", closeCode.tooSlow, "this viewer reads too slowly");
        }
        return true;
      },
      send: (frame) => {
        const { readings, missing } = frame.message;
        blockedSince.ms = now();
        metrics.replayed.add(readings.length, { transport: "socket" });
        if (missing) metrics.missing.add(1, { reason: missing.reason });
        connection.send(frame);
      },
      live: () => {
        metrics.replays.add(1, { transport: "socket" });
        this.#join(this.#stream.newest !== null);
      },
      fail: (error) => connection.fail(error),
    });
  }
}
