/**
 * What one request sees: `ctx` in middleware, handlers and async components. Rendering itself is in render.ts.
 */
import {
  type ComponentChildren,
  type ComponentClass,
  type ComponentType,
  h,
  isValidElement,
  type VNode,
} from "preact";
import type { Build } from "./assets.ts";
import { HttpError } from "./error.ts";
import type { IslandRegistry } from "./islands.ts";
import { renderDocument } from "./render.ts";

/** The application's settings, all present. */
export interface ResolvedFreshConfig {
  /** The folder of the project, as a file URL. */
  root: string;
  /** Where the application lives below its host, without a slash at the end; "" is the root. */
  readonly basePath: string;
  /** Development shows errors and reloads pages. */
  mode: "development" | "production";
}

/** What pages, layouts and the app wrapper get as properties. */
export type PageProps<Data = unknown, State = unknown> =
  & Pick<
    Context<State>,
    "config" | "url" | "req" | "params" | "info" | "state" | "Component" | "error" | "route"
  >
  & { readonly data: Data };

/** A component, or an async function, which may also answer with a response of its own. */
export type RouteComponent<Props> =
  | ComponentClass<Props>
  | ((props: Props) => ComponentChildren | Promise<RouteMarkup>);

/** What a {@linkcode RouteComponent} gives: markup, or a response in its place. */
export type RouteMarkup = ComponentChildren | Response;

/** Which wrappers a layout or page leaves out. */
export interface LayoutConfig {
  /** Only this layout, none of the outer ones. */
  readonly skipInheritedLayouts?: boolean;
  /** Without `_app`. */
  readonly skipAppWrapper?: boolean;
}

/** The wrappers in force where a request is: `layouts` from the outermost to the innermost. */
export interface Wrappers<State> {
  readonly app: RouteComponent<PageProps<unknown, State>> | null;
  readonly layouts: readonly RouteComponent<PageProps<unknown, State>>[];
}

/** What an application was built from: its islands and its assets. */
export interface Site {
  readonly islands: IslandRegistry;
  readonly build: Build;
}

/** What the engine keeps about a request and an application must not touch. */
export interface Internals<State> {
  wrappers: Wrappers<State>;
  /** For inline scripts and styles, when a middleware asked for one. */
  nonce: string | null;
  /** The style sheets of the route that is shown. */
  css: readonly string[];
  /** An error page failed as well: nothing further is rendered for this request. */
  gaveUp: boolean;
  readonly site: Site;
}

/** Handlers of a WebSocket, for {@linkcode Context.upgrade}. */
export interface WebSocketHandlers {
  /** The socket is open. */
  open?(socket: WebSocket): void;
  /** A message came. */
  message?(socket: WebSocket, event: MessageEvent): void;
  /** The socket is closed. */
  close?(socket: WebSocket, code: number, reason: string): void;
  /** The socket failed. */
  error?(socket: WebSocket, event: Event | ErrorEvent): void;
}

/** Passed on to `Deno.upgradeWebSocket`. */
export interface WebSocketUpgradeOptions {
  /** Seconds without an answer to a ping until the socket is closed. */
  idleTimeout?: number;
  /** The subprotocol to agree on. */
  protocol?: string;
}

/** The internals of a context. Only for this folder. */
export let internalsOf: <State>(ctx: Context<State>) => Internals<State>;

/** One request, from the first middleware to the response. */
export class Context<State> {
  /** The application's settings. */
  readonly config: ResolvedFreshConfig;
  /** The request's address; repeated slashes in its path are joined. */
  readonly url: URL;
  /** The request as it came. */
  readonly req: Request;
  /** The pattern that matched, or null. */
  readonly route: string | null;
  /** The pattern's parameters, decoded. */
  readonly params: Record<string, string>;
  /** Shared by everything that handles this request. */
  readonly state: State;
  /** The connection. */
  readonly info: Deno.ServeHandlerInfo;
  /** What the handler gave to its page. */
  data: unknown = undefined;
  /** What was thrown, for error pages; null otherwise. */
  error: unknown = null;
  /** The answer of whatever comes after this middleware. */
  next: () => Promise<Response>;
  /** In layouts and the app wrapper: what they wrap. */
  Component: ComponentType = () => null;

  readonly #internals: Internals<State>;

  static {
    internalsOf = (ctx) => ctx.#internals;
  }

