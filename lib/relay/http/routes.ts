// The ways to put a path on the relay's application: what a request of each kind has to pass before it is answered. Which
// paths there are stands in api.ts.

import { Hono } from "hono";
import { cors } from "hono/cors";
import type { z } from "zod";
import { clientAddress, type Proxies } from "../access/address.ts";
import type { Gate } from "../access/gate.ts";
import type { Holder } from "../access/jwt.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Endpoint } from "../sockets/endpoints.ts";
import {
  originAllowed,
  unauthenticated,
  type Upgrader,
  type UpgradeRequest,
  wrongOrigin,
} from "../sockets/upgrade.ts";
import { Answers } from "./answers.ts";
import { type Bindings, onlyMethods, shortBody } from "./paths.ts";
import { problemResponse } from "./problems.ts";
import { noQuery, parseQuery } from "./query.ts";

/** What the kinds of paths need of the relay. */
export interface RoutesContext {
  readonly gate: Gate;
  readonly upgrader: Upgrader;
  readonly metrics: Metrics;
  readonly proxies: Proxies;
  /** Aborted when the relay drains or closes. */
  readonly closing: AbortSignal;
}

/** A request, and what came along with it. */
export interface Asked {
  readonly request: Request;
  readonly bindings: Bindings;
  /** Its client's. */
  readonly address: string;
}

type Answer = Response | Promise<Response>;

/** As many requests may be under way from an address as it may have sockets, so many times over. */
const answersPerSocket = 4;

/** The paths of an application, each with its kind. */
export class Routes {
  /** Where they are put. */
  readonly app = new Hono<{ Bindings: Bindings }>();
  readonly #context: RoutesContext;
  readonly #methods = new Map<string, string>();

  /** An application without a path: what every request has to pass stands before them. */
  constructor(context: RoutesContext) {
    this.#context = context;
    const { upgrader, metrics } = context;
    const answers = new Answers(answersPerSocket * upgrader.context.limits.maxPerAddress);
    // Pages of allowed origins poll as well.
    const shared = cors({
      origin: [...upgrader.allowedOrigins],
      credentials: true,
      exposeHeaders: ["ETag"],
    });
    this.app.use((context, next) => {
      // The answer of an upgrade must be left as it is, and the registry counts sockets.
      if (context.req.header("upgrade") !== undefined) return next();
      const { address } = this.#asked(context.req.raw, context.env);
      if (!answers.admit(address, context.env.info.completed)) {
        metrics.refused.add(1, { reason: "answers" });
        return Promise.resolve(tooManyAnswers());
      }
      return context.req.header("origin") === undefined ? next() : shared(context, next);
    });
  }

  /** Answers whoever asks. */
  get<T extends object>(
    path: string,
    schema: z.ZodType<T>,
    answer: (query: T, asked: Asked) => Answer,
  ): void {
    this.#allow(path, "GET");
    this.app.get(path, ({ req: { raw }, env }) => {
      if (this.#context.closing.aborted) return drainingResponse();
      const query = parseQuery(new URL(raw.url), schema);
      return query instanceof Response ? query : answer(query, this.#asked(raw, env));
    });
  }

  /** Answers viewers. */
  look<T extends object>(
    path: string,
    schema: z.ZodType<T>,
    answer: (query: T, asked: Asked, holder: Holder) => Answer,
  ): void {
    this.get(path, schema, (query, asked) => {
      const holder = this.#context.gate.admit(asked.request);
      return typeof holder === "string" ? unauthenticated(holder) : answer(query, asked, holder);
    });
  }

  /** Takes a short body from programs and from pages of allowed origins. */
  post(path: string, answer: (asked: Asked) => Answer): void {
    this.#allow(path, "POST");
    this.app.post(path, shortBody, ({ req: { raw }, env }) => {
      const { closing, upgrader } = this.#context;
      if (closing.aborted) return drainingResponse();
      if (!originAllowed(raw, upgrader.allowedOrigins)) return wrongOrigin(raw);
      const query = parseQuery(new URL(raw.url), noQuery);
      return query instanceof Response ? query : answer(this.#asked(raw, env));
    });
  }

  /** Opens a viewer's socket. */
  socket<T extends object>(
    path: string,
    schema: z.ZodType<T>,
    endpoint: Endpoint,
    serve: (query: T) => Pick<UpgradeRequest, "handler" | "dialect" | "often">,
  ): void {
    this.get(
      path,
      schema,
      (query, { request, address }) =>
        this.#context.upgrader.upgrade({ request, address, endpoint, party: "viewer", ...serve(query) }),
    );
  }

  /** Refuses the other methods of each path. Comes after all of them. */
  refuseOthers(): void {
    for (const [path, allowed] of this.#methods) onlyMethods(this.app, path, allowed);
  }

  #allow(path: string, method: string): void {
    const before = this.#methods.get(path);
    this.#methods.set(path, before === undefined ? method : `${before}, ${method}`);
  }

  #asked(request: Request, bindings: Bindings): Asked {
    const address = clientAddress(request.headers, bindings.info.remoteAddr, this.#context.proxies);
    return { request, bindings, address };
  }
}

function tooManyAnswers(): Response {
  return problemResponse(503, {
    title: "Too many requests at once",
    detail: "This address has more answers on their way than it may have: read them before asking for more.",
    headers: { "retry-after": "1" },
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
