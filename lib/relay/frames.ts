// The relay's own messages as text. A reading's text is made once (see stream.ts) and shared by all who get it.

import type { Data, ErrorMessage, Fault, Missing } from "../protocol/mod.ts";

/** ISO 8601 in UTC. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** An `error` about a viewer's own message. */
export function errorFrame(
  code: string,
  message: string,
  nowMs: number,
  { recoverable = true }: { readonly recoverable?: boolean } = {},
): string {
  return text({ type: "error", message, timestamp: isoTime(nowMs), recoverable, error_count: 1, code });
}

/** An `error` about a module's stream. */
export function faultFrame(module: number, fault: Fault, nowMs: number): string {
  const { message, recoverable, error_count, code, source, since } = fault;
  return text({
    type: "error",
    message,
    timestamp: isoTime(nowMs),
    recoverable,
    error_count,
    code,
    module,
    source,
    since,
  });
}

/** A `replay`; the readings come as they were encoded before. */
export function replayFrame(module: number, readings: readonly Data[], missing: Missing | null): string {
  return JSON.stringify({
    type: "replay",
    module,
    readings,
    complete: missing === null,
    ...(missing === null ? {} : { missing }),
  });
}

/** The answer to `ping`. */
export function pongFrame(nowMs: number): string {
  return JSON.stringify({ type: "pong", timestamp: isoTime(nowMs) });
}

/** A `heartbeat`. */
export function heartbeatFrame(nowMs: number, activeStreams: number): string {
  return JSON.stringify({ type: "heartbeat", timestamp: isoTime(nowMs), active_streams: activeStreams });
}

/** A `reconnect`. */
export function reconnectFrame(reason: string, retryAfterS: number): string {
  return JSON.stringify({ type: "reconnect", reason, retry_after: retryAfterS });
}

function text(message: ErrorMessage): string {
  return JSON.stringify(message);
}