  /** Made by `App`, and by nobody else. */
  constructor(init: ContextInit) {
    this.req = init.req;
    this.url = init.url;
    this.info = init.info;
    this.route = init.route;
    this.params = init.params;
    this.config = init.config;
    // The state starts empty, whatever its type says: middleware fills it before anyone reads it, as in Fresh.
    this.state = {} as State;
    this.next = () => Promise.reject(new HttpError(404));
    this.#internals = {
      wrappers: { app: null, layouts: [] },
      nonce: null,
      css: [],
      gaveUp: false,
      site: init.site,
    };
  }

  /** Sends the browser elsewhere. A path that starts with `//` stays on this host. */
  redirect(pathOrUrl: string, status = 302): Response {
    const end = pathOrUrl.search(/[?#]/);
    const path = end < 0 ? pathOrUrl : pathOrUrl.slice(0, end);
    const rest = end < 0 ? "" : pathOrUrl.slice(end);
    const location = path.startsWith("/") || path.startsWith("\\")
      ? path.replace(/[/\\]+/g, "/") + rest
      : pathOrUrl;
    return new Response(null, { status, headers: { location } });
  }

  /** Renders markup inside the layouts and the app wrapper that are in force here. */
  async render(
    vnode: VNode | null,
    init: ResponseInit = {},
    config: LayoutConfig = {},
  ): Promise<Response> {
    if (vnode !== null && !isValidElement(vnode)) {
      throw new Error(`Cannot render ${describe(vnode)}: ctx.render() takes JSX or null.`);
    }
    const { wrappers, site, nonce, css } = this.#internals;
    let content: ComponentChildren = vnode;
    for (const layout of config.skipInheritedLayouts ? [] : wrappers.layouts.toReversed()) {
      const child = content;
      this.Component = () => child;
      const wrapped = await pageOf(this, layout, undefined);
      if (wrapped instanceof Response) return wrapped;
      content = wrapped;
    }
    // The page is rendered before its app wrapper, so that the wrapper's <head> knows what the page adds to it.
    let inner: ComponentChildren = null;
    this.Component = () => inner;
    const app = config.skipAppWrapper || wrappers.app === null
      ? null
      : await pageOf(this, wrappers.app, undefined);
    if (app instanceof Response) return app;
    const wrap = app === null ? null : (page: ComponentChildren) => {
      inner = page;
      return app;
    };
    const { basePath } = this.config;
    const { html, link } = renderDocument(content, wrap, { site, nonce, basePath, css, error: this.error });
    const response = this.html(html, init);
    if (link !== "") response.headers.append("Link", link);
    return response;
  }

  /** Plain text. */
  text(content: string, init?: ResponseInit): Response {
    return new Response(content, init);
  }

  /** Markup that is already a string; sent as it is. */
  html(content: string, init: ResponseInit = {}): Response {
    // Deno makes a response whose type is its only header ten times as fast as any other, and adding one to it costs little.
    const headers = { "Content-Type": "text/html; charset=utf-8" };
    const response = new Response(content, { ...init, headers });
    if (init.headers !== undefined) {
      for (const [name, value] of new Headers(init.headers)) {
        if (name !== "content-type") response.headers.append(name, value);
      }
    }
    return response;
  }

  /** A value as JSON. */
  json(content: unknown, init?: ResponseInit): Response {
    return Response.json(content, init);
  }

  /** Sends what an iterable yields, as it comes. */
  stream<Chunk extends string | Uint8Array>(
    source: Iterable<Chunk> | AsyncIterable<Chunk> | (() => Iterable<Chunk> | AsyncIterable<Chunk>),
    init?: ResponseInit,
  ): Response {
    const encoder = new TextEncoder();
    const chunks: ReadableStream<string | Uint8Array> = ReadableStream.from(
      typeof source === "function" ? source() : source,
    );
    const bytes = chunks.pipeThrough(
      new TransformStream<string | Uint8Array, Uint8Array>({
        transform: (chunk, controller) =>
          controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk),
      }),
    );
    return new Response(bytes, init);
  }

  /** Turns the request into a WebSocket. Throws a 400 when it is no such request. */
  upgrade(options?: WebSocketUpgradeOptions): { socket: WebSocket; response: Response };
  /** The same with handlers, which gives the response at once. */
  upgrade(handlers: WebSocketHandlers, options?: WebSocketUpgradeOptions): Response;
  upgrade(
    handlersOrOptions: WebSocketHandlers | WebSocketUpgradeOptions = {},
    maybeOptions?: WebSocketUpgradeOptions,
  ): { socket: WebSocket; response: Response } | Response {
    if (this.req.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      throw new HttpError(400, "Expected a WebSocket upgrade request");
    }
    if (!isHandlers(handlersOrOptions)) return Deno.upgradeWebSocket(this.req, handlersOrOptions);
    const handlers = handlersOrOptions;
    const { socket, response } = Deno.upgradeWebSocket(this.req, maybeOptions);
    socket.addEventListener("open", () => handlers.open?.(socket));
    socket.addEventListener("message", (event) => handlers.message?.(socket, event));
    socket.addEventListener("close", (event) => handlers.close?.(socket, event.code, event.reason));
    socket.addEventListener("error", (event) => handlers.error?.(socket, event));
    return response;
  }
}

/** What a context is made from. */
export interface ContextInit {
  readonly req: Request;
  readonly url: URL;
  readonly info: Deno.ServeHandlerInfo;
  readonly route: string | null;
  readonly params: Record<string, string>;
  readonly config: ResolvedFreshConfig;
  readonly site: Site;
}

/** The component as markup; an async one is awaited, and may answer with a response of its own. */
export function pageOf<Data, State>(
  ctx: Context<State>,
  component: RouteComponent<PageProps<Data, State>>,
  data: Data,
): RouteMarkup | Promise<RouteMarkup> {
  const { config, url, req, params, info, state, Component, error, route } = ctx;
  const props = { config, url, req, params, info, state, Component, error, route, data };
  return isAsync(component) ? component(props) : h(component as ComponentType<typeof props>, props);
}

function isAsync<Props>(
  component: RouteComponent<Props>,
): component is (props: Props) => Promise<RouteMarkup> {
  return component.constructor.name === "AsyncFunction";
}

function isHandlers(value: WebSocketHandlers | WebSocketUpgradeOptions): value is WebSocketHandlers {
  return Object.values(value).some((member) => typeof member === "function");
}

function describe(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
