/**
 * Refuses requests that another site makes a browser send. Not Hono's: that one looks only at forms, and lets JSON from
 * another origin through.
 */
import type { Context } from "./context.ts";
import { HttpError } from "./error.ts";
import type { Middleware } from "./handlers.ts";

/** Settings of {@linkcode csrf}. */
export interface CsrfOptions<State> {
  /** The origins that may send; by default the request's own. */
  readonly origin?: string | readonly string[] | ((origin: string, ctx: Context<State>) => boolean);
}

/**
 * Middleware that answers 403 to anything but GET, HEAD and OPTIONS from elsewhere, by `Sec-Fetch-Site` and `Origin`. A
 * request with neither comes from no browser and passes.
 */
export function csrf<State>({ origin: allowed }: CsrfOptions<State> = {}): Middleware<State> {
  const isAllowed = (origin: string, ctx: Context<State>): boolean => {
    if (allowed === undefined) return origin === ctx.url.origin;
    if (typeof allowed === "function") return allowed(origin, ctx);
    return typeof allowed === "string" ? origin === allowed : allowed.includes(origin);
  };
  return (ctx) => {
    const { method, headers } = ctx.req;
    if (method === "GET" || method === "HEAD" || method === "OPTIONS") return ctx.next();
    const site = headers.get("Sec-Fetch-Site");
    const origin = headers.get("Origin");
    if (site === "same-origin" || site === "none" || (site === null && origin === null)) return ctx.next();
    if (origin !== null && isAllowed(origin, ctx)) return ctx.next();
    throw new HttpError(403);
  };
}
