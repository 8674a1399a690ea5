// Messages between an agent and the relay, on `/api/v1/agent`.

import { z } from "zod";
import { commandFault, instrument } from "./commands.ts";
import { latestSequence } from "./cursor.ts";
import { moduleNumber, reading } from "./reading.ts";
import { error, heartbeat, pong, reconnect } from "./viewer.ts";

/** At most this many readings stand in one `readings` message, which keeps it under the frame limit. */
export const uplinkFrameLimit = 50;

/** A station's name: what a person calls the bench that the agent stands on. */
export const station = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "is not a station's name (a-z, 0-9, -)");

/** A random id of one run of the agent. */
export const boot = z.string().regex(/^[0-9a-z]{8,32}$/, "is not a boot id");

const sequence = z.number().int().min(1).max(latestSequence);

/** The detector modules that an agent reads. */
export const modules = z.array(moduleNumber).min(1, "names no module").max(20)
  .refine((modules) => new Set(modules).size === modules.length, "names a module twice");

/** First message of an agent. `identity`: the instrument's `*IDN?` text, null while it has not answered. */
export const hello = z.strictObject({
  type: z.literal("hello"),
  station,
  boot,
  identity: z.string().max(256).nullable(),
  modules,
});

/** Readings with the sequence numbers `first`, `first + 1`, …: one count for all modules of a boot, from 1. */
export const readings = z.strictObject({
  type: z.literal("readings"),
  boot,
  first: sequence,
  items: z.array(reading).min(1).max(uplinkFrameLimit),
});

/** Sent about once a second while the meter cannot be read. */
export const agentFault = z.strictObject({
  type: z.literal("fault"),
  source: z.enum(["instrument", "agent"]),
  message: z.string().max(500),
  recoverable: z.boolean(),
});

/** The fault is over; `identity` as in `hello`. */
export const recovered = z.strictObject({
  type: z.literal("recovered"),
  identity: z.string().max(256).nullable().optional(),
});

/** A problem as RFC 9457 has it, less what only HTTP needs. */
export const commandProblem = z.strictObject({
  title: z.string(),
  detail: z.string().optional(),
  code: commandFault.optional(),
});

/** The answer to a `command`. */
export const result = z.discriminatedUnion("ok", [
  z.strictObject({ type: z.literal("result"), id: z.string(), ok: z.literal(true), value: z.unknown() }),
  z.strictObject({
    type: z.literal("result"),
    id: z.string(),
    ok: z.literal(false),
    problem: commandProblem,
  }),
]);

/** Everything that an agent sends. */
export const agentMessage = z.discriminatedUnion("type", [
  hello,
  readings,
  agentFault,
  recovered,
  instrument,
  z.strictObject({ type: z.literal("ping") }),
  result,
]);

/** The relay's answer to `hello`: the last sequence number stored for that boot, or null. */
export const welcome = z.strictObject({ type: z.literal("welcome"), through: sequence.nullable() });

/** Everything up to `through` is stored: the agent may forget it. */
export const ack = z.strictObject({ type: z.literal("ack"), boot, through: sequence });

/** Something for the agent to do with the instrument. */
export const command = z.strictObject({
  type: z.literal("command"),
  id: z.string(),
  name: z.string(),
  params: z.record(z.string(), z.unknown()),
});

/** Everything that the relay sends to an agent. */
export const uplinkMessage = z.discriminatedUnion("type", [
  welcome,
  ack,
  command,
  heartbeat,
  pong,
  error,
  reconnect,
]);

/** See {@linkcode hello}. */
export type Hello = z.infer<typeof hello>;
/** See {@linkcode readings}. */
export type Readings = z.infer<typeof readings>;
/** See {@linkcode agentMessage}. */
export type AgentMessage = z.infer<typeof agentMessage>;
/** See {@linkcode welcome}. */
export type Welcome = z.infer<typeof welcome>;
/** See {@linkcode ack}. */
export type Ack = z.infer<typeof ack>;
/** See {@linkcode command}. */
export type Command = z.infer<typeof command>;
/** See {@linkcode result}. */
export type Result = z.infer<typeof result>;
