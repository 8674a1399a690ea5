// The polling that stands in while there is no connection: when to ask, and how patiently. Pure, as the machine is whose part it is.
// The ladder: a poll at once, then long polls while they are answered, then a poll every 2 s, 10 s, 30 s while they are not.

import type { Effect } from "./machine.ts";
import type { Policy } from "./policy.ts";

/** Where the polling stands. */
export interface Poll {
  readonly phase: "waiting" | "asking";
  /** `waiting`: when to ask; `asking`: when the answer is given up. */
  readonly dueAt: number;
  /** When the last poll was sent. */
  readonly askedAt: number;
  /** Polls without an answer, in a row. */
  readonly unanswered: number;
  /** The last poll was answered: readings come this way. */
  readonly answered: boolean;
}

/** The first poll, after a moment's grace for the socket; null where nobody polls. */
export function schedulePoll(at: number, { pollRungsMs, pollGraceMs }: Policy): Poll | null {
  return pollRungsMs.length
    ? { phase: "waiting", dueAt: at + pollGraceMs, askedAt: 0, unanswered: 0, answered: false }
    : null;
}

/** What is due of the polling at the time of a tick. */
export function duePoll(poll: Poll | null, at: number, policy: Policy): [Poll | null, Effect[]] {
  if (!poll || at < poll.dueAt) return [poll, []];
  if (poll.phase === "asking") return [polled(poll, false, at, policy), ["abandon"]];
  return [{ ...poll, phase: "asking", askedAt: at, dueAt: at + policy.pollTimeoutMs }, ["poll"]];
}

/** A poll was answered, or failed. */
export function polled(poll: Poll | null, ok: boolean, at: number, policy: Policy): Poll | null {
  if (poll?.phase !== "asking") return poll;
  const unanswered = ok ? 0 : poll.unanswered + 1;
  const rungs = policy.pollRungsMs;
  const rung = Math.min(rungs.length - 1, Math.floor(unanswered / policy.pollsPerRung));
  const dueAt = Math.max(at, poll.askedAt + (rungs[rung] ?? 0));
  return { ...poll, phase: "waiting", dueAt, unanswered, answered: ok };
}
