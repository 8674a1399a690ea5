// What is published on channels other than `power/<module>`: by the relay, by agents and by other programs.

import { z } from "zod";
import { isoTime, lasers } from "./viewer.ts";

const anything = z.record(z.string(), z.unknown());

/** On `events`: something happened to an event; `event_update` is the name that older clients know. */
export const eventMessage = z.strictObject({
  type: z.enum(["event_created", "event_updated", "event_update", "event_deleted"]),
  data: z.looseObject({ id: z.union([z.string(), z.number()]) }),
  timestamp: isoTime,
});

/** On `metrics`: figures for a dashboard. */
export const metricsUpdate = z.strictObject({
  type: z.literal("metrics_update"),
  data: z.record(z.string(), z.number()),
  timestamp: isoTime,
});

const characteristicId = z.number().int().min(1);

/** On `characteristic/<id>`: a sample was taken. */
export const sample = z.strictObject({
  type: z.literal("sample"),
  payload: z.looseObject({
    sample_id: z.number().int(),
    characteristic_id: characteristicId,
    timestamp: isoTime,
    value: z.number(),
    zone: z.string(),
    in_control: z.boolean(),
  }),
});

/** On `characteristic/<id>`: a rule was broken. */
export const violation = z.strictObject({
  type: z.literal("violation"),
  payload: z.looseObject({
    violation_id: z.number().int(),
    characteristic_id: characteristicId,
    sample_id: z.number().int(),
    rule_id: z.number().int(),
    rule_name: z.string(),
    severity: z.string(),
  }),
});

/** On `characteristic/<id>`: somebody has seen a violation. */
export const ackUpdate = z.strictObject({
  type: z.literal("ack_update"),
  payload: z.looseObject({
    violation_id: z.number().int(),
    characteristic_id: characteristicId,
    acknowledged: z.boolean(),
    ack_user: z.string(),
    ack_reason: z.string(),
  }),
});

/**
 * On `sweep`: how far a sweep is. Percent of the range; `eta_s` in seconds; null where there is none. `unknown`: it ran
 * when the instrument was last heard.
 */
export const sweepProgress = z.strictObject({
  type: z.literal("sweep_progress"),
  data: z.strictObject({
    state: z.enum(["idle", "running", "done", "aborted", "failed", "unknown"]),
    wavelength_nm: z.number().positive().nullable(),
    percent: z.number().min(0).max(100),
    started_at: isoTime.nullable(),
    eta_s: z.number().min(0).nullable(),
  }),
  timestamp: isoTime,
});

/** How a part of the system is. */
export const health = z.strictObject({
  status: z.enum(["healthy", "unhealthy"]),
  detail: z.string().optional(),
});

/** On `services:health`: each part by name. */
export const servicesHealth = z.strictObject({
  type: z.literal("services:health"),
  data: z.record(z.string(), health),
  timestamp: isoTime,
});

/** On `stations:status`: each agent by station; how long a reading takes from its clock to the relay's history. */
export const stationsStatus = z.strictObject({
  type: z.literal("stations:status"),
  data: z.record(
    z.string(),
    z.strictObject({ status: z.enum(["online", "offline"]), response_time_ms: z.number().nullable() }),
  ),
  timestamp: isoTime,
});

/** On `signals:detected`: an agent or another program saw something. */
export const signalsDetected = z.strictObject({
  type: z.literal("signals:detected"),
  data: anything,
  timestamp: isoTime,
});

/** The channels whose messages have a schema, by name; `characteristic` stands for every `characteristic/<id>`. */
export const publications = {
  events: eventMessage,
  metrics: metricsUpdate,
  "services:health": servicesHealth,
  "stations:status": stationsStatus,
  "signals:detected": signalsDetected,
  sweep: sweepProgress,
  lasers,
  characteristic: z.discriminatedUnion("type", [sample, violation, ackUpdate]),
} as const;

/** Channels that this system does not know, but carries: `<who>:<what>`. */
export const otherChannel = /^[a-z][a-z0-9_-]{0,30}:[a-z][a-z0-9:_-]{0,31}$/;

/** On any other channel: the channel's name as the type. */
export const otherPublication = z.strictObject({
  type: z.templateLiteral([z.string(), ":", z.string()]).check(z.regex(otherChannel)),
  data: anything,
  timestamp: isoTime,
});

/** See {@linkcode sweepProgress}. */
export type SweepProgress = z.infer<typeof sweepProgress>;
/** See {@linkcode servicesHealth}. */
export type ServicesHealth = z.infer<typeof servicesHealth>;
/** See {@linkcode stationsStatus}. */
export type StationsStatus = z.infer<typeof stationsStatus>;
/** A message of a channel other than `power/<module>`. */
export type Publication =
  | z.infer<typeof publications[keyof typeof publications]>
  | z.infer<typeof otherPublication>;
