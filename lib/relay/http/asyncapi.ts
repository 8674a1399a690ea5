// The sockets as AsyncAPI 3, generated from the schemas that check them.

import { z } from "zod";
import {
  agentMessage,
  channelMessage,
  publications,
  relayMessage,
  subscribed,
  sweepProgress,
  update,
  updatesMessage,
  uplinkMessage,
  viewerMessage,
} from "../../protocol/mod.ts";
import { info, type Json, querySchema, schemaOf } from "./json_schema.ts";
import { agentQuery, noQuery, powerQuery, sweepQuery } from "./query.ts";

interface SocketDescription {
  readonly address: string;
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly sends: z.ZodType;
  readonly receives: z.ZodType;
}

const sockets: Readonly<Record<string, SocketDescription>> = {
  power: {
    address: "/api/v1/ws/v2/power",
    summary: "One module's readings, after what was missed since a cursor",
    query: powerQuery,
    sends: relayMessage,
    receives: viewerMessage,
  },
  health: {
    address: "/api/v1/ws/v2/health",
    summary: "Whether there is a connection",
    query: noQuery,
    sends: relayMessage,
    receives: z.union([z.literal("ping"), viewerMessage]),
  },
  sweep: {
    address: "/api/v1/ws/v2/sweep/progress",
    summary: "How far the sweep is",
    query: sweepQuery,
    sends: z.union([sweepProgress, relayMessage]),
    receives: viewerMessage,
  },
  channels: {
    address: "/ws",
    summary: "Many channels on one socket",
    query: noQuery,
    sends: z.union([relayMessage, subscribed, ...Object.values(publications)]),
    receives: channelMessage,
  },
  updates: {
    address: "/ws/updates",
    summary: "The same channels as {event, data, timestamp}",
    query: noQuery,
    sends: update,
    receives: updatesMessage,
  },
  agent: {
    address: "/api/v1/agent",
    summary: "An agent's uplink",
    query: agentQuery,
    sends: uplinkMessage,
    receives: agentMessage,
  },
};

/** The AsyncAPI 3 document of the sockets. */
export function asyncApi(): Json {
  const each = <T>(make: (name: string, socket: SocketDescription) => readonly (readonly [string, T])[]) =>
    Object.fromEntries(Object.entries(sockets).flatMap(([name, socket]) => make(name, socket)));
  const reference = (name: string, direction: string) => ({
    channel: { $ref: `#/channels/${name}` },
    messages: [{ $ref: `#/channels/${name}/messages/${direction}` }],
  });
  return {
    asyncapi: "3.0.0",
    info,
    channels: each((name, { address, summary, query, sends, receives }) => [[name, {
      address,
      summary,
      bindings: { ws: { method: "GET", query: querySchema(query) } },
      messages: {
        fromRelay: { payload: schemaOf(sends, "output") },
        toRelay: { payload: schemaOf(receives, "input") },
      },
    }]]),
    operations: each((name) => [
      [`${name}Send`, { action: "send", ...reference(name, "fromRelay") }],
      [`${name}Receive`, { action: "receive", ...reference(name, "toRelay") }],
    ]),
  };
}

/** The sockets in words, for the page that shows them. */
export const socketList: readonly Pick<SocketDescription, "address" | "summary" | "query">[] = Object.values(
  sockets,
);
