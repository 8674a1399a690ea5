/**
 * The tree of path segments that middleware, layouts and error pages are registered on, and the chain that a request runs
 * through from the root to its handler. A chain takes what was registered before it; what comes later does not change it.
 */
import { Fragment, h } from "preact";
import {
  type Context,
  internalsOf,
  type LayoutConfig,
  pageOf,
  type PageProps,
  type RouteComponent,
  type Wrappers,
} from "./context.ts";
import { isGroup } from "./files.ts";
import { allowHeader, HttpError, statusOf } from "./error.ts";
import {
  type HandlerFn,
  type Method,
  METHODS,
  type Middleware,
  type PageResponse,
  type RouteHandler,
} from "./handlers.ts";

/** Settings that a route file exports as `config`. */
export interface RouteConfig extends LayoutConfig {
  /** The pattern to use instead of the one that the file's path gives. */
  readonly routeOverride?: string;
}

/** A page, its handlers, or both. */
export interface Route<State, Data = unknown> {
  /** Shows what the handler gives; alone, it answers GET. */
  readonly component?: RouteComponent<PageProps<Data, State>> | undefined;
  /** For one method each, or for all. */
  readonly handler?: RouteHandler<Data, State> | undefined;
  /** Pattern and wrappers. */
  readonly config?: RouteConfig | undefined;
  /** Addresses of style sheets that its page needs. */
  readonly css?: readonly string[] | undefined;
}

/** What is registered on one segment. */
export class Segment<State> {
  readonly middlewares: Middleware<State>[] = [];
  layout:
    | { readonly component: RouteComponent<PageProps<unknown, State>>; readonly config: LayoutConfig }
    | null = null;
  errorRoute: Route<State> | null = null;
  readonly #children = new Map<string, Segment<State>>();

  constructor(readonly parent: Segment<State> | null) {}

  /** The segment at a pattern below this one. */
  at([first, ...rest]: readonly string[]): Segment<State> {
    if (first === undefined) return this;
    let child = this.#children.get(first);
    if (child === undefined) this.#children.set(first, child = new Segment<State>(this));
    return child.at(rest);
  }
}

/** The segments of a pattern: `/a/:b` has `a` and `:b`; optional groups and a `*` at the end count for nothing. */
export function segmentsOf(pattern: string): string[] {
  const parts = pattern.replace(/\{[^}]*\}\??/g, "").split("/").filter((part) => part !== "");
  if (parts.at(-1) === "*") parts.pop();
  return parts;
}

/** What the whole application has one of. */
export interface Shared<State> {
  app: RouteComponent<PageProps<unknown, State>> | null;
  notFound: Route<State> | null;
}

/** Answers a request, inside the chain that it was compiled with. */
export type Handle<State> = (ctx: Context<State>, terminal: Middleware<State>) => Promise<Response>;

/** One level of a chain: what is in force there, and the error page to use for what is thrown at or below it. */
interface Level<State> {
  readonly wrappers: Wrappers<State>;
  readonly errorRoute: Route<State> | null;
}

interface Step<State> {
  readonly run: Middleware<State>;
  readonly level: number;
}

/** One segment of a chain. Of some, only the middleware counts: see `chainOfFile`. */
export interface Link<State> {
  readonly segment: Segment<State>;
  readonly middlewareOnly: boolean;
}

/** From the root to `segment`. */
export function linksTo<State>(segment: Segment<State>): Link<State>[] {
  const outer = segment.parent === null ? [] : linksTo(segment.parent);
  return [...outer, { segment, middlewareOnly: false }];
}

/**
 * The links of a route file. Its folders give middleware, layouts and error pages. Middleware of its address counts as well,
 * where that is not the folder: `routes/nav.tsx` is not in `routes/nav/`, and `routes/(admin)/users.tsx` is not in
 * `routes/users/`, yet middleware on `/nav` and `/users` must see them.
 */
export function linksOfFile<State>(
  root: Segment<State>,
  folder: readonly string[],
  address: readonly string[],
): Link<State>[] {
  const folders = linksTo(root.at(folder));
  const seen = new Set(folders.map(({ segment }) => segment));
  const others = address
    .map((_, index) => root.at(address.slice(0, index + 1)))
    .filter((segment) => !seen.has(segment))
    .map((segment) => ({ segment, middlewareOnly: true }));
  const group = folder.findIndex(isGroup);
  const split = group < 0 ? folders.length : group + 1;
  return [...folders.slice(0, split), ...others, ...folders.slice(split)];
}

