// What all paths of the relay share: what a request brings along, how long it may be, which methods it may have.

import type { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { problemResponse } from "./problems.ts";

/** What a request brings along. */
export interface Bindings {
  readonly info: Deno.ServeHandlerInfo;
}

const bodyLengthAtMost = 16 * 1024;

/** Refuses a request that is too long. */
export const shortBody = bodyLimit({
  maxSize: bodyLengthAtMost,
  onError: () =>
    problemResponse(413, {
      title: "The request is too long",
      detail: `A request may have ${bodyLengthAtMost} bytes.`,
    }),
});

/** Every other method of this path is answered with those that it has. Comes after them. */
export function onlyMethods(app: Hono<{ Bindings: Bindings }>, path: string, allowed: string): void {
  const allow = `${allowed.replace(/\bGET\b/, "GET, HEAD")}, OPTIONS`;
  app.all(
    path,
    ({ req: { method } }) =>
      method === "OPTIONS"
        ? new Response(null, { status: 204, headers: { allow } })
        : problemResponse(405, { title: `This path answers ${allowed} only`, headers: { allow } }),
  );
}
