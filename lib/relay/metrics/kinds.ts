// The kinds of metrics, and their text for Prometheus. Names follow its rules: base units, `_total` on counters.

/** Names and values of labels. */
export type Labels = Readonly<Record<string, string>>;

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
