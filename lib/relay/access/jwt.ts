// Viewers' tokens: JSON Web Tokens (RFC 7519) signed with HS256, and no other kind. Checked synchronously and against
// the relay's own clock, which the libraries at hand do not offer.

import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import { z } from "zod";
import { sameSecret } from "./secret.ts";

/** What a viewer may do: `viewer` looks, `operator` also acts on the instrument. */
export type Role = "viewer" | "operator";

// What `crit` names has to be understood (RFC 7515, 4.1.11), and nothing is.
const header = z.object({ alg: z.literal("HS256"), crit: z.undefined().optional() });

const base64url = /^[\w-]+$/;

const claims = z.object({
  /** Unix seconds. */
  exp: z.number(),
  nbf: z.number().optional(),
  role: z.string(),
  sub: z.string().max(100).optional(),
});

/** Who holds a token. */
export interface Holder {
  readonly role: Role;
  /** A name for logs; null where the token has none. */
  readonly name: string | null;
  /** Unix milliseconds. */
  readonly expiresMs: number;
}

/** Why a token is not accepted; `early`: not yet. */
export type TokenFault = "malformed" | "forged" | "early" | "expired" | "wrong_role";

/** Makes a token that ends at `expiresMs` (Unix milliseconds). */
export function signToken(secret: string, role: Role, expiresMs: number, name: string | null = null): string {
  const payload = { role, exp: Math.floor(expiresMs / 1000), ...(name === null ? {} : { sub: name }) };
  const signed = [{ alg: "HS256", typ: "JWT" }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${signed}.${signature(secret, signed)}`;
}

/** The holder of a token, or why it is not accepted. The signature is looked at before anything that it covers. */
export function readToken(secret: string, token: string, nowMs: number): Holder | TokenFault {
  const parts = token.split(".");
  const [first = "", second = "", third = ""] = parts;
  if (parts.length !== 3 || !parts.every((part) => base64url.test(part))) return "malformed";
  // As text: several texts stand for the same bytes.
  if (!sameSecret(third, signature(secret, `${first}.${second}`))) return "forged";
  const found = { header: header.safeParse(decode(first)), claims: claims.safeParse(decode(second)) };
  if (!found.header.success || !found.claims.success) return "malformed";
  const { exp, nbf = 0, role, sub = null } = found.claims.data;
  if (nowMs >= exp * 1000) return "expired";
  if (nowMs < nbf * 1000) return "early";
  if (role !== "viewer" && role !== "operator") return "wrong_role";
  return { role, name: sub, expiresMs: exp * 1000 };
}

function signature(secret: string, signed: string): string {
  return createHmac("sha256", secret).update(signed).digest("base64url");
}

function decode(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, "base64url").toString());
  } catch {
    return null;
  }
}
