/**
 * The door "fresh": a small engine with Fresh 2's public API, on Hono's router, Preact and devalue. README.md lists where it
 * differs from Fresh 2.3 on purpose.
 *
 * @module
 */
export { App, type FreshConfig, type ListenOptions } from "./app.ts";
export type {
  Context,
  LayoutConfig,
  PageProps,
  ResolvedFreshConfig,
  RouteComponent,
  RouteMarkup,
  WebSocketHandlers,
  WebSocketUpgradeOptions,
} from "./context.ts";
export { cors, type CORSOptions } from "./cors.ts";
export { csp, type CSPOptions } from "./csp.ts";
export { csrf, type CsrfOptions } from "./csrf.ts";
export { createDefine, type Define } from "./define.ts";
export { HttpError } from "./error.ts";
export {
  type HandlerByMethod,
  type HandlerFn,
  type Method,
  type Middleware,
  page,
  type PageInit,
  type PageResponse,
  type RouteData,
  type RouteHandler,
} from "./handlers.ts";
export { ipFilter } from "./left_out.ts";
export type { Route, RouteConfig } from "./segments.ts";
export { staticFiles } from "./static_files.ts";
export { trailingSlashes } from "./trailing_slashes.ts";
