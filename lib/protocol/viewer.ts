// Messages between the relay and its viewers, on sockets and in answers to polls.

import { z } from "zod";
import { cursorText, data, moduleNumber } from "./reading.ts";

/** ISO 8601 in UTC. */
export const isoTime = z.iso.datetime();

/** At most this many readings stand in one `replay` frame. */
export const replayFrameLimit = 500;

/** What a replay could not fill: cursors of the first and the last reading that are gone. */
export const missing = z.strictObject({
  from: cursorText,
  to: cursorText,
  reason: z.enum(["history_expired", "history_replaced"]),
});

/** The answer to a `since`: oldest first. `complete` is false only where `missing` says what could not be filled. */
export const replay = z.strictObject({
  type: z.literal("replay"),
  module: moduleNumber,
  readings: z.array(data).max(replayFrameLimit),
  complete: z.boolean(),
  missing: missing.optional(),
});

/** Sent every 30 s (10 s on the health socket). */
export const heartbeat = z.strictObject({
  type: z.literal("heartbeat"),
  timestamp: isoTime,
  active_streams: z.number().int().min(0),
});

/** The answer to `ping`. */
export const pong = z.strictObject({ type: z.literal("pong"), timestamp: isoTime });

/** Which part does not work: what a page names when it says what is wrong. */
export const faultSource = z.enum(["instrument", "agent", "relay"]);

/** What is wrong with a module's stream now, and since when. */
export const fault = z.strictObject({
  source: faultSource,
  code: z.string(),
  message: z.string(),
  recoverable: z.boolean(),
  error_count: z.number().int().min(1),
  since: isoTime,
});

/** An error of the stream or of the viewer's own message; only a stream's fault has `source` and `since`. */
export const error = z.strictObject({
  type: z.literal("error"),
  message: z.string(),
  timestamp: isoTime,
  recoverable: z.boolean(),
  error_count: z.number().int().min(1),
  code: z.string(),
  module: moduleNumber.optional(),
  source: faultSource.optional(),
  since: isoTime.optional(),
});

/** The relay is about to close with 1012: come back after `retry_after` seconds. */
export const reconnect = z.strictObject({
  type: z.literal("reconnect"),
  reason: z.string(),
  retry_after: z.number().min(0),
});

/** Which lasers shine, in words; empty: none that anybody knows of. */
export const lit = z.strictObject({ words: z.string() });

/** On the channel `lasers`, and to every viewer of a power stream: on opening where it is known, and at each change. */
export const lasers = z.strictObject({ type: z.literal("lasers"), data: lit, timestamp: isoTime });

/** Everything that the relay sends to a viewer of `/api/v1/ws/v2/*`. */
export const relayMessage = z.discriminatedUnion("type", [
  data,
  replay,
  heartbeat,
  pong,
  error,
  reconnect,
  lasers,
]);

/** What a viewer may send on `/api/v1/ws/v2/*`. */
export const viewerMessage = z.strictObject({ type: z.literal("ping"), timestamp: z.unknown().optional() });

/** The answer of `GET /api/v1/readings`. `cursor` goes into the next poll; null while the module has no stream. */
export const readingsPage = z.strictObject({
  readings: z.array(data),
  cursor: cursorText.nullable(),
  missing: missing.optional(),
  fault: fault.optional(),
  lasers: lit.optional(),
});

/** See {@linkcode missing}. */
export type Missing = z.infer<typeof missing>;
/** See {@linkcode replay}. */
export type Replay = z.infer<typeof replay>;
/** See {@linkcode heartbeat}. */
export type Heartbeat = z.infer<typeof heartbeat>;
/** See {@linkcode pong}. */
export type Pong = z.infer<typeof pong>;
/** See {@linkcode faultSource}. */
export type FaultSource = z.infer<typeof faultSource>;
/** See {@linkcode fault}. */
export type Fault = z.infer<typeof fault>;
/** See {@linkcode error}. */
export type ErrorMessage = z.infer<typeof error>;
/** See {@linkcode reconnect}. */
export type Reconnect = z.infer<typeof reconnect>;
/** See {@linkcode relayMessage}. */
export type RelayMessage = z.infer<typeof relayMessage>;
/** See {@linkcode readingsPage}. */
export type ReadingsPage = z.infer<typeof readingsPage>;
