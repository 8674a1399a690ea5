// Headers of every page: nothing is loaded from elsewhere, no script or style stands in the page itself.

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
  const response = await ctx.next();
  response.headers.set("Content-Security-Policy", policy);
  response.headers.set("X-Content-Type-Options", "nosniff");
  // Not "no-referrer": with that, browsers say `Origin: null` when a form is sent to this very site.
  response.headers.set("Referrer-Policy", "same-origin");
  response.headers.set("Cache-Control", "no-cache");
  return response;
});
