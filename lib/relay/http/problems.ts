// Answers that say what is wrong: RFC 9457, `application/problem+json`.

import type { InvalidParameter, Problem } from "../../protocol/mod.ts";
import { sizedResponse } from "./sized.ts";

/** What a problem says beside its status. */
export interface ProblemDetails {
  readonly title: string;
  readonly detail?: string;
  readonly errors?: readonly InvalidParameter[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** An answer with a problem body. */
export function problemResponse(
  status: number,
  { title, detail, errors, headers }: ProblemDetails,
): Response {
  const body: Problem = {
    type: "about:blank",
    title,
    status,
    ...(detail === undefined ? {} : { detail }),
    ...(errors === undefined ? {} : { errors: [...errors] }),
  };
  return sizedResponse(JSON.stringify(body), {
    status,
    headers: { "content-type": "application/problem+json", "cache-control": "no-store", ...headers },
  });
}
