// What every page has in common: who is not logged in, where that is needed, is sent to do so; and headers that let nothing be
// loaded from elsewhere, and no script or style stand in the page but the engine's own; nothing is posted to a page from elsewhere.

import { csp, csrf } from "fresh";
import { define, type State } from "../utils.ts";

const policy = csp<State>({
  useNonce: true,
  csp: [
    "default-src 'none'",
    "manifest-src 'self'",
    "media-src 'none'",
    "worker-src 'none'",
    "base-uri 'none'",
  ],
});

/** What strangers may see where viewers need a token. */
const open: ReadonlySet<string> = new Set(["/login", "/logout", "/docs"]);

export default define.middleware([
  policy,
  // By its host, as the relay does: behind a proxy this end does not know that a browser speaks HTTPS.
  csrf<State>({ origin: (_, ctx) => ctx.state.relay.isOwnPage(ctx.req) }),
  async (ctx) => {
    if (!open.has(ctx.url.pathname) && ctx.state.relay.viewer(ctx.req) === null) {
      const { pathname, searchParams } = new URL(ctx.url);
      // A token that was refused here may be good elsewhere, and an address is kept and passed on.
      searchParams.delete("token");
      const next = searchParams.size === 0 ? pathname : `${pathname}?${searchParams}`;
      return ctx.redirect(`/login?next=${encodeURIComponent(next)}`, 303);
    }
    const response = await ctx.next();
    response.headers.set("X-Content-Type-Options", "nosniff");
    // Not "no-referrer": with that, browsers say `Origin: null` when a form is sent to this very site.
    response.headers.set("Referrer-Policy", "same-origin");
    response.headers.set("Cache-Control", "no-cache");
    return response;
  },
]);
