// What the relay does by itself, once a second: it looks after streams, viewers that are behind and tokens that end, says how
// it is, and throws away what is too old.

import type { Hub } from "./fanout/hub.ts";
import type { PowerSubscription } from "./fanout/power.ts";
import type { StatusReporter } from "./fanout/status.ts";
import { watchStreams } from "./fanout/watch.ts";
import type { Keeper } from "./history/keeper.ts";
import type { Agents } from "./ingest/agents.ts";
import type { Instruments } from "./instrument/knowledge.ts";
import type { Limits } from "./limits.ts";
import type { Metrics } from "./metrics/metrics.ts";
import type { Logger } from "../process/mod.ts";
import type { Registry } from "./sockets/registry.ts";

/** The parts that are looked after. */
export interface UpkeepParts {
  readonly hub: Hub;
  readonly keeper: Keeper;
  readonly agents: Agents;
  readonly registry: Registry;
  /** The subscriptions that are behind. */
  readonly behind: ReadonlySet<PowerSubscription>;
  readonly instruments: Instruments;
  readonly status: StatusReporter;
  readonly limits: Limits;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** How old a reading may get. */
  readonly ageMs: number;
  readonly now: () => number;
}

const pruneEveryMs = 1000;
const pruneAtMost = 1000;

/** Looks after everything at once, and again in each period, until it is stopped. */
export function startUpkeep(parts: UpkeepParts): { stop(): void } {
  const { hub, keeper, agents, registry, behind, instruments, status, limits, metrics, log, ageMs, now } =
    parts;
  const watch = () => {
    watchStreams(hub, agents, limits, now());
    for (const subscription of [...behind]) subscription.catchUp();
    registry.expire();
    instruments.tell(now());
    keeper.use((history) => history.outages.watch(hub.streams, now(), ageMs));
    status.report(now());
  };
  const prune = () => {
    keeper.watch();
    keeper.use((history) => history.summarize());
    metrics.pruned.add(keeper.use((history) => history.prune(now(), ageMs, pruneAtMost)));
  };
  // What throws in a timer would end the process.
  const every = (periodMs: number, action: () => void) =>
    setInterval(() => {
      try {
        action();
      } catch (error) {
        metrics.failures.add(1, { place: "timer" });
        log.error("a periodic task failed", { reason: error instanceof Error ? error.stack : String(error) });
      }
    }, periodMs);
  watch();
  const timers = [every(limits.faultRepeatMs, watch), every(pruneEveryMs, prune)];
  return {
    stop() {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
