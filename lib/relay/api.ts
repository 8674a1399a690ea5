// The relay's paths, on Hono: what each of them answers stands in its own file.

import { Hono } from "hono";
import type { z } from "zod";
import { clientAddress } from "./address.ts";
import type { Agents } from "./agents.ts";
import type { Hub } from "./hub.ts";
import type { Keeper } from "./keeper.ts";
import type { Metrics } from "./metrics.ts";
import { answerPoll, answerSnapshot } from "./poll.ts";
import { problemResponse } from "./problems.ts";
import { agentQuery, noQuery, parseQuery, powerQuery, readingsQuery, snapshotQuery } from "./query.ts";
import { answerHealth, answerReady, type Readiness } from "./ready.ts";
import { ChannelsHandler, type Switchboard } from "./switchboard.ts";
import { sameSecret } from "./secret.ts";
import type { Upgrader, UpgradeRequest } from "./upgrade.ts";
import { HealthHandler, PowerHandler, SweepHandler } from "./v2.ts";
import type { Logger } from "../process/mod.ts";

/** The parts that the paths speak to. */
export interface Parts {
  readonly hub: Hub;
  readonly keeper: Keeper;
  readonly agents: Agents;
  readonly board: Switchboard;
  readonly upgrader: Upgrader;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => number;
  readonly agentToken: string;
  readonly trustProxy: readonly string[];
  readonly readiness: () => Readiness;
  /** Aborted when the relay drains or closes. */
  readonly closing: AbortSignal;
}

/** What a request brings along. */
export interface Bindings {
  readonly info: Deno.ServeHandlerInfo;
}

const ownPaths: ReadonlySet<string> = new Set(["/ws", "/ws/updates", "/health", "/ready", "/metrics"]);

/** Whether a path is the relay's. */
export function ownsPath(pathname: string): boolean {
  return ownPaths.has(pathname) || pathname.startsWith("/api/v1/");
}

/** The application. */
export function createApi(parts: Parts): Hono<{ Bindings: Bindings }> {
  const { hub, keeper, agents, board, upgrader, metrics, now, closing, log } = parts;
  const app = new Hono<{ Bindings: Bindings }>();
  const health = new HealthHandler(() => upgrader.registry.activeStreams, now);
  const addressOf = (request: Request, { info }: Bindings) =>
    clientAddress(request.headers, info.remoteAddr, parts.trustProxy);

  const get = <T extends object>(
    path: string,
    schema: z.ZodType<T>,
    answer: (query: T, request: Request, bindings: Bindings) => Response | Promise<Response>,
  ) => {
    app.get(path, (context) => {
      if (closing.aborted) return drainingResponse();
      const query = parseQuery(new URL(context.req.url), schema);
      return query instanceof Response ? query : answer(query, context.req.raw, context.env);
    });
    app.all(
      path,
      () => problemResponse(405, { title: "This path answers GET only", headers: { allow: "GET, HEAD" } }),
    );
  };

  const socket = <T extends object>(
    path: string,
    schema: z.ZodType<T>,
    endpoint: string,
    serve: (query: T) => Pick<UpgradeRequest, "handler" | "dialect" | "often">,
  ) =>
    get(path, schema, (query, request, bindings) =>
      upgrader.upgrade({
        request,
        address: addressOf(request, bindings),
        endpoint,
        party: "viewer",
        ...serve(query),
      }));

  socket("/api/v1/ws/v2/power", powerQuery, "power", ({ module, interval, since }) => ({
    handler: new PowerHandler(hub.stream(module), interval * 1000, since, board.power),
  }));
  socket("/api/v1/ws/v2/health", noQuery, "health", () => ({ handler: health, often: true }));
  socket("/api/v1/ws/v2/sweep/progress", noQuery, "sweep", () => ({
    handler: new SweepHandler(board.channels, now),
  }));
  socket("/ws", noQuery, "ws", () => ({ handler: new ChannelsHandler(board) }));
  socket(
    "/ws/updates",
    noQuery,
    "updates",
    () => ({ handler: new ChannelsHandler(board), dialect: "evented" }),
  );

  get("/api/v1/agent", agentQuery, ({ station }, request, bindings) => {
    const token = /^Bearer (.+)$/i.exec(request.headers.get("authorization") ?? "")?.[1];
    if (token === undefined || !sameSecret(token, parts.agentToken)) {
      metrics.refused.add(1, { reason: "agent_token" });
      log.warn("an agent was refused", {
        station,
        address: addressOf(request, bindings),
        reason: "wrong or no token",
      });
      return problemResponse(401, {
        title: "An agent must bring its token",
        detail: "Send Authorization: Bearer <AGENT_TOKEN>, the same token that the relay was started with.",
        headers: { "www-authenticate": "Bearer" },
      });
    }
    return upgrader.upgrade({
      request,
      address: addressOf(request, bindings),
      endpoint: "agent",
      party: "agent",
      handler: agents,
      prepare: (connection) => agents.expect(connection, station),
    });
  });

  get(
    "/api/v1/readings",
    readingsQuery,
    (query, request) =>
      answerPoll(keeper, hub.stream(query.module), query, request.headers.get("if-none-match"), closing),
  );
  get("/api/v1/detector/snapshot", snapshotQuery, ({ module }) => answerSnapshot(hub.stream(module)));
  get("/health", noQuery, () => answerHealth());
  app.get("/ready", () => answerReady(parts.readiness()));

  app.notFound((context) =>
    problemResponse(404, {
      title: "There is nothing here",
      detail: `The relay has no path ${context.req.path}.`,
    })
  );
  app.onError((error, context) => {
    metrics.failures.add(1, { place: "http" });
    log.error("a request failed", { path: context.req.path, reason: error.stack ?? error.message });
    return problemResponse(500, { title: "The relay failed on this request" });
  });
  return app;
}

/** The answer to every request while the relay drains. */
export function drainingResponse(): Response {
  return problemResponse(503, {
    title: "The relay is restarting",
    detail: "Come back with the same cursor.",
    headers: { "retry-after": "1" },
  });
}
