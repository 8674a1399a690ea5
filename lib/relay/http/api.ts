// The relay's paths, on Hono: what each of them answers stands in its own file.

import { Hono } from "hono";
import { cors } from "hono/cors";
import type { z } from "zod";
import { clientAddress, type Proxies } from "../access/address.ts";
import type { Agents } from "../ingest/agents.ts";
import { envelopeOf, envelopeResponse } from "../history/envelope.ts";
import { exportResponse } from "./export.ts";
import { asyncApi } from "./asyncapi.ts";
import { openApi } from "./openapi.ts";
import { Answers } from "./answers.ts";
import { bearer, type Gate } from "../access/gate.ts";
import type { Hub } from "../fanout/hub.ts";
import type { Keeper } from "../history/keeper.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { answerPoll, answerSnapshot } from "./poll.ts";
import { type Bindings, onlyMethods, shortBody } from "./paths.ts";
import { problemResponse } from "./problems.ts";
import { answerPublish } from "./publish.ts";
import {
  agentQuery,
  exportQuery,
  historyQuery,
  noQuery,
  parseQuery,
  powerQuery,
  readingsQuery,
  snapshotQuery,
  sweepQuery,
} from "./query.ts";
import { answerHealth, answerReady, type Readiness } from "./ready.ts";
import type { Endpoint } from "../sockets/endpoints.ts";
import { ChannelsHandler, type Switchboard } from "../sockets/switchboard.ts";
import { sameSecret } from "../access/secret.ts";
import {
  originAllowed,
  unauthenticated,
  type Upgrader,
  type UpgradeRequest,
  wrongOrigin,
} from "../sockets/upgrade.ts";
import { HealthHandler, PowerHandler, SweepHandler } from "../sockets/v2.ts";
import type { Logger } from "../../process/mod.ts";

/** The parts that the paths speak to. */
export interface Parts {
  readonly hub: Hub;
  readonly keeper: Keeper;
  readonly agents: Agents;
  readonly board: Switchboard;
  readonly gate: Gate;
  readonly upgrader: Upgrader;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly now: () => number;
  readonly agentToken: string;
  readonly proxies: Proxies;
  readonly readiness: () => Readiness;
  /** Aborted when the relay drains or closes. */
  readonly closing: AbortSignal;
  /** Answers the paths of the instrument. */
  readonly instrument: Hono<{ Bindings: Bindings }>;
}

