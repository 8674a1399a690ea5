// Who a viewer's request comes from: its token may stand in `Authorization`, in a subprotocol, in the query, which
// is why no query is ever logged, or in a cookie.

import { type Holder, readToken, type TokenFault } from "./jwt.ts";
import type { Metrics } from "../metrics/metrics.ts";

/** Name of the cookie that `/login` sets. */
export const cookieName = "lightline_token";

/** Why a request is not let in: `missing` brings no token at all. */
export type GateFault = TokenFault | "missing";

/** What a token is made of. Anything else could bring attributes of its own into a cookie. */
const tokenText = /^[\w.-]+$/;

const anonymous: Holder = { role: "viewer", name: null, expiresMs: Infinity };

/** Reads the tokens of viewers. */
export class Gate {
  readonly #secret: string | undefined;
  readonly #metrics: Metrics;
  readonly #now: () => number;

  /** Without a secret everybody is an anonymous viewer. */
  constructor(secret: string | undefined, metrics: Metrics, now: () => number) {
    this.#secret = secret;
    this.#metrics = metrics;
    this.#now = now;
  }

  /** Who sent the request, or why nobody may be concluded from it; refusals are counted. */
  admit(request: Request): Holder | GateFault {
    return this.#counted(this.identify(request));
  }

  /** The same for a page: whoever brings no token at all is led to where one can be typed in, and is not counted. */
  admitToPage(request: Request): Holder | GateFault {
    const found = this.identify(request);
    return found === "missing" ? found : this.#counted(found);
  }

  /** Who holds a token that was typed in; refusals are counted. */
  admitTyped(token: string): Holder | TokenFault {
    return this.#counted(tokenText.test(token) ? this.#check(token) : "malformed");
  }

  /** Who sent the request, not counted. */
  identify(request: Request): Holder | GateFault {
    if (this.#secret === undefined) return anonymous;
    const token = tokenOf(request);
    return token === null ? "missing" : this.#check(token);
  }

  #counted<F extends GateFault>(found: Holder | F): Holder | F {
    if (typeof found === "string") this.#metrics.authFailures.add(1, { reason: found });
    return found;
  }

  #check(token: string): Holder | TokenFault {
    return this.#secret === undefined ? anonymous : readToken(this.#secret, token, this.#now());
  }
}

/** How a refused viewer's request is answered. */
export function gateProblem(
  fault: GateFault,
): { readonly status: number; readonly title: string; readonly detail: string } {
  const detail = gateWords(fault);
  return fault === "wrong_role"
    ? { status: 403, title: "This role may not look", detail }
    : { status: 401, title: "Not authenticated", detail };
}

/** What a refused viewer is told. */
export function gateWords(fault: GateFault): string {
  switch (fault) {
    case "missing":
      return "A token is needed: log in at /login, or send Authorization: Bearer <token>.";
    case "malformed":
    case "forged":
      return "The token is not one of this relay's.";
    case "early":
      return "The token is not valid yet: wait until it is, or compare the clocks of this relay and of whoever made it.";
    case "expired":
      return "The token has expired: ask for a new one, and log in at /login.";
    case "wrong_role":
      return "The token's role is neither viewer nor operator.";
  }
}

function tokenOf({ headers, url }: Request): string | null {
  const authorization = bearer(headers.get("authorization"));
  if (authorization !== null) return authorization;
  const protocol = subprotocols(headers).find((name) => name.startsWith(bearerPrefix));
  if (protocol !== undefined) return protocol.slice(bearerPrefix.length);
  // A browser sends its cookie by itself, however old: what was written on purpose comes first.
  return new URL(url).searchParams.get("token") ?? cookie(headers.get("cookie") ?? "");
}

/**
 * The subprotocol to agree on, because clients give up a socket whose server chose none of those that they offered: the
 * first one that is no token, or else the token's.
 */
export function chooseSubprotocol(headers: Headers): string | null {
  const offered = subprotocols(headers);
  return offered.find((name) => !name.startsWith(bearerPrefix)) ?? offered[0] ?? null;
}

const bearerPrefix = "bearer.";

function subprotocols(headers: Headers): string[] {
  return (headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim()).filter((name) =>
    name !== ""
  );
}

/** The token of an `Authorization` header. */
export function bearer(header: string | null): string | null {
  return /^Bearer +(\S+)$/i.exec(header ?? "")?.[1] ?? null;
}

function cookie(header: string): string | null {
  const pair = header.split(";").map((part) => part.trim()).find((part) => part.startsWith(`${cookieName}=`));
  return pair?.slice(cookieName.length + 1) ?? null;
}
