/** Middleware that gives every address one form. */
import type { Middleware } from "./handlers.ts";

/** Redirects to the address with ("always") or without ("never") a slash at its end; "/" has one anyway. */
export function trailingSlashes<State>(mode: "always" | "never"): Middleware<State> {
  return (ctx) => {
    const { pathname, search } = ctx.url;
    const has = pathname.endsWith("/");
    if (pathname === "/" || has === (mode === "always")) return ctx.next();
    return ctx.redirect((has ? pathname.slice(0, -1) : `${pathname}/`) + search);
  };
}
