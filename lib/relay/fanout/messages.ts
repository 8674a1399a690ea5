// The relay's own messages, from what it knows.

import type {
  Data,
  ErrorMessage,
  Fault,
  Heartbeat,
  Missing,
  Pong,
  Reconnect,
  Replay,
} from "../../protocol/mod.ts";
import { isoTime } from "./outgoing.ts";

/** An `error` about a viewer's or an agent's own message, the `count`-th in a row. */
export function refusal(
  code: string,
  message: string,
  count: number,
  nowMs: number,
  recoverable = true,
): ErrorMessage {
  return { type: "error", message, timestamp: isoTime(nowMs), recoverable, error_count: count, code };
}

/** An `error` about a module's stream. */
export function faultError(module: number, fault: Fault, nowMs: number): ErrorMessage {
  const { message, recoverable, error_count, code, source, since } = fault;
  return {
    type: "error",
    message,
    timestamp: isoTime(nowMs),
    recoverable,
    error_count,
    code,
    module,
    source,
    since,
  };
}

/** A `replay`. */
export function replayOf(module: number, readings: readonly Data[], missing: Missing | null): Replay {
  return {
    type: "replay",
    module,
    readings: [...readings],
    complete: missing === null,
    ...(missing === null ? {} : { missing }),
  };
}

/** The answer to `ping`. */
export function pong(nowMs: number): Pong {
  return { type: "pong", timestamp: isoTime(nowMs) };
}

/** A `heartbeat`. */
export function heartbeat(nowMs: number, activeStreams: number): Heartbeat {
  return { type: "heartbeat", timestamp: isoTime(nowMs), active_streams: activeStreams };
}

/** A `reconnect`. */
export function reconnect(reason: string, retryAfterS: number): Reconnect {
  return { type: "reconnect", reason, retry_after: retryAfterS };
}
