// A person's session: the token that was typed in once goes into a cookie that no script can read. Not here: the form
// (routes/login.tsx).

import { cookieName, type Gate, gateWords } from "./gate.ts";

const yearS = 365 * 24 * 3600;

/** What became of a token that somebody typed in: the `Set-Cookie` to answer with, or why not, in words. */
export type Login = { readonly cookie: string } | { readonly refusal: string };

/** Lets a person in; `secure`: the cookie may travel over HTTPS only. */
export function logIn(token: string, gate: Gate, nowMs: number, secure: boolean): Login {
  const holder = gate.admitTyped(token);
  if (typeof holder === "string") return { refusal: gateWords(holder) };
  const seconds = Math.min((holder.expiresMs - nowMs) / 1000, yearS);
  return { cookie: cookie(token, Math.floor(seconds), secure) };
}

/** The `Set-Cookie` that ends a session. */
export function logOut(secure: boolean): string {
  return cookie("", 0, secure);
}

function cookie(value: string, seconds: number, secure: boolean): string {
  const attributes = ["Path=/", "HttpOnly", "SameSite=Strict", `Max-Age=${seconds}`];
  return [`${cookieName}=${value}`, ...attributes, ...(secure ? ["Secure"] : [])].join("; ");
}
