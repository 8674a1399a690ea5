// What a cursor means to the history now: protocol.md's rule, the same for sockets and polls.

import type { Cursor, Missing } from "../../protocol/mod.ts";
import { formatCursor, latestSequence } from "../../protocol/mod.ts";
import type { History } from "./history.ts";

/** Where an answer begins, and what it cannot fill. */
export interface Resume {
  /** The answer is everything after this sequence number. */
  readonly after: number;
  /** What is gone, if anything. */
  readonly missing: Missing | null;
}

/**
 * Reads `since` against what the history holds of a module. `missing.to` is the cursor just before the first reading
 * that follows: of the same epoch where the history has expired, of the new one where it was replaced.
 */
export function resume(history: History, module: number, since: Cursor): Resume {
  const { first, last } = history.extent(module) ?? { first: 1, last: 0 };
  const replaced = since.epoch !== history.epoch || since.seq > last;
  if (!replaced && since.seq >= first - 1) return { after: since.seq, missing: null };
  return {
    after: first - 1,
    missing: {
      from: formatCursor({ epoch: since.epoch, seq: Math.min(since.seq + 1, latestSequence) }),
      to: formatCursor({ epoch: history.epoch, seq: first - 1 }),
      reason: replaced ? "history_replaced" : "history_expired",
    },
  };
}
