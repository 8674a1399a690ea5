// The limits and periods of protocol.md, by name. Not here: what each of them does.

/** Every limit and period of the relay. Lengths are in bytes, times in milliseconds. */
export interface Limits {
  /** Sockets of viewers in all. */
  readonly maxViewers: number;
  /** Sockets of viewers from one address. */
  readonly maxPerAddress: number;
  /** A longer message closes its socket with 1009. */
  readonly messageLength: number;
  /** More messages than this in {@linkcode Limits.messageWindowMs} close a viewer's socket with 1008. */
  readonly messagesPerWindow: number;
  /** See {@linkcode Limits.messagesPerWindow}. */
  readonly messageWindowMs: number;
  /** A viewer whose send queue is longer than this many bytes gets conflated readings. */
  readonly conflateBytes: number;
  /** A viewer whose send queue is longer than this many bytes is closed with 4008. */
  readonly tooSlowBytes: number;
  /** A viewer that was conflated for this long is closed with 4008. */
  readonly tooSlowMs: number;
  /** Period of `heartbeat` on every socket; a third of it on the health socket. */
  readonly heartbeatMs: number;
  /** A socket that sent nothing for this long, not even a pong, is closed. */
  readonly idleMs: number;
  /** An agent that is connected but says nothing about a module for this long is called silent. */
  readonly silenceMs: number;
  /** Period in which a fault that nobody else repeats is repeated to viewers. */
  readonly faultRepeatMs: number;
}

/** The values of protocol.md. */
export const defaultLimits: Limits = {
  maxViewers: 10_000,
  maxPerAddress: 64,
  messageLength: 16 * 1024,
  messagesPerWindow: 50,
  messageWindowMs: 10_000,
  conflateBytes: 64 * 1024,
  tooSlowBytes: 1024 * 1024,
  tooSlowMs: 30_000,
  heartbeatMs: 30_000,
  idleMs: 90_000,
  silenceMs: 3_000,
  faultRepeatMs: 1_000,
};
