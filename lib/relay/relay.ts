// Puts the relay's parts together, and takes them apart again in the right order.

import { closeCode, formatCursor } from "../protocol/mod.ts";
import { clientAddress, isSecure, Proxies } from "./access/address.ts";
import { Agents } from "./ingest/agents.ts";
import { createApi, ownsPath } from "./http/api.ts";
import { Channels } from "./fanout/channels.ts";
import type { ConnectionContext } from "./sockets/connection.ts";
import type { ModuleState, Relay, RelayOptions } from "./door.ts";
import { drainSlots } from "./sockets/drain.ts";
import { reconnect } from "./fanout/messages.ts";
import { envelopeOf } from "./history/envelope.ts";
import { Gate } from "./access/gate.ts";
import { Hub } from "./fanout/hub.ts";
import { createInstrumentApi } from "./instrument/api.ts";
import { Desk } from "./instrument/desk.ts";
import { Instruments } from "./instrument/knowledge.ts";
import { Traces } from "./instrument/traces.ts";
import { Keeper } from "./history/keeper.ts";
import { defaultLimits } from "./limits.ts";
import { Metrics } from "./metrics/metrics.ts";
import type { PowerSubscription } from "./fanout/power.ts";
import { type Readiness, readinessOf } from "./http/ready.ts";
import { drainingResponse } from "./http/routes.ts";
import { Registry } from "./sockets/registry.ts";
import { Replayer } from "./fanout/replayer.ts";
import { logIn, logOut } from "./access/session.ts";
import { StatusReporter } from "./fanout/status.ts";
import { hideTokensInSpans } from "./metrics/telemetry.ts";
import { observe } from "./metrics/observe.ts";
import { originAllowed, Upgrader } from "./sockets/upgrade.ts";
import { startUpkeep } from "./upkeep.ts";

const recentAtMost = 10_000;

/**
 * Starts a relay: it opens the history, and runs until {@linkcode Relay.close}.
 * @throws {ConfigurationError} when another process has the history open; its line names the folder.
 */
