// Every count that the relay keeps, and which labels it has.

import { publications } from "../../protocol/mod.ts";
import type { GateFault } from "../access/gate.ts";
import { endpoints } from "../sockets/endpoints.ts";
import { Counter, Histogram, type Labels, Observed } from "./kinds.ts";

/** A set of labels for each value of one label. */
const each = (name: string, values: readonly string[]): Labels[] =>
  values.map((value) => ({ [name]: value }));
const tokenFaults: readonly GateFault[] = [
  "missing",
  "malformed",
  "forged",
  "early",
  "expired",
  "wrong_role",
];
const transports = each("transport", ["socket", "poll"]);

const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Every count that the relay keeps, under one name each. */
export class Metrics {
  readonly opened = new Counter(
    "lightline_connections_opened_total",
    "Sockets that opened, by endpoint.",
    each("endpoint", endpoints),
  );
  readonly closed = new Counter(
    "lightline_connections_closed_total",
    "Sockets that ended, by endpoint and code.",
    [],
  );
  readonly refused = new Counter(
    "lightline_connections_refused_total",
    "Upgrades, publications, places for held polls and requests beyond an address' share refused, by reason.",
    each("reason", [
      "not_websocket",
      "handshake",
      "origin",
      "max_viewers",
      "max_per_address",
      "answers",
      "agent_token",
      ...tokenFaults.map((fault) => `token_${fault}`),
    ]),
  );
  readonly messagesIn = new Counter(
    "lightline_messages_received_total",
    "Messages received, by endpoint.",
    each("endpoint", endpoints),
  );
  readonly badMessages = new Counter(
    "lightline_bad_messages_total",
    "Messages that matched no schema, by endpoint.",
    each("endpoint", endpoints),
  );
  readonly limited = new Counter(
    "lightline_limits_exceeded_total",
    "Sockets closed for what they sent or did not read, by limit.",
    each("limit", ["message_length", "message_rate", "send_queue", "too_slow"]),
  );
  readonly conflated = new Counter(
    "lightline_readings_conflated_total",
    "Readings folded into another for a slow viewer.",
  );
  readonly ingested = new Counter("lightline_readings_stored_total", "Readings stored, by station.", []);
  readonly duplicates = new Counter(
    "lightline_readings_duplicate_total",
    "Readings that an agent sent again, by station.",
    [],
  );
  readonly skipped = new Counter(
    "lightline_readings_skipped_total",
    "Readings that an agent dropped before sending, by station.",
    [],
  );
  readonly pruned = new Counter("lightline_readings_pruned_total", "Readings deleted for their age.");
  readonly replays = new Counter("lightline_replays_total", "Answers to a cursor, by transport.", transports);
  readonly missing = new Counter(
    "lightline_replays_incomplete_total",
    "Answers to a cursor that left something out, by reason.",
    each("reason", ["history_expired", "history_replaced"]),
  );
  readonly replayed = new Counter(
    "lightline_readings_replayed_total",
    "Readings sent in answer to a cursor, by transport.",
    transports,
  );
  readonly failures = new Counter(
    "lightline_handler_failures_total",
    "Exceptions in handlers, by place.",
    each("place", ["http", "timer", ...endpoints]),
  );
  readonly authFailures = new Counter(
    "lightline_auth_failures_total",
    "Viewers refused for their token, by reason.",
    each("reason", tokenFaults),
  );
  readonly published = new Counter(
    "lightline_publications_total",
    "Messages published on channels, by channel's kind.",
    each("kind", [...Object.keys(publications), "other"]),
  );
  readonly handshake = new Histogram(
    "lightline_handshake_seconds",
    "From the request of an upgrade to the open socket.",
    buckets,
  );
  readonly poll = new Histogram(
    "lightline_poll_seconds",
    "Time to answer a poll that does not wait.",
    buckets,
  );
  #queueHighWater = 0;
  #messages = 0;
  #bytes = 0;
  readonly #more: Observed[] = [
    new Observed("counter", "lightline_messages_sent_total", "Messages sent.", () => this.#messages),
    new Observed(
      "gauge",
      "lightline_send_queue_high_water_bytes",
      "Longest send queue of a viewer so far.",
      () => this.#queueHighWater,
    ),
    new Observed("counter", "lightline_sent_bytes_total", "Bytes of messages sent.", () => this.#bytes),
  ];

  /** Messages sent since the start. */
  get messagesSent(): number {
    return this.#messages;
  }

  /** Remembers the longest send queue seen, in bytes. */
  queued(bytes: number): void {
    if (bytes > this.#queueHighWater) this.#queueHighWater = bytes;
  }

  /** Counts `messages` of `length` bytes each. */
  sent(messages: number, length: number): void {
    this.#messages += messages;
    this.#bytes += messages * length;
  }

  /** Adds metrics that another part owns. */
  register(...metrics: Observed[]): void {
    this.#more.push(...metrics);
  }

  /** The text that Prometheus scrapes. */
  text(): string {
    const own = Object.values(this).filter((value) => value instanceof Counter || value instanceof Histogram);
    return [...own, ...this.#more].flatMap((metric) => metric.lines()).join("\n") + "\n";
  }
}
