/**
 * Serves the build's assets: compressed as the browser likes, for ever where the address says what the content is,
 * revalidated by ETag elsewhere. Reads no file in production.
 */
import { type Asset, type Encoding, ENCODINGS } from "./assets.ts";
import { computedModule } from "./computed_code.ts";
import { internalsOf } from "./context.ts";
import { MethodNotAllowed } from "./error.ts";
import type { Middleware } from "./handlers.ts";
import { HASH_PARAMETER } from "./hashes.ts";

/** Middleware that answers for everything in `static/` and for the islands' JavaScript. */
export function staticFiles<State>(): Middleware<State> {
  return async (ctx) => {
    const { build } = internalsOf(ctx).site;
    const { basePath } = ctx.config;
    const pathname = ctx.url.pathname;
    if (!pathname.startsWith(basePath)) return ctx.next();
    const path = decode(pathname.slice(basePath.length));
    const asset = await build.asset(path) ?? computedModule(path);
    if (asset === null) return ctx.next();
    if (ctx.req.method !== "GET" && ctx.req.method !== "HEAD") throw new MethodNotAllowed(["GET", "HEAD"]);
    return respond(asset, ctx.req, ctx.url, build.mode);
  };
}

function respond(asset: Asset, req: Request, url: URL, mode: "development" | "production"): Response {
  const encoding = ENCODINGS.find((one) => asset.encoded[one] !== undefined && accepts(req, one)) ?? null;
  const headers = new Headers({ "Content-Type": asset.type, "X-Content-Type-Options": "nosniff" });
  if (Object.keys(asset.encoded).length > 0) headers.set("Vary", "Accept-Encoding");
  if (mode === "development") {
    headers.set("Cache-Control", "no-store");
  } else {
    const forEver = asset.immutable || url.searchParams.get(HASH_PARAMETER) === asset.hash;
    headers.set("Cache-Control", forEver ? "public, max-age=31536000, immutable" : "no-cache");
    const etag = `"${asset.hash}${encoding === null ? "" : `-${encoding}`}"`;
    headers.set("ETag", etag);
    if (matchesEtag(req, etag)) return new Response(null, { status: 304, headers });
  }
  if (encoding !== null) headers.set("Content-Encoding", encoding);
  const body = encoding === null ? asset.body : asset.encoded[encoding] ?? asset.body;
  headers.set("Content-Length", String(body.byteLength));
  return new Response(req.method === "HEAD" ? null : body, { headers });
}

/** RFC 9110 section 12.5.3, as far as two encodings need it. */
function accepts(req: Request, encoding: Encoding): boolean {
  const header = req.headers.get("Accept-Encoding") ?? "";
  return header.split(",").some((part) => {
    const [name = "", ...parameters] = part.split(";").map((text) => text.trim().toLowerCase());
    return name === encoding && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
  });
}

/** Whether `If-None-Match` names `etag`; weakly, as RFC 9110 section 13.1.2 says. */
export function matchesEtag(req: Request, etag: string): boolean {
  const header = req.headers.get("If-None-Match");
  if (header === null) return false;
  const bare = (tag: string) => tag.trim().replace(/^W\//, "");
  return header.split(",").some((tag) => tag.trim() === "*" || bare(tag) === bare(etag));
}

function decode(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
