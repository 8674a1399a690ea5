/**
 * Typed identity functions for route files: the state's type is said once, and handlers, pages, layouts and middleware
 * infer the rest. Nothing happens at run time.
 */
import type { HandlerByMethod, HandlerFn, Middleware, RouteHandler } from "./handlers.ts";
import type { PageProps, RouteComponent } from "./context.ts";

/** The functions that {@linkcode createDefine} returns. */
export interface Define<State> {
  /** A route's handler, or handlers by method. */
  handlers<Data, Handlers extends RouteHandler<Data, State> = RouteHandler<Data, State>>(
    handlers: Handlers,
  ): typeof handlers;
  /** A page's component; `define.page<typeof handler>` gives it the type of the handler's data. */
  page<
    Handler extends RouteHandler<unknown, State> = never,
    Data = Handler extends HandlerFn<infer D, State> ? D
      : Handler extends HandlerByMethod<infer D, State> ? D
      : never,
  >(render: RouteComponent<PageProps<Data, State>>): typeof render;
  /** One middleware, or several that run in order. */
  middleware<M extends Middleware<State> | Middleware<State>[]>(middleware: M): M;
  /** A layout's component. */
  layout(render: RouteComponent<PageProps<unknown, State>>): typeof render;
}

/** `State` is what middleware shares with handlers and pages as `ctx.state`. */
export function createDefine<State>(): Define<State> {
  return {
    handlers: (handlers) => handlers,
    page: (render) => render,
    middleware: (middleware) => middleware,
    layout: (render) => render,
  };
}
