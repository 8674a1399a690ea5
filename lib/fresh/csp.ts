/**
 * The Content-Security-Policy of pages. The engine itself needs no inline script and no inline style, so the policy allows
 * none, unless a nonce is asked for.
 */
import { internalsOf } from "./context.ts";
import type { Middleware } from "./handlers.ts";

/** Settings of {@linkcode csp}. */
export interface CSPOptions {
  /** Only report what the policy would forbid. */
  readonly reportOnly?: boolean;
  /** Where browsers send reports. */
  readonly reportTo?: string;
  /** Directives that replace those of the same name, or come in addition. */
  readonly csp?: readonly string[];
  /** Allow the inline scripts and styles that the page itself renders, by a nonce of their own. */
  readonly useNonce?: boolean;
}

const DIRECTIVES: readonly string[] = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self'",
  "font-src 'self'",
  "img-src 'self' data:",
  "media-src 'self' data: blob:",
  "worker-src 'self' blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
];

const WITH_NONCE = /^(script|style)-src(-elem)?$/;

/** Middleware that sets the policy on every response. */
export function csp<State>(
  { reportOnly = false, reportTo, csp = [], useNonce = false }: CSPOptions = {},
): Middleware<State> {
  const nameOf = (directive: string) => directive.split(" ", 1)[0] ?? "";
  const replaced = new Set(csp.map(nameOf));
  const directives = [...DIRECTIVES.filter((directive) => !replaced.has(nameOf(directive))), ...csp];
  if (reportTo !== undefined) directives.push("report-to csp-endpoint", `report-uri ${reportTo}`);
  const header = reportOnly ? "Content-Security-Policy-Report-Only" : "Content-Security-Policy";

  return async (ctx) => {
    const nonce = useNonce ? crypto.randomUUID().replaceAll("-", "") : null;
    internalsOf(ctx).nonce = nonce;
    const response = await ctx.next();
    const policy = nonce === null
      ? [...directives]
      : directives.map((directive) => withNonce(nameOf(directive), directive, nonce));
    // Over plain HTTP, as in a closed laboratory, upgrading would break every asset.
    if (ctx.url.protocol === "https:" && !replaced.has("upgrade-insecure-requests")) {
      policy.push("upgrade-insecure-requests");
    }
    response.headers.set(header, policy.join("; "));
    if (reportTo !== undefined) response.headers.set("Reporting-Endpoints", `csp-endpoint="${reportTo}"`);
    return response;
  };
}

function withNonce(name: string, directive: string, nonce: string): string {
  if (!WITH_NONCE.test(name)) return directive;
  return `${directive.replace(" 'unsafe-inline'", "")} 'nonce-${nonce}'`;
}
