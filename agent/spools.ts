// Which spool an agent gets: one in memory; or one in a file, and in memory once the file fails (a full disk, a pulled
// card), which is told.

import type { Logger } from "../lib/process/mod.ts";
import { memorySpool, type Spool } from "./spool.ts";
import { fileSpool } from "./spool_file.ts";

/** A spool for the run `boot`, in `folder` if there is one. @throws {Error} where its file cannot be opened. */
export function openSpool(folder: string | undefined, boot: string, limit: number, log: Logger): Spool {
  if (folder === undefined) return memorySpool(boot, limit);
  return guarded(
    fileSpool(folder, boot, limit),
    (first) => memorySpool(boot, limit, first),
    (error) =>
      log.error("unacknowledged readings are kept in memory only", { folder, reason: String(error) }),
  );
}

/**
 * Uses `file` until one of its calls throws, then what `fallback` makes for the sequence numbers from `first` on. What
 * the file still held counts as dropped.
 */
export function guarded(
  file: Spool,
  fallback: (first: number) => Spool,
  onFailure: (error: unknown) => void,
): Spool {
  let current = file;
  let next = 1;
  let lost = 0;
  const attempt = <T>(work: (spool: Spool) => T): T => {
    if (current !== file) return work(current);
    try {
      return work(current);
    } catch (error) {
      onFailure(error);
      lost = file.held + file.dropped;
      current = fallback(next);
      return work(current);
    }
  };
  return {
    append(reading) {
      attempt((spool) => spool.append(reading));
      next++;
    },
    currentBoot: () => attempt((spool) => spool.currentBoot()),
    batch: (boot, after, limit) => attempt((spool) => spool.batch(boot, after, limit)),
    acknowledge: (boot, through) => attempt((spool) => spool.acknowledge(boot, through)),
    get held() {
      return current.held;
    },
    get dropped() {
      return current === file ? file.dropped : lost + current.dropped;
    },
    close: () => file.close(),
  };
}
