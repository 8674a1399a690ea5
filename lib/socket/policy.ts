// The numbers that the machine follows, and where they come from: protocol.md, "The client's states" and "Heartbeats, limits, closing".

/** What a page or an agent may change. The names are the field's. */
export interface Policy {
  /** Upper end of the delay before attempt 1. */
  readonly initialReconnectDelayMs: number;
  /** The delay before attempt n grows up to this. */
  readonly maxReconnectDelayMs: number;
  /** By how much the delay grows from one attempt to the next. */
  readonly multiplier: number;
  /** The part of a delay d that is drawn: 0.5 draws evenly from [d/2, d]. */
  readonly jitter: number;
  /** When so many attempts to come back have failed in a row the machine gives up, until a person or the network says otherwise. */
  readonly maxReconnectAttempts: number;
  /** From one ping to the next. */
  readonly heartbeatIntervalMs: number;
  /** From a ping to its pong at most. */
  readonly heartbeatTimeoutMs: number;
  /** A client that has heard nothing for this long takes the socket for dead. */
  readonly silenceTimeoutMs: number;
  /** Whether polling stands in for the socket. */
  readonly polls: boolean;
  /** How long the page waits for the socket before it polls. */
  readonly pollGraceMs: number;
}

/** What protocol.md says. */
export const defaultPolicy: Policy = {
  initialReconnectDelayMs: 1_000,
  maxReconnectDelayMs: 30_000,
  multiplier: 2,
  jitter: 0.5,
  maxReconnectAttempts: 10,
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 5_000,
  silenceTimeoutMs: 60_000,
  polls: true,
  pollGraceMs: 1_000,
};

/** A connection attempt that has not opened in this time has failed. */
export const openTimeoutMs = 10_000;
/** A socket that stayed open for this long, or delivered a message, ends the row of failures. */
export const stableMs = 5_000;
/** The first ping after opening: tells the round trip early, and a proxy that swallows frames. */
export const firstPingMs = 1_000;
/** Upper end of the delay after 1012 or 1013 where the relay named no time: the example of document 000. */
export const laterMs = 5_000;
/** A poll that is not answered in this time, beyond what it was allowed to wait, never will be. */
export const pollTimeoutMs = 10_000;
/** How long a long poll may be held back (`wait`). */
export const longPollWaitMs = 20_000;
/** From one long poll to the next at least: readings come in batches, not one by one. */
export const longPollGapMs = 1_000;
/** So many long polls may fail before plain ones take their place for good: some proxies hold no request for long. */
export const longPollTries = 2;

const pollRungsMs = [2_000, 10_000];
const lastPollRungMs = 30_000;
const pollsPerRung = 10;

/** From one poll to the next, after so many unanswered ones in a row. */
export function pollIntervalMs(unanswered: number): number {
  return pollRungsMs[Math.floor(unanswered / pollsPerRung)] ?? lastPollRungMs;
}

/** The delay before the attempt that follows the `failures`-th failure in a row; `random` is in [0, 1). */
export function backoffMs(failures: number, random: number, policy: Policy): number {
  const delayMs = policy.initialReconnectDelayMs * policy.multiplier ** (failures - 1);
  return jittered(Math.min(policy.maxReconnectDelayMs, delayMs), random, policy);
}

/** Drawn evenly from [delay · (1 − jitter), delay], so that clients cut off together do not return together. */
export function jittered(delayMs: number, random: number, { jitter }: Policy): number {
  return delayMs * (1 - jitter + jitter * random);
}
