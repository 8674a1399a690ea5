// Every open socket: how many there may be, in all and from one address, and the heartbeat of each. One timer serves
// all of them, and spreads them evenly over the period.

import { closeCode } from "../../protocol/mod.ts";
import type { Connection } from "./connection.ts";
import { heartbeat } from "../fanout/messages.ts";
import { Outgoing } from "../fanout/outgoing.ts";
import type { Limits } from "../limits.ts";

/** Heartbeats go out in this many slices of a period. */
const slices = 30;
/** The health socket's heartbeat comes this many times as often. */
const healthFactor = 3;

/** The open sockets. */
export class Registry {
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #sets: Set<Connection>[] = Array.from({ length: slices }, () => new Set());
  readonly #placed = new Map<Connection, number>();
  readonly #often = new Set<Connection>();
  readonly #closing = new Set<Connection>();
  readonly #perAddress = new Map<string, number>();
  readonly #timer: ReturnType<typeof setInterval>;
  #viewers = 0;
  #polls = 0;
  #held = 0;
  #next = 0;
  #slice = 0;

  /** Starts the heartbeat. */
  constructor(limits: Limits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
    this.#timer = setInterval(() => this.#beat(), limits.heartbeatMs / slices);
  }

  /** Open sockets of viewers. */
  get activeStreams(): number {
    return this.#viewers;
  }

  /** Polls that are held. */
  get heldPolls(): number {
    return this.#polls;
  }

  /** All open sockets. */
  connections(): readonly Connection[] {
    return [...this.#placed.keys()];
  }

  /** Closes the sockets whose token has ended. */
  expire(): void {
    const nowMs = this.#now();
    for (const connection of this.connections()) {
      if (connection.expiresMs <= nowMs) connection.close(closeCode.unauthenticated, "the token has expired");
    }
  }

  /** All sockets that are closed at this end alone. */
  closing(): readonly Connection[] {
    return [...this.#closing];
  }

  /** Why a viewer from `address` cannot be let in; null when it can. */
  refusal(address: string): "max_viewers" | "max_per_address" | null {
    if (this.#held >= this.#limits.maxViewers) return "max_viewers";
    if ((this.#perAddress.get(address) ?? 0) >= this.#limits.maxPerAddress) return "max_per_address";
    return null;
  }

  /** A place for a poll that is held for a viewer from `address`: what gives it back. */
  seat(address: string): () => void {
    this.#polls += 1;
    this.#hold(address, 1);
    return () => {
      this.#polls -= 1;
      this.#hold(address, -1);
    };
  }

  /** Counts a socket from now on; `often` is the health socket's heartbeat. */
  add(connection: Connection, often: boolean): void {
    const slice = this.#next++ % slices;
    this.#placed.set(connection, slice);
    this.#sets[slice]?.add(connection);
    if (often) this.#often.add(connection);
    if (connection.party === "agent") return;
    this.#viewers += 1;
    this.#hold(connection.address, 1);
  }

  /** Forgets a socket that ended: no heartbeat any more. */
  remove(connection: Connection): void {
    const slice = this.#placed.get(connection);
    if (slice === undefined) return;
    this.#placed.delete(connection);
    this.#sets[slice]?.delete(connection);
    this.#often.delete(connection);
    this.#closing.add(connection);
    if (connection.party === "viewer") this.#viewers -= 1;
  }

  /** Gives a socket's place to another, once the other end has closed it too: its queue takes memory until then. */
  free(connection: Connection): void {
    this.#closing.delete(connection);
    if (connection.party === "viewer") this.#hold(connection.address, -1);
  }

  /** Ends the heartbeat. */
  close(): void {
    clearInterval(this.#timer);
  }

  #hold(address: string, by: 1 | -1): void {
    this.#held += by;
    const count = (this.#perAddress.get(address) ?? 0) + by;
    if (count === 0) this.#perAddress.delete(address);
    else this.#perAddress.set(address, count);
  }

  #beat(): void {
    const message = new Outgoing(heartbeat(this.#now(), this.#viewers), this.#now());
    const period = slices / healthFactor;
    for (let turn = 0; turn < healthFactor; turn++) {
      for (const connection of this.#sets[(this.#slice + turn * period) % slices] ?? []) {
        if (turn === 0 || this.#often.has(connection)) connection.send(message);
      }
    }
    this.#slice = (this.#slice + 1) % slices;
  }
}
