// One module's stream: its newest reading, what is wrong with it, and the groups of viewers that get it. A reading is
// encoded once for all of them. Not here: who decides that something is wrong (agents.ts, watch.ts).

import type { Data, Fault } from "../../protocol/mod.ts";
import { faultError } from "./messages.ts";
import { Group, type Subscriber } from "./group.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { isoTime, Outgoing } from "./outgoing.ts";
import { Pacer, Period } from "./pacer.ts";

/** A fault as its reporter knows it; the stream adds how often and since when. */
export type FaultReport = Pick<Fault, "source" | "code" | "message" | "recoverable">;

// A period that is not known yet may be short: the one reading that there is puts the next one off for a whole interval.
const shortestPeriodMs = 1;

/** One module's stream. */
export class Stream {
  #newest: Data | null;
  #fault: Fault | null = null;
  #errorCount = 0;
  #lastWordMs: number;
  #station: string | null = null;
  #period = new Period();
  readonly #groups = new Set<Group>();
  readonly #watchers = new Set<() => void>();
  readonly #metrics: Metrics;

  /** A stream as it stands in the history. */
  constructor(readonly module: number, newest: Data | null, metrics: Metrics, nowMs: number) {
    this.#newest = newest;
    this.#metrics = metrics;
    this.#lastWordMs = nowMs;
  }

  /** The newest reading. */
  get newest(): Data | null {
    return this.#newest;
  }

  /** What is wrong now; null while readings come. */
  get fault(): Fault | null {
    return this.#fault;
  }

  /** When its agent last sent a reading or a fault, Unix milliseconds. */
  get lastWordMs(): number {
    return this.#lastWordMs;
  }

  /** The station whose agent announced it last. */
  get station(): string | null {
    return this.#station;
  }

  /** An agent says that it reads this module. */
  announce(station: string, nowMs: number): void {
    this.#station = station;
    this.#period = new Period();
    this.recover(nowMs);
  }

  /** The agent of its station does not read it any more. */
  withdraw(): void {
    this.#station = null;
  }

  /** Hands a stored reading to every group for which it is due. */
  publish(data: Data, nowMs: number): void {
    this.#newest = data;
    this.#fault = null;
    this.#errorCount = 0;
    this.#lastWordMs = nowMs;
    const takenMs = data.timestamp * 1000;
    this.#period.add(takenMs);
    const { meanMs } = this.#period;
    const reading = new Outgoing(data, nowMs);
    for (const group of this.#groups) if (group.pacer.admits(takenMs, meanMs)) group.deliver(reading);
    this.#wakeWatchers();
  }

  /** Its agent reports a fault: a word of the agent. */
  reportFromAgent(report: FaultReport, nowMs: number): void {
    this.#lastWordMs = nowMs;
    this.report(report, nowMs);
  }

  /** Something is wrong, or still is: every viewer is told, with a count that rises until the next reading. */
  report(report: FaultReport, nowMs: number): void {
    const same = this.#fault?.code === report.code && this.#fault.source === report.source;
    this.#errorCount += 1;
    this.#fault = {
      ...report,
      error_count: this.#errorCount,
      since: same && this.#fault ? this.#fault.since : isoTime(nowMs),
    };
    const error = new Outgoing(faultError(this.module, this.#fault, nowMs), nowMs);
    for (const group of this.#groups) group.alert(error);
    if (!same) this.#wakeWatchers();
  }

  /** The reported fault is over; the count goes back with the next reading. */
  recover(nowMs: number): void {
    this.#lastWordMs = nowMs;
    if (this.#fault === null) return;
    this.#fault = null;
    this.#wakeWatchers();
  }

  /** Whether none of its subscribers is busy. */
  calm(): boolean {
    for (const group of this.#groups) if (!group.calm) return false;
    return true;
  }

  /**
   * Begins to deliver to `subscriber`, at most one reading in `intervalMs`. `hasNewest`: it was sent the newest reading,
   * so that its next one is due an interval after that. Returns what {@linkcode Stream.leave} takes.
   */
  join(subscriber: Subscriber, intervalMs: number, hasNewest: boolean): Group {
    const newestMs = (this.#newest?.timestamp ?? 0) * 1000;
    const { meanMs } = this.#period;
    const pacer = new Pacer(intervalMs);
    if (hasNewest) pacer.admits(newestMs, meanMs ?? shortestPeriodMs);
    const { dialect } = subscriber.connection;
    let group = this.#groups.values().find((other) =>
      other.intervalMs === intervalMs && other.dialect === dialect &&
      other.pacer.inStep(pacer, newestMs, meanMs)
    );
    if (!group) {
      group = new Group(intervalMs, dialect, pacer, this.#metrics);
      this.#groups.add(group);
    }
    group.add(subscriber);
    return group;
  }

  /** Ends what {@linkcode Stream.join} began. */
  leave(subscriber: Subscriber, group: Group): void {
    group.remove(subscriber);
    if (group.empty) this.#groups.delete(group);
  }

  /** Resolves with the next reading or change of fault, or when `signal` aborts. */
  change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        this.#watchers.delete(done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      if (signal.aborted) return resolve();
      this.#watchers.add(done);
      signal.addEventListener("abort", done);
    });
  }

  #wakeWatchers(): void {
    for (const wake of [...this.#watchers]) wake();
  }
}
