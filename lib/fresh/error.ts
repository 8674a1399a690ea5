/**
 * The one error that carries an HTTP status. Not for bugs: anything else that is thrown answers 500.
 */

/** Phrases of RFC 9110 for the statuses that servers answer by themselves. */
const STATUS_PHRASES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  409: "Conflict",
  410: "Gone",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/**
 * Thrown by a handler, middleware or component to answer with `status` (400 to 599). The nearest error page shows it;
 * without one the message, or the status' phrase, is the body.
 */
export class HttpError extends Error {
  /** The HTTP status code. */
  readonly status: number;

  /** `message` is shown to whoever asked, so it must hold no secret. */
  constructor(status: number, message?: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "HttpError";
    this.status = status;
  }
}

/** A known path was asked with a method that it does not have; `allow` lists those that it has. */
export class MethodNotAllowed extends HttpError {
  constructor(readonly allow: readonly string[]) {
    super(405);
  }
}

/** The status that `error` answers with: its own, or 500. */
export function statusOf(error: unknown): number {
  return error instanceof HttpError ? error.status : 500;
}

/** The answer when no error page is registered: text, and no word about what went wrong inside. */
export function plainErrorResponse(error: unknown): Response {
  const status = statusOf(error);
  const text = error instanceof HttpError && error.message !== "" ? error.message : STATUS_PHRASES[status];
  return new Response(text ?? "Error", { status, headers: allowHeader(error) });
}

/** `Allow` for a 405, as RFC 9110 section 15.5.6 asks; nothing otherwise. */
export function allowHeader(error: unknown): Record<string, string> {
  return error instanceof MethodNotAllowed ? { Allow: error.allow.join(", ") } : {};
}
