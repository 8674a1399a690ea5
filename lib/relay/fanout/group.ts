// The subscribers of a stream that get the same readings in the same words. Whoever keeps up costs one send to a socket
// and nothing else: its send queue is looked at once for every few kilobytes. Whoever does not is tended before each
// reading. Not here: what becomes of one that stays behind (power.ts).

import type { Carrier } from "../wire/carrier.ts";
import type { Connection } from "../sockets/connection.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Dialect, Outgoing, OutgoingReading } from "./outgoing.ts";
import type { Pacer } from "./pacer.ts";

/**
 * How a subscriber takes its readings in: its send queue is short; or long, but not yet so long that readings are
 * conflated for it; or they are.
 */
export type Pace = "swift" | "busy" | "behind";

/** Whoever gets a stream. */
export interface Subscriber {
  /** Where its readings go. */
  readonly connection: Pick<Connection, "dialect" | "countSent"> & {
    readonly carrier: Pick<Carrier, "send">;
  };
  /** How it takes them in now. */
  pace(): Pace;
  /** A reading is due, and it was not swift when it was last looked at. */
  deliver(reading: OutgoingReading): void;
  /** Something is wrong with the stream. */
  alert(error: Outgoing): void;
}

interface Swift {
  readonly subscriber: Subscriber;
  /** Readings that the group had delivered before. */
  readonly from: number;
}

// To ask for the length of a send queue costs about a twentieth of sending a reading.
const unseenBytes = 4096;

/** Subscribers that get the same readings. */
export class Group {
  readonly #metrics: Metrics;
  readonly #swift = new Map<Subscriber["connection"]["carrier"], Swift>();
  readonly #tended = new Set<Subscriber>();
  #delivered = 0;
  #unseen = 0;

  /** Nobody is in it yet. */
  constructor(
    readonly intervalMs: number,
    readonly dialect: Dialect,
    readonly pacer: Pacer,
    metrics: Metrics,
  ) {
    this.#metrics = metrics;
  }

  /** Whether nobody is in it. */
  get empty(): boolean {
    return this.#swift.size === 0 && this.#tended.size === 0;
  }

  /** Whether nobody in it is busy. */
  get calm(): boolean {
    for (const subscriber of this.#tended) if (subscriber.pace() === "busy") return false;
    return true;
  }

  /** Begins to deliver to `subscriber`. */
  add(subscriber: Subscriber): void {
    if (subscriber.pace() !== "swift") this.#tended.add(subscriber);
    else this.#swift.set(subscriber.connection.carrier, { subscriber, from: this.#delivered });
  }

  /** Ends what {@linkcode Group.add} began. */
  remove(subscriber: Subscriber): void {
    this.#tended.delete(subscriber);
    const { carrier } = subscriber.connection;
    const swift = this.#swift.get(carrier);
    if (swift?.subscriber !== subscriber) return;
    this.#swift.delete(carrier);
    subscriber.connection.countSent(this.#delivered - swift.from);
  }

  /** Sends a reading to everybody. */
  deliver(reading: OutgoingReading): void {
    const encoded = reading.encoded(this.dialect);
    const { length } = encoded.frame;
    let sent = 0;
    for (const carrier of this.#swift.keys()) {
      // A socket that the other end is closing is still here.
      if (carrier.send(encoded)) sent += 1;
    }
    this.#metrics.sent(sent, length);
    this.#delivered += 1;
    for (const subscriber of this.#tended) subscriber.deliver(reading);
    this.#unseen += length;
    if (this.#unseen > unseenBytes) this.#look();
  }

  /** Tells everybody that something is wrong with the stream. */
  alert(error: Outgoing): void {
    for (const { subscriber } of this.#swift.values()) subscriber.alert(error);
    for (const subscriber of this.#tended) subscriber.alert(error);
  }

  #look(): void {
    this.#unseen = 0;
    for (const subscriber of this.#tended) if (subscriber.pace() === "swift") this.#move(subscriber);
    for (const { subscriber } of this.#swift.values()) {
      if (subscriber.pace() !== "swift") this.#move(subscriber);
    }
  }

  #move(subscriber: Subscriber): void {
    this.remove(subscriber);
    this.add(subscriber);
  }
}
