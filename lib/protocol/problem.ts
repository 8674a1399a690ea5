// Problem bodies of HTTP answers: RFC 9457, `application/problem+json`.

import { z } from "zod";

/** One wrong parameter of a request. */
export const invalidParameter = z.strictObject({ name: z.string(), reason: z.string() });

/** A problem; `errors` has one entry for each wrong parameter. */
export const problem = z.strictObject({
  type: z.string().default("about:blank"),
  title: z.string(),
  status: z.number().int(),
  detail: z.string().optional(),
  errors: z.array(invalidParameter).optional(),
});

/** See {@linkcode problem}. */
export type Problem = z.infer<typeof problem>;
/** See {@linkcode invalidParameter}. */
export type InvalidParameter = z.infer<typeof invalidParameter>;
