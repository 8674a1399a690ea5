// The relay's paths, on Hono: what each of them answers stands in its own file, what each kind has to pass in routes.ts.

import type { Hono } from "hono";
import { bearer } from "../access/gate.ts";
import { sameSecret } from "../access/secret.ts";
import type { Hub } from "../fanout/hub.ts";
import { envelopeOf, envelopeResponse } from "../history/envelope.ts";
import type { Keeper } from "../history/keeper.ts";
import type { Agents } from "../ingest/agents.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { ChannelsHandler, type Switchboard } from "../sockets/switchboard.ts";
import { HealthHandler, PowerHandler, SweepHandler } from "../sockets/v2.ts";
import type { Logger } from "../../process/mod.ts";
import { asyncApi } from "./asyncapi.ts";
import { exportResponse } from "./export.ts";
import { openApi } from "./openapi.ts";
import type { Bindings } from "./paths.ts";
import { answerPoll, answerSnapshot } from "./poll.ts";
import { problemResponse } from "./problems.ts";
import { answerPublish } from "./publish.ts";
import {
  agentQuery,
  exportQuery,
  historyQuery,
  noQuery,
  powerQuery,
  readingsQuery,
  snapshotQuery,
  sweepQuery,
} from "./query.ts";
import { answerHealth, answerReady, type Readiness } from "./ready.ts";
import { Routes, type RoutesContext } from "./routes.ts";

/** The parts that the paths speak to. */
export interface Parts extends RoutesContext {
  readonly hub: Hub;
  readonly keeper: Keeper;
  readonly agents: Agents;
  readonly board: Switchboard;
  readonly log: Logger;
  readonly now: () => number;
  readonly agentToken: string;
  readonly readiness: () => Readiness;
  /** Answers the paths of the instrument. */
  readonly instrument: Hono<{ Bindings: Bindings }>;
}

const ownPaths: ReadonlySet<string> = new Set([
  "/ws",
  "/ws/updates",
  "/health",
  "/ready",
  "/metrics",
]);

/** Whether a path is the relay's. */
export function ownsPath(pathname: string): boolean {
  return ownPaths.has(pathname) || pathname.startsWith("/api/v1/");
}

/** The application. */
export function createApi(parts: Parts): Hono<{ Bindings: Bindings }> {
  const routes = new Routes(parts);
  putSockets(routes, parts);
  putReadings(routes, parts);
  putAgents(routes, parts);
  routes.look("/metrics", noQuery, () => metricsResponse(parts.metrics));
  routes.get("/api/v1/openapi.json", noQuery, () => Response.json(openApi()));
  routes.get("/api/v1/asyncapi.json", noQuery, () => Response.json(asyncApi()));
  routes.get("/health", noQuery, () => answerHealth());
  routes.get("/ready", noQuery, () => answerReady(parts.readiness()));

  const { app } = routes;
  app.route("/", parts.instrument);
  routes.refuseOthers();
  app.notFound((context) =>
    problemResponse(404, {
      title: "There is nothing here",
      detail: `The relay has no path ${context.req.path}.`,
    })
  );
  app.onError((error, context) => {
    if ("code" in error && error.code === "ECONNRESET") {
      return problemResponse(400, { title: "The request broke off" });
    }
    parts.metrics.failures.add(1, { place: "http" });
    parts.log.error("a request failed", { path: context.req.path, reason: error.stack ?? error.message });
    return problemResponse(500, { title: "The relay failed on this request" });
  });
  return app;
}

function putSockets(routes: Routes, { hub, board, upgrader, now }: Parts): void {
  const health = new HealthHandler(() => upgrader.registry.activeStreams, now);
  routes.socket("/api/v1/ws/v2/power", powerQuery, "power", ({ module, interval, since }) => ({
    handler: new PowerHandler(hub.stream(module), interval * 1000, since, board.power, board.channels),
  }));
  routes.socket("/api/v1/ws/v2/health", noQuery, "health", () => ({ handler: health, often: true }));
  routes.socket("/api/v1/ws/v2/sweep/progress", sweepQuery, "sweep", ({ station }) => ({
    handler: new SweepHandler(station, board.channels, now),
  }));
  routes.socket("/ws", noQuery, "ws", () => ({ handler: new ChannelsHandler(board) }));
  routes.socket(
    "/ws/updates",
    noQuery,
    "updates",
    () => ({ handler: new ChannelsHandler(board), dialect: "evented" }),
  );
}

function putReadings(routes: Routes, { hub, keeper, metrics, closing, board, upgrader, now }: Parts): void {
  routes.look(
    "/api/v1/readings",
    readingsQuery,
    (query, { request, bindings, address }, { expiresMs }) =>
      answerPoll(
        {
          keeper,
          metrics,
          closing,
          lit: board.lit,
          seat: () => upgrader.seat(address),
          completed: bindings.info.completed,
          allowedMs: expiresMs - now(),
        },
        hub.stream(query.module),
        query,
        request.headers.get("if-none-match"),
      ),
  );
  routes.look(
    "/api/v1/history",
    historyQuery,
    async (query) => envelopeResponse(await envelopeOf(keeper, query)),
  );
  routes.look("/api/v1/history.csv", exportQuery, (query) => exportResponse(keeper, query));
  routes.look(
    "/api/v1/detector/snapshot",
    snapshotQuery,
    ({ module }) => answerSnapshot(hub.stream(module)),
  );
}

function putAgents(routes: Routes, { agents, agentToken, board, upgrader, metrics, log, now }: Parts): void {
  const isAgents = ({ headers }: Request) => {
    const token = bearer(headers.get("authorization"));
    return token !== null && sameSecret(token, agentToken);
  };
  routes.get("/api/v1/agent", agentQuery, ({ station }, { request, address }) => {
    if (!isAgents(request)) {
      log.warn("an agent was refused", { station, address, reason: "wrong or no token" });
      return wrongAgentToken(metrics);
    }
    return upgrader.upgrade({
      request,
      address,
      endpoint: "agent",
      party: "agent",
      handler: agents,
      prepare: (connection) => agents.expect(connection, station),
    });
  });
  routes.post("/api/v1/events/:channel{.+}", ({ request }) => {
    if (!isAgents(request)) return wrongAgentToken(metrics);
    const channel = new URL(request.url).pathname.slice("/api/v1/events/".length);
    return answerPublish(board.channels, channel, request, now());
  });
}

function wrongAgentToken(metrics: Metrics): Response {
  metrics.refused.add(1, { reason: "agent_token" });
  return problemResponse(401, {
    title: "The agent's token is needed",
    detail: "Send Authorization: Bearer <AGENT_TOKEN>, the same token that the relay was started with.",
    headers: { "www-authenticate": "Bearer" },
  });
}

function metricsResponse(metrics: Metrics): Response {
  return new Response(metrics.text(), {
    headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8", "cache-control": "no-store" },
  });
}