export function createRelay(options: RelayOptions): Relay {
  hideTokensInSpans();
  const { log, now = Date.now } = options;
  const proxies = new Proxies(options.trustProxy ?? []);
  const ageMs = options.historyHours * 3600 * 1000;
  const startedMs = now();
  const limits = { ...defaultLimits, ...options.limits };
  const metrics = new Metrics();
  const keeper = new Keeper(options.dataDir, log, now);
  const hub = new Hub(keeper, metrics, now);
  const registry = new Registry(limits, now);
  const channels = new Channels(metrics, now);
  const instruments = new Instruments((channel, message) => channels.tell(channel, message));
  const agents = new Agents(hub, keeper, instruments, metrics, now);
  const replayer = new Replayer(keeper, now);
  const behind = new Set<PowerSubscription>();
  const context: ConnectionContext = {
    limits,
    metrics,
    log,
    now,
    release: (connection) => registry.remove(connection),
    free: (connection) => registry.free(connection),
  };
  const gate = new Gate(options.viewerSecret, metrics, now);
  const upgrader = new Upgrader(context, registry, gate, options.allowedOrigins ?? []);
  const closing = new AbortController();
  const desk = new Desk({
    agents,
    hub,
    gate,
    tokens: options.viewerSecret !== undefined,
    allowedOrigins: options.allowedOrigins ?? [],
    proxies,
    log,
  });
  const traces = new Traces(desk, instruments, now, closing.signal);

  const readiness = (): Readiness =>
    readinessOf({
      draining: closing.signal.aborted,
      viewers: registry.activeStreams,
      history: keeper.state(),
      agents: agents.states(),
      faults: hub.streams.filter((stream) => stream.station !== null).map((stream) => stream.fault),
    });
  const status = new StatusReporter(
    { readiness, agents: () => agents.states(), activeStreams: () => registry.activeStreams, metrics },
    channels,
    log,
    startedMs,
  );
  observe(metrics, { registry, keeper, agents });

  const upkeep = startUpkeep({
    hub,
    keeper,
    agents,
    registry,
    behind,
    instruments,
    status,
    limits,
    metrics,
    log,
    ageMs,
    now,
  });

  const api = createApi({
    hub,
    keeper,
    agents,
    board: {
      channels,
      hub,
      power: { replayer, limits, metrics, now, behind },
      lit: () => instruments.told,
    },
    gate,
    upgrader,
    metrics,
    log,
    now,
    agentToken: options.agentToken,
    proxies,
    readiness,
    closing: closing.signal,
    instrument: createInstrumentApi({ desk, instruments, traces, now }),
  });

  let closed: Promise<void> | null = null;
  const close = (code: number, reason: string): Promise<void> => closed ??= shutDown(code, reason);
  const shutDown = async (code: number, reason: string): Promise<void> => {
    closing.abort();
    upkeep.stop();
    registry.close();
    replayer.close();
    // viewers first: to those that are still there, an agent's end is a fault
    const connections = registry.connections()
      .toSorted((a, b) => Number(a.party === "agent") - Number(b.party === "agent"));
    for (const connection of connections) connection.close(code, reason);
    keeper.close();
    await within(
      options.drainSeconds * 1000,
      Promise.all(connections.map((connection) => connection.closed)),
    );
  };

  return {
    fetch: (request, info) => closed ? drainingResponse() : api.fetch(request, { info }),
    owns: (pathname) => closed !== null || ownsPath(pathname),
    modules: () => moduleStates(hub, keeper),
    recent: (module, sinceMs) =>
      keeper.use((history) => history.recent(module, sinceMs / 1000, recentAtMost)),
    envelope: (query) => envelopeOf(keeper, query),
    agents: () => agents.states(),
    parts: readiness,
    activeStreams: () => registry.activeStreams,
    startedMs,
    history: () => keeper.state(),
    viewer: (request) => {
      const holder = gate.admitToPage(request);
      return typeof holder === "string" ? null : holder;
    },
    isOwnPage: (request) => originAllowed(request, options.allowedOrigins ?? []),
    logIn: (token, request, info) => {
      const login = logIn(token, gate, now(), isSecure(request, info, proxies));
      if ("refusal" in login) {
        const address = clientAddress(request.headers, info.remoteAddr, proxies);
        log.warn("a login was refused", { address, reason: login.refusal });
      }
      return login;
    },
    logOut: (request, info) => logOut(isSecure(request, info, proxies)),
    publish: (channel, message) => channels.publish(channel, message),
    command: (station, name, params, timeoutMs) => agents.command(station, name, params, timeoutMs),
    instruments: {
      all: () => instruments.all(now()),
      lit: () => instruments.lit(now()),
      station: (named, module) => desk.station(named, module),
      roleRefusal: (sender) => desk.roleRefusal(sender),
      ask: (station, name, params) => desk.ask(station, name, params),
      change: (sender, station, name, params) => desk.change(sender, station, name, params),
      trace: (station, place) => traces.get(station, place),
    },
    drain: (reason) => {
      if (closed) return closed;
      for (const [connection, retryAfterS] of drainSlots(registry.connections())) {
        connection.say(reconnect(reason, retryAfterS));
      }
      return close(closeCode.restart, reason);
    },
    close: () => close(closeCode.goingAway, "the relay closes"),
    [Symbol.asyncDispose]: () => close(closeCode.goingAway, "the relay closes"),
  };
}

function moduleStates(hub: Hub, keeper: Keeper): ModuleState[] {
  return hub.streams.filter((stream) => stream.newest !== null || stream.station !== null).map((stream) => ({
    module: stream.module,
    station: stream.station,
    newest: stream.newest,
    fault: stream.fault,
    cursor: keeper.use((history) => {
      const extent = history.extent(stream.module);
      return extent && formatCursor({ epoch: history.epoch, seq: extent.last });
    }),
  }));
}

/** Waits for `work`, but no longer than `limitMs`. */
async function within(limitMs: number, work: Promise<unknown>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, limitMs);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}
