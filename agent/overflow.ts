// A spool that says when it has begun to drop readings, and how many it were once there is room again: two lines for an
// overflow, however long it is.

import type { Logger } from "../lib/process/mod.ts";
import type { Spool } from "./spool.ts";

/** `spool`, which drops its oldest reading beyond `limit`, with a log of that. */
export function tellOverflow(spool: Spool, limit: number, log: Logger): Spool {
  /** What had been dropped before the overflow that goes on; undefined while there is none. */
  let before: number | undefined;
  return {
    append(reading) {
      const { dropped } = spool;
      spool.append(reading);
      if (before !== undefined || spool.dropped === dropped) return;
      before = dropped;
      log.warn("the spool is full: its oldest readings are dropped", { limit });
    },
    acknowledge(boot, through) {
      spool.acknowledge(boot, through);
      // Half of it: a relay that is slow gives room and has it filled again many times a second.
      if (before === undefined || spool.held > limit / 2) return;
      log.warn("the spool has room again", { dropped: spool.dropped - before });
      before = undefined;
    },
    currentBoot: () => spool.currentBoot(),
    batch: (boot, after, most) => spool.batch(boot, after, most),
    get held() {
      return spool.held;
    },
    get dropped() {
      return spool.dropped;
    },
    close: () => spool.close(),
  };
}
