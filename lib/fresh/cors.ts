/**
 * Lets the pages of other sites read what this one answers, as browsers ask it to say (the Fetch standard's "CORS protocol").
 * Protects nothing by itself: csrf.ts does.
 */
import type { Context } from "./context.ts";
import type { Middleware } from "./handlers.ts";

/** Settings of {@linkcode cors}. */
export interface CORSOptions<State> {
  /** The origins that may read: all ("*"), some, or what a function answers for one; null is none. */
  readonly origin:
    | string
    | readonly string[]
    | ((origin: string, ctx: Context<State>) => string | null | undefined);
  /** The methods that they may use. */
  readonly allowMethods?: readonly string[];
  /** The headers that they may send; by default those that they ask for. */
  readonly allowHeaders?: readonly string[];
  /** The headers of answers that they may read besides the usual ones. */
  readonly exposeHeaders?: readonly string[];
  /** Seconds for which a browser may keep what it was told. */
  readonly maxAge?: number;
  /** Whether cookies may come along. */
  readonly credentials?: boolean;
}

/** Middleware that answers OPTIONS, and sets the headers of every other response. */
export function cors<State>(options: CORSOptions<State> = { origin: "*" }): Middleware<State> {
  const { origin, allowMethods = ["GET", "HEAD", "PUT", "POST", "DELETE", "PATCH"], allowHeaders = [] } =
    options;
  const { exposeHeaders = [], maxAge, credentials = false } = options;

  const allowed = (ctx: Context<State>): string | null => {
    const asking = ctx.req.headers.get("Origin") ?? "";
    if (typeof origin === "function") return origin(asking, ctx) ?? null;
    if (origin === "*") return "*";
    return (typeof origin === "string" ? origin === asking : origin.includes(asking)) ? asking : null;
  };
  const describe = (headers: Headers, ctx: Context<State>): void => {
    const one = allowed(ctx);
    if (one !== null) headers.set("Access-Control-Allow-Origin", one);
    if (credentials) headers.set("Access-Control-Allow-Credentials", "true");
    if (exposeHeaders.length > 0) headers.set("Access-Control-Expose-Headers", exposeHeaders.join(","));
    // The answer to another origin may be another one.
    if (origin !== "*") headers.append("Vary", "Origin");
  };
  const preflight = (ctx: Context<State>): Response => {
    const headers = new Headers();
    describe(headers, ctx);
    if (maxAge !== undefined) headers.set("Access-Control-Max-Age", String(maxAge));
    if (allowMethods.length > 0) headers.set("Access-Control-Allow-Methods", allowMethods.join(","));
    const asked = ctx.req.headers.get("Access-Control-Request-Headers")?.split(/\s*,\s*/) ?? [];
    const names = allowHeaders.length > 0 ? allowHeaders : asked;
    if (names.length > 0) {
      headers.set("Access-Control-Allow-Headers", names.join(","));
      headers.append("Vary", "Access-Control-Request-Headers");
    }
    return new Response(null, { status: 204, headers });
  };

  return async (ctx) => {
    if (ctx.req.method === "OPTIONS") return preflight(ctx);
    const response = await ctx.next();
    describe(response.headers, ctx);
    return response;
  };
}
