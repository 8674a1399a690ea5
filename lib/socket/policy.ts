// The numbers that the machine follows: protocol.md, "The client's states" and "Heartbeats, limits, closing".

/** How long, how often and how many. The names are the field's; a page or an agent changes what it must. */
export interface Policy {
  /** Upper end of the delay before attempt 1. */
  readonly initialReconnectDelayMs: number;
  /** The delay before attempt n grows up to this. */
  readonly maxReconnectDelayMs: number;
  /** By how much the delay grows from one attempt to the next. */
  readonly multiplier: number;
  /** The part of a delay d that is drawn: 0.5 draws evenly from [d/2, d]. */
  readonly jitter: number;
  /** After so many failures in a row the machine gives up, until a person or the network says otherwise. */
  readonly maxReconnectAttempts: number;
  /** A connection attempt that has not opened in this time has failed. */
  readonly openTimeoutMs: number;
  /** A socket that stayed open for this long, or delivered a message, ends the row of failures. */
  readonly stableMs: number;
  /** The first ping after opening: tells the round trip early, and a proxy that swallows frames. */
  readonly firstPingMs: number;
  /** From one ping to the next. */
  readonly heartbeatIntervalMs: number;
  /** From a ping to its pong at most. */
  readonly heartbeatTimeoutMs: number;
  /** A client that has heard nothing for this long takes the socket for dead. */
  readonly silenceTimeoutMs: number;
  /** Upper end of the delay after 1012 or 1013 where the relay named no time. */
  readonly laterMs: number;
  /** How long the page waits for the socket before it polls. */
  readonly pollGraceMs: number;
  /** From one poll to the next, rung by rung; empty: never polls. */
  readonly pollRungsMs: readonly number[];
  /** So many unanswered polls in a row lead to the next rung. */
  readonly pollsPerRung: number;
  /** A poll that is not answered in this time never will be. */
  readonly pollTimeoutMs: number;
}

/** What protocol.md says. */
export const defaultPolicy: Policy = {
  initialReconnectDelayMs: 1_000,
  maxReconnectDelayMs: 30_000,
  multiplier: 2,
  jitter: 0.5,
  maxReconnectAttempts: 10,
  openTimeoutMs: 10_000,
  stableMs: 5_000,
  firstPingMs: 1_000,
  heartbeatIntervalMs: 30_000,
  heartbeatTimeoutMs: 5_000,
  silenceTimeoutMs: 60_000,
  laterMs: 5_000,
  pollGraceMs: 1_000,
  pollRungsMs: [2_000, 10_000, 30_000],
  pollsPerRung: 10,
  pollTimeoutMs: 10_000,
};

/** The delay before the attempt that follows the `failures`-th failure; `random` is in [0, 1). */
export function backoffMs(failures: number, random: number, policy: Policy): number {
  const { initialReconnectDelayMs, maxReconnectDelayMs, multiplier } = policy;
  return jittered(
    Math.min(maxReconnectDelayMs, initialReconnectDelayMs * multiplier ** (failures - 1)),
    random,
    policy,
  );
}

/** Drawn evenly from [delay · (1 − jitter), delay], so that clients cut off together do not return together. */
export function jittered(delayMs: number, random: number, { jitter }: Policy): number {
  return delayMs * (1 - jitter + jitter * random);
}
