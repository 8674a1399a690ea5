// Close codes and what a client does about each: protocol.md's table. Small enough to be shipped to a browser.

/** WebSocket close codes (RFC 6455, 7.4, the IANA registry, and 4000 to 4999 of our own). An enum, because bundlers put its numbers in place. */
export enum closeCode {
  /** Done. */
  normal = 1000,
  /** The other end is going away. */
  goingAway = 1001,
  /** Something was sent that is not allowed, again and again. */
  policy = 1008,
  /** A message over the limit. */
  tooBig = 1009,
  /** The other end failed. */
  failure = 1011,
  /** The relay restarts. */
  restart = 1012,
  /** The relay is overloaded. */
  tryAgainLater = 1013,
  /** This viewer is too slow: it may return at once with its cursor. */
  tooSlow = 4008,
  /** Not authenticated, or no longer. */
  unauthenticated = 4401,
  /** Origin or role not allowed. */
  forbidden = 4403,
}

/** What a client does after a close. */
export type AfterClose =
  /** Stop, and say why: trying again would end the same. */
  | "stop"
  /** Try again with backoff: counts as a failure. */
  | "backoff"
  /** Try again after the announced time: no failure. */
  | "later"
  /** Try again at once with the cursor: no failure. */
  | "at_once";

/** What a client does after a close with `code`. */
export function afterClose(code: number): AfterClose {
  switch (code) {
    case closeCode.normal:
    case closeCode.policy:
    case closeCode.tooBig:
    case closeCode.unauthenticated:
    case closeCode.forbidden:
      return "stop";
    case closeCode.restart:
    case closeCode.tryAgainLater:
      return "later";
    case closeCode.tooSlow:
      return "at_once";
    default:
      return "backoff";
  }
}
