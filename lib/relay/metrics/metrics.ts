// Counters, gauges and histograms, and their text for Prometheus. Names follow its rules: base units, `_total` on counters.

import { publications } from "../../protocol/mod.ts";
import type { GateFault } from "../access/gate.ts";
import { endpoints } from "../sockets/endpoints.ts";

type Labels = Readonly<Record<string, string>>;

/** One value of a {@linkcode Counter}, for whoever counts too often to look it up each time. */
export class Count {
  /** So far. */
  value = 0;

  /** Adds `by`. */
  add(by = 1): void {
    this.value += by;
  }
}

/** Counts up, separately for each set of labels. */
export class Counter {
  readonly #counts = new Map<string, Count>();

  /**
   * A counter; its name ends in `_total`. `known`: the sets of labels that stand at 0 from the start, because who watches
   * for an increase would not see the first one otherwise; by default the one without labels.
   */
  constructor(readonly name: string, readonly help: string, known: readonly Labels[] = [{}]) {
    for (const labels of known) this.of(labels);
  }

  /** The value of a set of labels. */
  of(labels: Labels): Count {
    const key = labelText(labels);
    const known = this.#counts.get(key);
    if (known) return known;
    const count = new Count();
    this.#counts.set(key, count);
    return count;
  }

  /** Adds `by`. */
  add(by = 1, labels: Labels = {}): void {
    this.of(labels).add(by);
  }

  /** The sum over all labels. */
  total(): number {
    let sum = 0;
    for (const { value } of this.#counts.values()) sum += value;
    return sum;
  }

  /** Lines of the text format. */
  lines(): string[] {
    return [
      ...head(this, "counter"),
      ...Array.from(this.#counts, ([labels, { value }]) => `${this.name}${labels} ${value}`),
    ];
  }
}

/** A value that is kept elsewhere, and read when it is asked for. */
export class Observed {
  /** `read` gives one value, or one for each set of labels. */
  constructor(
    readonly type: "gauge" | "counter",
    readonly name: string,
    readonly help: string,
    readonly read: () => number | readonly (readonly [Labels, number])[],
  ) {}

  /** Lines of the text format. */
  lines(): string[] {
    const read = this.read();
    const values = typeof read === "number" ? [[{}, read] as const] : read;
    return [
      ...head(this, this.type),
      ...values.map(([labels, value]) => `${this.name}${labelText(labels)} ${value}`),
    ];
  }
}

/** Durations in seconds, in cumulative buckets. */
export class Histogram {
  readonly #counts: number[];
  #sum = 0;
  #count = 0;
  /** `bounds`: upper ends of the buckets in seconds, ascending. */
  constructor(readonly name: string, readonly help: string, readonly bounds: readonly number[]) {
    this.#counts = bounds.map(() => 0);
  }

  /** Counts one duration. */
  observe(seconds: number): void {
    this.#sum += seconds;
    this.#count += 1;
    const bucket = this.bounds.findIndex((bound) => seconds <= bound);
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
  }

  /** Lines of the text format. */
  lines(): string[] {
    let below = 0;
    const buckets = this.bounds.map((bound, index) => {
      below += this.#counts[index] ?? 0;
      return `${this.name}_bucket{le="${bound}"} ${below}`;
    });
    return [
      ...head(this, "histogram"),
      ...buckets,
      `${this.name}_bucket{le="+Inf"} ${this.#count}`,
      `${this.name}_sum ${this.#sum}`,
      `${this.name}_count ${this.#count}`,
    ];
  }
}

function head(metric: { readonly name: string; readonly help: string }, type: string): string[] {
  return [`# HELP ${metric.name} ${metric.help}`, `# TYPE ${metric.name} ${type}`];
}

function labelText(labels: Labels): string {
  let text = "";
  for (const name in labels) text += `${text === "" ? "{" : ","}${name}="${escapeLabel(labels[name] ?? "")}"`;
  return text === "" ? "" : `${text}}`;
}

function escapeLabel(value: string): string {
  if (!/[\\\n"]/.test(value)) return value;
  return value.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll('"', '\\"');
}

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
    "Upgrades, publications and places for held polls refused, by reason.",
    each("reason", [
      "not_websocket",
      "handshake",
      "origin",
      "max_viewers",
      "max_per_address",
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
  readonly #more: (Observed | Histogram)[] = [
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
  register(...metrics: (Observed | Histogram)[]): void {
    this.#more.push(...metrics);
  }

  /** The text that Prometheus scrapes. */
  text(): string {
    const own = Object.values(this).filter((value) => value instanceof Counter || value instanceof Histogram);
    return [...own, ...this.#more].flatMap((metric) => metric.lines()).join("\n") + "\n";
  }
}
