// The channels other than `power/<module>`: who gets them, and the last message of those that have a state.

import { type Publication, publications } from "../../protocol/mod.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { Outgoing } from "./outgoing.ts";

/** Whoever gets a channel. */
export interface ChannelSubscriber {
  /** Something was published. */
  publication(message: Outgoing): void;
}

// Their last message is what is true now, whoever said it; on the others a message is past once it was sent.
const stateful: ReadonlySet<string> = new Set(["metrics", "sweep"]);

/** The channels, by name. */
export class Channels {
  readonly #subscribers = new Map<string, Set<ChannelSubscriber>>();
  readonly #states = new Map<string, Outgoing>();
  readonly #metrics: Metrics;
  readonly #now: () => number;

  /** No channel exists before somebody joins it or publishes its state. */
  constructor(metrics: Metrics, now: () => number) {
    this.#metrics = metrics;
    this.#now = now;
  }

  /** Begins to deliver a channel, its state at once; false where it has none yet. */
  join(channel: string, subscriber: ChannelSubscriber): boolean {
    let subscribers = this.#subscribers.get(channel);
    if (!subscribers) this.#subscribers.set(channel, subscribers = new Set());
    subscribers.add(subscriber);
    const state = this.#states.get(channel);
    if (state) subscriber.publication(state);
    return state !== undefined;
  }

  /** Ends what {@linkcode Channels.join} began. */
  leave(channel: string, subscriber: ChannelSubscriber): void {
    const subscribers = this.#subscribers.get(channel);
    if (subscribers?.delete(subscriber) && subscribers.size === 0) this.#subscribers.delete(channel);
  }

  /** Hands a message of anybody's to all subscribers of a channel; returns how many they are. */
  publish(channel: string, publication: Publication): number {
    return this.#publish(channel, publication, stateful.has(channel));
  }

  /** Hands on what the relay itself says: it knows how things are, and its word stays. */
  tell(channel: string, publication: Publication): void {
    this.#publish(channel, publication, true);
  }

  #publish(channel: string, publication: Publication, stays: boolean): number {
    this.#metrics.published.add(1, { kind: kindOf(channel) });
    const message = new Outgoing(publication, this.#now());
    if (stays) this.#states.set(channel, message);
    const subscribers = this.#subscribers.get(channel) ?? [];
    for (const subscriber of subscribers) subscriber.publication(message);
    return this.#subscribers.get(channel)?.size ?? 0;
  }
}

// Other programs name their channels as they like: as labels those would have no end.
function kindOf(channel: string): string {
  const [kind = ""] = channel.split("/");
  return Object.hasOwn(publications, kind) ? kind : "other";
}
