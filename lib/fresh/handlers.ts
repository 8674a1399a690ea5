/**
 * What a route file exports: handlers by method, and the page's data. Types, and the `page` helper. No dispatch here.
 */
import type { Context } from "./context.ts";

/** The methods that a route can answer. */
export type Method = "HEAD" | "GET" | "POST" | "PATCH" | "PUT" | "DELETE" | "OPTIONS";

/** All of them, in the order in which `Allow` lists them. */
export const METHODS: readonly Method[] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** What a handler returns when the route's component shall show it. */
export interface PageResponse<Data> {
  /** Given to the component as `data`. */
  readonly data: Data;
  /** Added to the page's headers. */
  readonly headers?: HeadersInit | undefined;
  /** The page's status; 200 by default. */
  readonly status?: number | undefined;
}

/** Data for the route's component, with headers and status for the response. */
export function page<Data>(data: Data, init?: PageInit): PageResponse<Data>;
/** A page that needs no data. */
export function page(): PageResponse<undefined>;
export function page<Data>(data?: Data, init?: PageInit): PageResponse<Data | undefined> {
  return { data, headers: init?.headers, status: init?.status };
}

/** Headers and status of a page. */
export interface PageInit {
  /** Added to the page's headers. */
  readonly headers?: HeadersInit;
  /** The page's status; 200 by default. */
  readonly status?: number;
}

/** Handles one method, or every method of a route. */
export interface HandlerFn<Data, State> {
  (ctx: Context<State>): Response | PageResponse<Data> | Promise<Response | PageResponse<Data>>;
}

/** One handler for each method; the others answer 405. */
export type HandlerByMethod<Data, State> = { [M in Method]?: HandlerFn<Data, State> };

/** What a route exports as `handler` or `handlers`. */
export type RouteHandler<Data, State> = HandlerFn<Data, State> | HandlerByMethod<Data, State>;

/** The data that a handler gives to its page. */
export type RouteData<Handler extends RouteHandler<unknown, never>> = Handler extends
  RouteHandler<infer Data, never> ? Data
  : never;

/** Runs around what comes after it: `await ctx.next()` is the rest's answer. */
export type Middleware<State> = (ctx: Context<State>) => Response | Promise<Response>;
