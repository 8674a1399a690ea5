/**
 * The application: what main.ts registers, in order, and the function that answers requests with it.
 */
import { type Build, readBuild, setHashes } from "./assets.ts";
import {
  Context,
  type LayoutConfig,
  type PageProps,
  type ResolvedFreshConfig,
  type RouteComponent,
  type Site,
  type WebSocketHandlers,
  type WebSocketUpgradeOptions,
} from "./context.ts";
import { HttpError, MethodNotAllowed, plainErrorResponse } from "./error.ts";
import {
  componentOf,
  inOrder,
  kindOf,
  type Manifest,
  middlewaresOf,
  patternOf,
  type RouteFile,
  routeOf,
  segmentNameOf,
} from "./files.ts";
import { type Method, METHODS, type Middleware } from "./handlers.ts";
import { registerIslands } from "./islands.ts";
import { mountApp } from "./left_out.ts";
import { Router } from "./router.ts";
import {
  compile,
  type Handle,
  linksOfFile,
  linksTo,
  methodsOf,
  renderRoute,
  type Route,
  Segment,
  segmentsOf,
  type Shared,
} from "./segments.ts";
import { matchesEtag } from "./static_files.ts";

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

/** Something registered, to be applied when the files of the application are known. */
type Registration<State> = (to: Registering<State>) => void;

interface Registering<State> {
  readonly root: Segment<State>;
  readonly shared: Shared<State>;
  readonly manifest: Manifest;
  add(methods: readonly Method[] | "ALL", pattern: string, endpoint: Endpoint<State>): void;
}

/** What a pattern and method lead to. */
interface Endpoint<State> {
  readonly chain: Handle<State>;
  readonly handle: Middleware<State>;
}

/** What an application needs besides its registrations. */
interface Attachment {
  readonly manifest: Manifest;
  readonly build: Build;
}

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

  /** Middleware for everything that is registered after it, or for what is at and below a path. */
  use(...middleware: Middleware<State>[]): this;
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
  route(path: string, route: Route<State>): this {
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
  readonly mountApp = mountApp;

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

  /** Serves the application, on loopback unless told otherwise. Resolves once it listens; rejects when there is no build, or the address is taken. */
  async listen(options: ListenOptions = {}): Promise<void> {
    const respond = await this.#prepare();
    Deno.serve({ hostname: "127.0.0.1", ...options }, respond);
  }

  async #prepare(): Promise<Responder> {
    const { manifest, build } = this.#attachment ?? await projectAttachment();
    setHashes(build.hashes);
    const site: Site = { islands: registerIslands(manifest.islands), build };
    const { basePath } = this.config;
    const router = new Router<Endpoint<State>>();
    const root = new Segment<State>(null);
    const shared: Shared<State> = { app: null, notFound: null };
    const add: Registering<State>["add"] = (methods, pattern, endpoint) => {
      for (const method of methods === "ALL" ? METHODS : methods) {
        router.add(method, below(basePath, pattern), endpoint);
      }
    };
    for (const registration of this.#registrations) registration({ root, shared, manifest, add });
    const elsewhere = compile(linksTo(root), shared);

    return async (req, info) => {
      const url = new URL(req.url);
      if (url.pathname.includes("//")) url.pathname = url.pathname.replace(/\/+/g, "/");
      const match = router.match(methodOf(req), url.pathname);
      const route = match?.pattern ?? null;
      const ctx = new Context<State>({
        req,
        url,
        info,
        route,
        params: match?.params ?? {},
        config: this.config,
        site,
      });
      let response: Response;
      try {
        response = match === null
          ? await elsewhere(ctx, () => Promise.reject(new HttpError(404)))
          : await (match.item ?? match.any).chain(ctx, match.item?.handle ?? otherMethod(match.methods));
      } catch (error) {
        response = errorResponse(error, build);
      }
      return finish(req, response);
    };
  }
}

type Responder = (req: Request, info: Deno.ServeHandlerInfo) => Promise<Response>;

function registerFile<State>(
  { root, shared, add }: Registering<State>,
  file: RouteFile,
  prefix: string,
): void {
  const { kind, folder } = kindOf(file.id);
  const segments = folder.map(segmentNameOf);
  const segment = root.at(segments);
  switch (kind) {
    case "app":
      shared.app = componentOf(file);
      return;
    case "layout":
      segment.layout = { component: componentOf(file), config: routeOf<State>(file).config ?? {} };
      return;
    case "middleware":
      segment.middlewares.push(...middlewaresOf<State>(file));
      return;
    case "error":
      segment.errorRoute = routeOf(file);
      return;
    case "notFound":
      shared.notFound = routeOf(file);
      return;
    case "route": {
      const route = routeOf<State>(file);
      const pattern = route.config?.routeOverride ?? patternOf(file.id);
      const chain = compile(linksOfFile(root, segments, segmentsOf(pattern)), shared);
      add(methodsOf(route), below(prefix, pattern), { chain, handle: (ctx) => renderRoute(ctx, route) });
    }
  }
}

/** The files and the build of the project that runs. */
async function projectAttachment(): Promise<Attachment> {
  const build = await readBuild(new URL("./_fresh/", import.meta.resolve("fresh/manifest")));
  // Routes may ask for addresses of assets as soon as they are loaded.
  setHashes(build.hashes);
  return { build, manifest: await import("fresh/manifest") };
}

/** A pattern below a base path: `*` is everything there, and `/` the base itself. */
function below(base: string, pattern: string): string {
  if (pattern === "*") return `${base}/*`;
  return base !== "" && pattern === "/" ? base : base + pattern;
}

function methodOf(req: Request): Method {
  const method = req.method.toUpperCase();
  // An unknown method matches nothing that has a list of methods; as GET it would get a page.
  return METHODS.find((one) => one === method) ?? "OPTIONS";
}

/** A pattern that is known, but not with this method: OPTIONS says which it has, anything else is refused. */
function otherMethod<State>(methods: readonly Method[]): Middleware<State> {
  const allow: string[] = METHODS.filter((method) =>
    methods.includes(method) || method === "OPTIONS" || (method === "HEAD" && methods.includes("GET"))
  );
  return ({ req }) => {
    if (req.method !== "OPTIONS") throw new MethodNotAllowed(allow);
    return new Response(null, { status: 204, headers: { Allow: allow.join(", ") } });
  };
}

/** What stands for an error page where none is registered; in development it says what went wrong. */
function errorResponse(error: unknown, build: Build | undefined): Response {
  const plain = plainErrorResponse(error);
  if (build?.explain === undefined || plain.status < 500) return plain;
  const headers = { "Content-Type": "text/html; charset=utf-8" };
  return new Response(`<!DOCTYPE html><title>Error</title>${build.explain(error)}`, {
    status: plain.status,
    headers,
  });
}

/** HEAD has no body, and a page that names its ETag is not sent twice. */
function finish(req: Request, response: Response): Response {
  const safe = req.method === "GET" || req.method === "HEAD";
  const etag = response.headers.get("ETag");
  const same = safe && etag !== null && response.status === 200 && matchesEtag(req, etag);
  if (!same && req.method !== "HEAD") return response;
  response.body?.cancel();
  return new Response(null, { status: same ? 304 : response.status, headers: response.headers });
}
