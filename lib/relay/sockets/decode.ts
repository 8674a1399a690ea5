// Text from outside against a schema: the message, or one sentence that says what is wrong with it.

import type { z } from "zod";

/**
 * The message in `text`, or what is wrong with it. No schema may yield a string. `quick` may recognize the most frequent
 * messages; what it answers with null goes to the schema.
 */
export function decode<T extends object>(
  schema: z.ZodType<T>,
  text: string,
  quick: (value: unknown) => T | null = unknown,
): T | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "the message is not JSON";
  }
  const known = quick(value);
  if (known) return known;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join(".") ?? "";
  return `the message matches no schema: ${path === "" ? "" : `${path}: `}${issue?.message ?? "unknown"}`;
}

function unknown(): null {
  return null;
}
