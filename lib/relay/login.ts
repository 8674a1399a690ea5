// `/login` and `/logout`: a token goes into a cookie that no script can read. A page without a script of its own.

import { cookieName, type Gate, gateWords } from "./gate.ts";
import { problemResponse } from "./problems.ts";

const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "cache-control": "no-store",
  "content-security-policy":
    "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  // Not "no-referrer": with that, browsers say `Origin: null` when the form is sent, and the relay would refuse it.
  "referrer-policy": "same-origin",
};

/** The form. `next`: the path to go to afterwards. */
export function loginPage(next: string, words: string | null, status = 200): Response {
  const html = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Log in – Lightline</title></head>
<body>
<main>
<h1>Log in</h1>
${words === null ? "" : `<p role="alert">${escape(words)}</p>`}
<form method="post" action="/login">
<input type="hidden" name="next" value="${escape(safePath(next))}">
<p><label for="token">Token</label><br><input id="token" name="token" type="password" required autocomplete="current-password"></p>
<p><button type="submit">Log in</button></p>
</form>
<p>Whoever runs this relay makes a token with <code>deno task token</code>.</p>
</main>
</body>
</html>
`;
  return new Response(html, { status, headers: pageHeaders });
}

/** Takes the form: the cookie and the way on, or the form again with what is wrong. */
export async function logIn(request: Request, gate: Gate, nowMs: number, secure: boolean): Promise<Response> {
  const form = await readForm(request);
  if (!form) return problemResponse(400, { title: "The form cannot be read" });
  const token = (form.get("token") ?? "").trim();
  const next = form.get("next") ?? "/";
  const holder = gate.check(token);
  if (typeof holder === "string") return loginPage(next, gateWords(holder), 401);
  const seconds = Math.min(holder.expiresMs - nowMs, 365 * 24 * 3600 * 1000) / 1000;
  return redirect(safePath(next), cookie(token, Math.floor(seconds), secure));
}

/** Forgets the cookie. */
export function logOut(secure: boolean): Response {
  return redirect("/login", cookie("", 0, secure));
}

async function readForm(request: Request): Promise<URLSearchParams | null> {
  if (!request.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded")) return null;
  return new URLSearchParams(await request.text());
}

function cookie(value: string, seconds: number, secure: boolean): string {
  const attributes = [
    "Path=/",
    "HttpOnly",
    "SameSite=Strict",
    `Max-Age=${seconds}`,
    ...(secure ? ["Secure"] : []),
  ];
  return [`${cookieName}=${value}`, ...attributes].join("; ");
}

function redirect(location: string, setCookie: string): Response {
  return new Response(null, {
    status: 303,
    headers: { location, "set-cookie": setCookie, "cache-control": "no-store" },
  });
}

// A path of this site: `//elsewhere` and `/\elsewhere` would lead away from it.
function safePath(next: string): string {
  return /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : "/";
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
