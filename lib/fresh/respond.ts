/**
 * From what is registered to the function that answers requests: routing, methods, errors that nobody handled, and what HTTP
 * asks of every response.
 */
import { type Build, readBuild, setHashes } from "./assets.ts";
import { Context, type ResolvedFreshConfig, type Site } from "./context.ts";
import { HttpError, MethodNotAllowed, plainErrorResponse } from "./error.ts";
import type { Manifest } from "./files.ts";
import { type Method, METHODS, type Middleware } from "./handlers.ts";
import { registerIslands } from "./islands.ts";
import { below, type Endpoint, type Registering, type Registration } from "./registration.ts";
import { Router } from "./router.ts";
import { compile, linksTo, Segment, type Shared } from "./segments.ts";
import { matchesEtag } from "./static_files.ts";

/** What an application needs besides its registrations. */
export interface Attachment {
  readonly manifest: Manifest;
  readonly build: Build;
}

/** Answers a request. */
export type Responder = (req: Request, info: Deno.ServeHandlerInfo) => Promise<Response>;

/** The files and the build of the project that runs. */
export async function projectAttachment(): Promise<Attachment> {
  const build = await readBuild(new URL("./_fresh/", import.meta.resolve("fresh/manifest")));
  // Routes may ask for addresses of assets as soon as they are loaded.
  setHashes(build.hashes);
  return { build, manifest: await import("fresh/manifest") };
}

/** The function that answers requests with what is registered, for one application's files and build. */
export function createResponder<State>(
  registrations: readonly Registration<State>[],
  { manifest, build }: Attachment,
  config: ResolvedFreshConfig,
): Responder {
  setHashes(build.hashes);
  const site: Site = { islands: registerIslands(manifest.islands), build };
  const { basePath } = config;
  const router = new Router<Endpoint<State>>();
  const root = new Segment<State>(null);
  const shared: Shared<State> = { app: null, notFound: null };
  const add: Registering<State>["add"] = (methods, pattern, endpoint) => {
    for (const method of methods === "ALL" ? METHODS : methods) {
      router.add(method, below(basePath, pattern), endpoint);
    }
  };
  for (const registration of registrations) registration({ root, shared, manifest, add });
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
      config,
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
export function errorResponse(error: unknown, build: Build | undefined): Response {
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