/** The chain through `links`, and through `own` middleware at its end. */
export function compile<State>(
  links: readonly Link<State>[],
  shared: Shared<State>,
  own: readonly Middleware<State>[] = [],
): Handle<State> {
  const levels: Level<State>[] = [];
  const steps: Step<State>[] = [];
  let wrappers: Wrappers<State> = { app: shared.app, layouts: [] };
  for (const { segment: { layout, errorRoute, middlewares }, middlewareOnly } of links) {
    if (layout !== null && !middlewareOnly) {
      const { component, config } = layout;
      wrappers = {
        app: config.skipAppWrapper ? null : wrappers.app,
        layouts: config.skipInheritedLayouts ? [component] : [...wrappers.layouts, component],
      };
    }
    const level = levels.push({ wrappers, errorRoute: middlewareOnly ? null : errorRoute }) - 1;
    for (const run of middlewares) steps.push({ run, level });
  }
  const last = levels.length - 1;
  for (const run of own) steps.push({ run, level: last });

  return (ctx, terminal) => {
    const internals = internalsOf(ctx);
    const step = async (index: number): Promise<Response> => {
      const { run, level } = steps[index] ?? { run: terminal, level: last };
      const inForce = levels[level]?.wrappers ?? wrappers;
      internals.wrappers = inForce;
      ctx.next = index === steps.length ? nothingFurther : async () => {
        try {
          return await step(index + 1);
        } finally {
          internals.wrappers = inForce;
        }
      };
      try {
        const response = await run(ctx);
        if (!(response instanceof Response)) {
          throw new TypeError(
            `Cannot answer ${ctx.req.method} ${ctx.url.pathname}: a handler returned ${
              String(response)
            }, not a Response.`,
          );
        }
        return response;
      } catch (error) {
        return await errorPage(ctx, error, levels.slice(0, level + 1), shared.notFound);
      }
    };
    return step(0);
  };
}

const nothingFurther = () => Promise.reject(new HttpError(404));

/**
 * The error page for `error`, from the innermost level outwards. It is made where the error was thrown, so that every
 * middleware further out sees a response and adds its headers to it. Without an error page the error goes on outwards.
 */
async function errorPage<State>(
  ctx: Context<State>,
  error: unknown,
  levels: readonly Level<State>[],
  notFound: Route<State> | null,
): Promise<Response> {
  const internals = internalsOf(ctx);
  if (internals.gaveUp) throw error;
  if (ctx.error !== error) logServerError(ctx, error);
  ctx.error = error;
  const status = statusOf(error);
  let failed = false;
  for (const { wrappers, errorRoute } of levels.toReversed()) {
    const route = status === 404 && notFound !== null ? notFound : errorRoute;
    if (route === null) continue;
    internals.wrappers = wrappers;
    try {
      const response = await renderRoute(ctx, route, status);
      for (const [name, value] of Object.entries(allowHeader(error))) response.headers.set(name, value);
      return response;
    } catch (another) {
      logServerError(ctx, another);
      failed = true;
      if (route === notFound) break;
    }
  }
  internals.gaveUp = failed;
  throw error;
}

/**
 * Tells of what is our fault, with its stack; a stranger's 404 is none. Whoever has a log listens for `requesterror` on the
 * global object and prevents its default, which is one line here: an error's text may be a stranger's, and must not pass as
 * further lines. In development it is spread out, to be read.
 */
function logServerError<State>(ctx: Context<State>, error: unknown): void {
  if (statusOf(error) < 500) return;
  const message = `${ctx.req.method} ${ctx.url.pathname} failed`;
  if (ctx.config.mode === "development") return console.error(`${message}:`, error);
  const event = new ErrorEvent("requesterror", { message, error, cancelable: true });
  if (dispatchEvent(event)) console.error(`${message}: ${JSON.stringify(Deno.inspect(error))}`);
}

/** Runs a route's handler for the request's method, then its component. */
export async function renderRoute<State, Data>(
  ctx: Context<State>,
  route: Route<State, Data>,
  status = 200,
): Promise<Response> {
  const internals = internalsOf(ctx);
  const { config = {}, component, css = [] } = route;
  internals.css = css;
  internals.wrappers = {
    app: config.skipAppWrapper ? null : internals.wrappers.app,
    layouts: config.skipInheritedLayouts ? [] : internals.wrappers.layouts,
  };
  const handler = handlerFor(ctx.req.method, route);
  // Without a handler, a component asks for no data.
  const result: Response | PageResponse<Data> = handler === null ? { data: {} as Data } : await handler(ctx);
  if (result instanceof Response) return result;
  if (typeof result !== "object" || result === null) {
    throw new TypeError(
      `Cannot answer ${ctx.url.pathname}: its handler returned ${String(result)}, not a Response or page().`,
    );
  }
  ctx.data = result.data;
  const markup = component === undefined ? null : await pageOf(ctx, component, result.data);
  if (markup instanceof Response) return markup;
  const init: ResponseInit = { status: result.status ?? status };
  if (result.headers !== undefined) init.headers = result.headers;
  return await ctx.render(h(Fragment, null, markup), init);
}

function handlerFor<State, Data>(
  method: string,
  { handler }: Route<State, Data>,
): HandlerFn<Data, State> | null {
  if (typeof handler === "function") return handler;
  const byMethod: Partial<Record<string, HandlerFn<Data, State>>> = handler ?? {};
  return byMethod[method] ?? (method === "HEAD" ? byMethod.GET : undefined) ?? null;
}

/** The methods that a route answers: those of its handlers, and GET where there is a page to show. */
export function methodsOf<State, Data>(
  { handler, component }: Route<State, Data>,
): readonly Method[] | "ALL" {
  if (typeof handler === "function") return "ALL";
  return METHODS.filter((method) =>
    handler?.[method] !== undefined || (method === "GET" && component !== undefined)
  );
}