/** As many requests may be under way from an address as it may have sockets, so many times over. */
const answersPerSocket = 4;

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
  const { hub, keeper, agents, board, gate, upgrader, metrics, now, closing, log } = parts;
  const app = new Hono<{ Bindings: Bindings }>();
  const health = new HealthHandler(() => upgrader.registry.activeStreams, now);
  const addressOf = (request: Request, { info }: Bindings) =>
    clientAddress(request.headers, info.remoteAddr, parts.proxies);

  // Pages of allowed origins poll as well.
  const shared = cors({ origin: [...upgrader.allowedOrigins], credentials: true, exposeHeaders: ["ETag"] });
  const answers = new Answers(answersPerSocket * upgrader.context.limits.maxPerAddress);
  app.use((context, next) => {
    // The answer of an upgrade must be left as it is, and the registry counts sockets.
    if (context.req.header("upgrade") !== undefined) return next();
    if (!answers.admit(addressOf(context.req.raw, context.env), context.env.info.completed)) {
      metrics.refused.add(1, { reason: "answers" });
      return Promise.resolve(tooManyAnswers());
    }
    return context.req.header("origin") === undefined ? next() : shared(context, next);
  });

  const methods = new Map<string, string>();
  const allow = (path: string, method: string) =>
    methods.set(path, methods.has(path) ? `${methods.get(path)}, ${method}` : method);

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
    allow(path, "GET");
  };

  const look: typeof get = (path, schema, answer) =>
    get(path, schema, (query, request, bindings) => {
      const holder = gate.admit(request);
      return typeof holder === "string" ? unauthenticated(holder) : answer(query, request, bindings);
    });

  const post = (
    path: string,
    answer: (request: Request, bindings: Bindings) => Response | Promise<Response>,
  ) => {
    allow(path, "POST");
    app.post(path, shortBody, (context) => {
      if (closing.aborted) return drainingResponse();
      const request = context.req.raw;
      if (!originAllowed(request, upgrader.allowedOrigins)) return wrongOrigin(request);
      const query = parseQuery(new URL(context.req.url), noQuery);
      return query instanceof Response ? query : answer(request, context.env);
    });
  };

  const socket = <T extends object>(
    path: string,
    schema: z.ZodType<T>,
    endpoint: Endpoint,
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
    handler: new PowerHandler(hub.stream(module), interval * 1000, since, board.power, board.channels),
  }));
  socket("/api/v1/ws/v2/health", noQuery, "health", () => ({ handler: health, often: true }));
  socket("/api/v1/ws/v2/sweep/progress", sweepQuery, "sweep", ({ station }) => ({
    handler: new SweepHandler(station, board.channels, now),
  }));
  socket("/ws", noQuery, "ws", () => ({ handler: new ChannelsHandler(board) }));
  socket(
    "/ws/updates",
    noQuery,
    "updates",
    () => ({ handler: new ChannelsHandler(board), dialect: "evented" }),
  );

  get("/api/v1/agent", agentQuery, ({ station }, request, bindings) => {
    const token = bearer(request.headers.get("authorization"));
    if (token === null || !sameSecret(token, parts.agentToken)) {
      log.warn("an agent was refused", {
        station,
        address: addressOf(request, bindings),
        reason: "wrong or no token",
      });
      return wrongAgentToken(metrics);
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

  look(
    "/api/v1/readings",
    readingsQuery,
    (query, request, bindings) =>
      answerPoll(
        {
          keeper,
          metrics,
          closing,
          lit: board.lit,
          seat: () => upgrader.seat(addressOf(request, bindings)),
          completed: bindings.info.completed,
        },
        hub.stream(query.module),
        query,
        request.headers.get("if-none-match"),
      ),
  );
  look("/api/v1/history", historyQuery, async (query) => envelopeResponse(await envelopeOf(keeper, query)));
  look("/api/v1/history.csv", exportQuery, (query) => exportResponse(keeper, query));
  look("/api/v1/detector/snapshot", snapshotQuery, ({ module }) => answerSnapshot(hub.stream(module)));
  look("/metrics", noQuery, () => metricsResponse(metrics));
  post("/api/v1/events/:channel{.+}", (request) => {
    const token = bearer(request.headers.get("authorization"));
    if (token === null || !sameSecret(token, parts.agentToken)) return wrongAgentToken(metrics);
    const channel = new URL(request.url).pathname.slice("/api/v1/events/".length);
    return answerPublish(board.channels, channel, request, now());
  });

  get("/api/v1/openapi.json", noQuery, () => Response.json(openApi()));
  get("/api/v1/asyncapi.json", noQuery, () => Response.json(asyncApi()));
  get("/health", noQuery, () => answerHealth());
  get("/ready", noQuery, () => answerReady(parts.readiness()));

  app.route("/", parts.instrument);

  for (const [path, allowed] of methods) onlyMethods(app, path, allowed);
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
    metrics.failures.add(1, { place: "http" });
    log.error("a request failed", { path: context.req.path, reason: error.stack ?? error.message });
    return problemResponse(500, { title: "The relay failed on this request" });
  });
  return app;
}

function tooManyAnswers(): Response {
  return problemResponse(503, {
    title: "Too many requests at once",
    detail: "This address has more answers on their way than it may have: read them before asking for more.",
    headers: { "retry-after": "1" },
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

/** The answer to every request while the relay drains. */
export function drainingResponse(): Response {
  return problemResponse(503, {
    title: "The relay is restarting",
    detail: "Come back with the same cursor.",
    headers: { "retry-after": "1" },
  });
}
