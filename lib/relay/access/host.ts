// By which names a relay may be asked that lets everybody in who reaches it. A stranger's page can have its own name
// resolve to this machine (DNS rebinding): its requests are then of its own origin, and only the name tells.

import { problemResponse } from "../http/problems.ts";

const originPattern = /^https?:\/\/[^/?#@\\]+$/;

/**
 * Whether pages of `origin` come from `host`, which may have a port. Over which of HTTP and HTTPS they came is not looked at:
 * behind a proxy nobody here knows.
 */
export function isOriginOf(origin: string, host: string): boolean {
  const named = hostOf(origin);
  const scheme = origin.slice(0, origin.indexOf("//") + 2);
  return named !== null && named === hostOf(scheme + host);
}

/** Of an origin, without the port that its scheme has anyway; null: it is none. */
function hostOf(origin: string): string | null {
  return originPattern.test(origin) ? URL.parse(origin)?.host ?? null : null;
}

/** The answer to a request for a name that is neither an address, nor localhost, nor an allowed origin's; else null. */
export function nameRefusal({ url }: Request, allowedOrigins: readonly string[]): Response | null {
  const { host, hostname } = new URL(url);
  const isAddress = hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
  if (isAddress || hostname === "localhost" || hostname.endsWith(".localhost")) return null;
  if (allowedOrigins.some((origin) => isOriginOf(origin, host))) return null;
  return problemResponse(421, {
    title: "This relay is not known by that name",
    detail:
      `Use its address instead of ${hostname}, or start it with ALLOWED_ORIGINS=https://${host} (http:// ` +
      "without TLS), or with VIEWER_SECRET.",
  });
}
