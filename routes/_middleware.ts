// What every page has in common: who is not logged in, where that is needed, is sent to do so; and headers that let nothing be
// loaded from elsewhere, and no script or style stand in the page itself.

import { define } from "../utils.ts";

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join("; ");

export default define.middleware(async (ctx) => {
  if (ctx.state.relay.viewer(ctx.req) === null) {
    const { pathname, search } = ctx.url;
    return ctx.redirect(`/login?next=${encodeURIComponent(pathname + search)}`, 303);
  }
  const response = await ctx.next();
  response.headers.set("Content-Security-Policy", policy);
  response.headers.set("X-Content-Type-Options", "nosniff");
  // Not "no-referrer": with that, browsers say `Origin: null` when a form is sent to this very site.
  response.headers.set("Referrer-Policy", "same-origin");
  response.headers.set("Cache-Control", "no-cache");
  return response;
});
