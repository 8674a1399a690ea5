// Which spool an agent gets: one in memory, or one in a file with memory behind it, for what a full disk does not take.

import type { Logger } from "../lib/process/mod.ts";
import type { Reading } from "../lib/protocol/mod.ts";
import { tellOverflow } from "./overflow.ts";
import { memorySpool, type Spool } from "./spool.ts";
import { fileSpool } from "./spool_file.ts";

/** A spool for the run `boot`, in `folder` if there is one. @throws {Error} where its file cannot be opened. */
export function openSpool(folder: string | undefined, boot: string, limit: number, log: Logger): Spool {
  const spool = folder === undefined
    ? memorySpool(boot, limit)
    : withMemoryBehind(fileSpool(folder, boot, limit, log), boot, limit, log);
  return tellOverflow(spool, limit, log);
}

/**
 * Appends to `file`, and once that throws to a spool in memory, of at most `limit` readings as well, until all of them
 * are acknowledged: then the file is tried again. A file that cannot even be read is given up; what it held counts as
 * dropped.
 */
export function withMemoryBehind(file: Spool, boot: string, limit: number, log: Logger): Spool {
  let front = file;
  let behind: Spool | undefined;
  let refused = false;
  let next = 1;
  let dropped = 0;
  const attempt = <T>(work: (spool: Spool) => T): T => {
    try {
      return work(front);
    } catch (error) {
      log.error("the readings in SPOOL_DIR cannot be read: they are lost, newer ones are in memory", {
        lost: front.held,
        reason: String(error),
      });
      dropped += front.held + front.dropped;
      front = behind ?? memorySpool(boot, limit, next);
      behind = undefined;
      refused = false;
      return work(front);
    }
  };
  const store = (reading: Reading): void => {
    try {
      front.append(reading);
      if (refused) log.info("SPOOL_DIR takes readings again");
      refused = false;
    } catch (error) {
      behind = memorySpool(boot, limit, next);
      behind.append(reading);
      if (refused) return;
      refused = true;
      log.error("SPOOL_DIR takes no more readings: they are in memory, and lost if the agent ends", {
        reason: String(error),
      });
    }
  };
  return {
    append(reading) {
      if (behind) behind.append(reading);
      else store(reading);
      next++;
    },
    currentBoot: () => attempt((spool) => spool.currentBoot()),
    batch: (of, after, most) =>
      attempt((spool) => spool.batch(of, after, most)) ?? behind?.batch(of, after, most),
    acknowledge(of, through) {
      attempt((spool) => spool.acknowledge(of, through));
      behind?.acknowledge(of, through);
      if (behind?.held !== 0) return;
      dropped += behind.dropped;
      behind = undefined;
    },
    get held() {
      return front.held + (behind?.held ?? 0);
    },
    get dropped() {
      return dropped + front.dropped + (behind?.dropped ?? 0);
    },
    close: () => file.close(),
  };
}
