/** The relay: it keeps the readings of agents and fans them out to viewers, over sockets, polls and to server-rendered pages. */
export { nameRefusal } from "./access/host.ts";
export { relayVariables } from "./configuration.ts";
export type {
  AgentState,
  CommandOutcome,
  HistoryState,
  InstrumentsDoor,
  ModuleState,
  Relay,
  RelayOptions,
  Viewer,
} from "./door.ts";
export type { EnvelopeQuery } from "./history/envelope.ts";
export type { Part, Readiness } from "./http/ready.ts";
export type { Failure, Outcome, Sender } from "./instrument/desk.ts";
export type { InstrumentKnowledge } from "./instrument/knowledge.ts";
export type { Trace, TracePlace } from "./instrument/traces.ts";
export { type ApiField, type ApiOperation, apiReference } from "./http/reference.ts";
export { createRelay } from "./relay.ts";
export type { Login } from "./access/session.ts";
export type { Limits } from "./limits.ts";
export { listenOrRefuse, serve } from "./serve.ts";
export { type Address, listen, type Listener } from "./wire/listener.ts";
