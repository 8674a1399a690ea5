// Answers of the instrument's paths, as HTTP: what was found, a file, or a problem.

import { problemResponse } from "../http/problems.ts";
import type { Failure } from "./desk.ts";

/** What was found. */
export function ok<T extends Readonly<Record<string, unknown>>>(value: T): Response {
  return Response.json(value, { headers: { "cache-control": "no-store" } });
}

/** A problem. */
export function refusal({ status, title, detail, errors }: Failure): Response {
  const headers: Readonly<Record<string, string>> = status === 401 ? { "www-authenticate": "Bearer" } : {};
  return problemResponse(status, { title, detail, headers, ...(errors && { errors }) });
}

/** Something to keep, or to read piece by piece. */
export function file(
  body: ReadableStream<Uint8Array>,
  type: string,
  name: string | null,
  more: Readonly<Record<string, string>> = {},
): Response {
  const headers = new Headers({ "content-type": type, "cache-control": "no-store", ...more });
  if (name !== null) headers.set("content-disposition", `attachment; filename="${name}"`);
  return new Response(body, { headers });
}
