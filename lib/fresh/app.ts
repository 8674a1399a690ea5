/**
 * The application: what main.ts registers, in order, and the function that answers requests with it.
 */
import type {
  LayoutConfig,
  PageProps,
  ResolvedFreshConfig,
  RouteComponent,
  WebSocketHandlers,
  WebSocketUpgradeOptions,
} from "./context.ts";
import { inOrder } from "./files.ts";
import type { Method, Middleware } from "./handlers.ts";
import { mountApp } from "./left_out.ts";
import { registerFile, type Registration } from "./registration.ts";
import {
  type Attachment,
  createResponder,
  errorResponse,
  projectAttachment,
  type Responder,
} from "./respond.ts";
import { compile, linksTo, methodsOf, renderRoute, type Route, segmentsOf } from "./segments.ts";

/** Settings of an application. */
export interface FreshConfig {
  /** Where it lives below its host: "/foo" serves `http://localhost/foo/…`. */
  readonly basePath?: string;
}

/** Where to listen; everything that `Deno.serve` takes. */
export type ListenOptions = Deno.ServeTcpOptions & Partial<Deno.TlsCertifiedKeyPem>;

/** Connection info for requests that came over none, as in tests. */
const NO_CONNECTION: Deno.ServeHandlerInfo = {
  remoteAddr: { transport: "tcp", hostname: "localhost", port: 1234 },
  completed: Promise.resolve(),
};

/** Gives an application its files and its build, instead of those of the project. For fresh/dev and tests. */
export let attach: <State>(app: App<State>, attachment: Attachment, root: string) => void;

/** Registers middleware, routes and wrappers, and answers requests with them. */
export class App<State> {
  /** The application's settings. */
  readonly config: ResolvedFreshConfig;
  readonly #registrations: Registration<State>[] = [];
  #attachment: Attachment | null = null;

  static {
    attach = (app, attachment, root) => {
      app.#attachment = attachment;
      app.config.root = root;
      app.config.mode = attachment.build.mode;
    };
  }

  /** An empty application. */
  constructor({ basePath = "" }: FreshConfig = {}) {
    this.config = { root: ".", basePath: basePath.replace(/\/$/, ""), mode: "production" };
  }

  /** Middleware for everything that is registered after it. */
  use(...middleware: Middleware<State>[]): this;
  /** Middleware for what is at and below `path`. */
  use(path: string, ...middleware: Middleware<State>[]): this;
  use(first: string | Middleware<State>, ...rest: Middleware<State>[]): this {
    const [path, middlewares] = typeof first === "string" ? [first, rest] : ["/", [first, ...rest]];
    return this.#add(({ root }) => {
      root.at(segmentsOf(path)).middlewares.push(...middlewares);
    });
  }

  /** What answers when nothing else does, or when a 404 is thrown. */
  notFound(route: Route<State> | Middleware<State>): this {
    return this.#add(({ shared }) => {
      shared.notFound = typeof route === "function" ? { handler: route } : route;
    });
  }

  /** The error page for a path and what is below it. */
  onError(path: string, route: Route<State> | Middleware<State>): this {
    return this.#add(({ root }) => {
      root.at(segmentsOf(path)).errorRoute = typeof route === "function" ? { handler: route } : route;
    });
  }

  /** The component around every page, which renders `<html>`. */
  appWrapper(component: RouteComponent<PageProps<unknown, State>>): this {
    return this.#add(({ shared }) => {
      shared.app = component;
    });
  }

  /** A component around the pages at and below a path. */
  layout(
    path: string,
    component: RouteComponent<PageProps<unknown, State>>,
    config: LayoutConfig = {},
  ): this {
    return this.#add(({ root }) => {
      root.at(segmentsOf(path)).layout = { component, config };
    });
  }

  /** A page: a component, handlers, or both. */
  route<Data>(path: string, route: Route<State, Data>): this {
    return this.#add(({ root, shared, add }) => {
      const chain = compile(linksTo(root.at(segmentsOf(path))), shared);
      add(methodsOf(route), route.config?.routeOverride ?? path, {
        chain,
        handle: (ctx) => renderRoute(ctx, route),
      });
    });
  }

  /** Handlers for GET, and for HEAD unless there is a handler for it. The last one answers. */
  get(path: string, ...middlewares: Middleware<State>[]): this {
    return this.#handlers(["GET"], path, middlewares);
  }

  /** Handlers for POST. */
  post(path: string, ...middlewares: Middleware<State>[]): this {
    return this.#handlers(["POST"], path, middlewares);
  }

  /** Handlers for PATCH. */
  patch(path: string, ...middlewares: Middleware<State>[]): this {
    return this.#handlers(["PATCH"], path, middlewares);
  }

  /** Handlers for PUT. */
  put(path: string, ...middlewares: Middleware<State>[]): this {
    return this.#handlers(["PUT"], path, middlewares);
  }

  /** Handlers for DELETE. */
  delete(path: string, ...middlewares: Middleware<State>[]): this {
    return this.#handlers(["DELETE"], path, middlewares);
  }

  /** Handlers for HEAD. */
  head(path: string, ...middlewares: Middleware<State>[]): this {
    return this.#handlers(["HEAD"], path, middlewares);
  }

  /** Handlers for every method. */
  all(path: string, ...middlewares: Middleware<State>[]): this {
    return this.#handlers("ALL", path, middlewares);
  }

  /** A WebSocket at a path. */
  ws(path: string, handlers: WebSocketHandlers, options?: WebSocketUpgradeOptions): this {
    return this.get(path, (ctx) => ctx.upgrade(handlers, options));
  }

  /** Not here; throws, saying so. */
  readonly mountApp: (...args: never[]) => never = mountApp;

  #handlers(
    methods: readonly Method[] | "ALL",
    path: string,
    middlewares: readonly Middleware<State>[],
  ): this {
    const handle = middlewares.at(-1);
    if (handle === undefined) throw new TypeError(`Cannot register "${path}": it has no handler.`);
    return this.#add(({ root, shared, add }) => {
      const chain = compile(linksTo(root.at(segmentsOf(path))), shared, middlewares.slice(0, -1));
      add(methods, path, { chain, handle });
    });
  }

  /** The files of `routes/`, registered here; below `pattern`, if it is given. */
  fsRoutes(pattern = ""): this {
    const prefix = pattern.replace(/\/?\*?$/, "");
    return this.#add((to) => {
      for (const file of inOrder(to.manifest.routes)) registerFile(to, file, prefix);
    });
  }

  #add(registration: Registration<State>): this {
    this.#registrations.push(registration);
    return this;
  }

  /** The function that answers requests, with what is registered when the first one comes. */
  handler(): (request: Request, info?: Deno.ServeHandlerInfo) => Promise<Response> {
    let prepared: Promise<Responder> | null = null;
    return async (request, info = NO_CONNECTION) => {
      prepared ??= this.#prepare();
      let respond: Responder;
      try {
        respond = await prepared;
      } catch (error) {
        prepared = null;
        console.error(error);
        return errorResponse(error, this.#attachment?.build);
      }
      return await respond(request, info);
    };
  }

  /**
   * Serves the application, on loopback unless told otherwise. Resolves once it listens; rejects when there is no build, or the
   * address is taken.
   */
  async listen(options: ListenOptions = {}): Promise<void> {
    const respond = await this.#prepare();
    Deno.serve({ hostname: "127.0.0.1", ...options }, respond);
  }

  async #prepare(): Promise<Responder> {
    return createResponder(this.#registrations, this.#attachment ?? await projectAttachment(), this.config);
  }
}
