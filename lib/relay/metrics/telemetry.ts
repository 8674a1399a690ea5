// What OpenTelemetry's spans say. With OTEL_DENO=true the runtime makes one for each request, with its whole URL, where
// the clients of document 002 put their token; it offers no way to change that (Deno 2.9.6), so that it is taken out where
// a span's attributes are set. For the upgrades of node:http it makes none: they are made here.

/** A JWT, wherever it stands: its header is a JSON object in base64url (RFC 7519, section 3). */
const token = /eyJ[\w-]*\.[\w-]+\.[\w-]*/g;
const urlAttributes: ReadonlySet<string> = new Set(["url.full", "url.query", "http.url", "http.target"]);

interface Span {
  setAttribute(name: string, value: unknown): Span;
  end(): void;
}

/** The part of `@opentelemetry/api` that is used: the runtime puts an implementation in its place. */
interface Api {
  readonly trace: {
    getTracer(name: string): { startSpan(name: string, options?: { readonly kind: number }): Span };
  };
}

// Where @opentelemetry/api keeps what is registered.
const registered: unknown = Reflect.get(globalThis, Symbol.for("opentelemetry.js.api.1"));
let hidden = false;

/** Takes viewers' tokens out of all spans from now on; does nothing where there are none. */
export function hideTokensInSpans(): void {
  if (hidden || !isApi(registered)) return;
  hidden = true;
  // A span that is not ended is not exported.
  const spans: Span = Object.getPrototypeOf(registered.trace.getTracer("lightline").startSpan("unused"));
  const { setAttribute } = spans;
  spans.setAttribute = function (name, value) {
    const said = typeof value === "string" && urlAttributes.has(name) ? withoutToken(value) : value;
    return setAttribute.call(this, name, said);
  };
}

const serverKind = 1;

/** Begins the span of an upgrade; what it returns ends it, with the status that was answered. */
export function upgradeSpan(method: string, url: string): (status: number) => void {
  if (!isApi(registered)) return () => {};
  const { protocol, pathname, search } = new URL(url);
  const span = registered.trace.getTracer("lightline").startSpan(method, { kind: serverKind });
  const attributes = {
    "http.request.method": method,
    "url.full": url,
    "url.scheme": protocol.slice(0, -1),
    "url.path": pathname,
    "url.query": search.slice(1),
  };
  for (const [name, value] of Object.entries(attributes)) span.setAttribute(name, value);
  return (status) => span.setAttribute("http.response.status_code", String(status)).end();
}

/** A URL or a query with `token`, however it is written, left out; also of the path that `next` names, to go to after logging in. */
export function withoutToken(text: string): string {
  return eachOtherPair(text, (pair) => {
    const next = new URLSearchParams(pair).get("next");
    return next === null ? pair : `next=${encodeURIComponent(eachOtherPair(next, (inner) => inner))}`;
  });
}

/** A URL or a query whose pairs are `said`, but for those of a token. */
function eachOtherPair(text: string, said: (pair: string) => string): string {
  const start = text.indexOf("?") + 1;
  const others = text.slice(start).split("&").filter((pair) => !new URLSearchParams(pair).has("token"));
  return (text.slice(0, start) + others.map(said).join("&")).replaceAll(token, "…");
}

function isApi(value: unknown): value is Api {
  return typeof value === "object" && value !== null && "trace" in value;
}
