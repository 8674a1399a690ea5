// Queries against their schemas: one entry for each wrong parameter, unknown and repeated ones among them.

import { z } from "zod";
import {
  cursorText,
  type InvalidParameter,
  latestTimestamp,
  moduleNumber,
  parseCursor,
  station,
} from "../../protocol/mod.ts";
import { problemResponse } from "./problems.ts";

/** Characters of a wrong value that an error repeats. */
const quotedAtMost = 80;

/** What is too long to be exact is above every bound that a parameter has; zod would say so in its own words. */
const read = (text: string) => Math.min(Number(text), Number.MAX_SAFE_INTEGER);

/** A whole number, read. */
export const wholeNumber = z.string().regex(/^\d+$/, "is not a whole number").transform(read);
const decimal = z.string().regex(/^\d+(\.\d+)?$/, "is not a decimal number").transform(read);
const seconds = (least: number, most: number) =>
  decimal.pipe(z.number().min(least, `is below ${least} s`).max(most, `is above ${most} s`));

/** A module's number; 4 where none is given. */
export const moduleParameter = wholeNumber.pipe(moduleNumber).default(4);

/** A cursor, read. */
const sinceParameter = cursorText.transform((text, context) => {
  const cursor = parseCursor(text);
  if (cursor) return cursor;
  context.addIssue({ code: "custom", message: "is not a cursor" });
  return z.NEVER;
});

/** `/api/v1/ws/v2/power` */
export const powerQuery = z.strictObject({
  module: moduleParameter,
  interval: seconds(0.01, 10).default(0.1),
  since: sinceParameter.optional(),
});

/** `/api/v1/ws/v2/sweep/progress` */
export const sweepQuery = z.strictObject({ station: station.optional() });

/** `/api/v1/readings` */
export const readingsQuery = z.strictObject({
  module: moduleParameter,
  since: sinceParameter.optional(),
  limit: wholeNumber.pipe(z.int().min(1, "is below 1").max(5000, "is above 5000")).default(1000),
  wait: seconds(0, 30).default(0),
});

const unixSeconds = decimal.pipe(z.number().max(latestTimestamp, "is not a time in Unix seconds"));
const stretch = { module: moduleParameter, from: unixSeconds, to: unixSeconds };
const inOrder = ({ from, to }: { readonly from: number; readonly to: number }) => !(from >= to);
const disorder = { path: ["to"], message: "is not after from" };

/** `/api/v1/history` */
export const historyQuery = z.strictObject({
  ...stretch,
  columns: wholeNumber.pipe(z.int().min(1, "is below 1").max(2000, "is above 2000")).default(800),
}).refine(inOrder, disorder);

/** `/api/v1/history.csv` */
export const exportQuery = z.strictObject(stretch).refine(inOrder, disorder);

/** `/api/v1/detector/snapshot` */
export const snapshotQuery = z.strictObject({ module: moduleParameter });

/** `/api/v1/agent` */
export const agentQuery = z.strictObject({ station });

/** A query without parameters. */
export const noQuery = z.strictObject({});

/** The query of `url` but for `token`, which is gate.ts's; or a problem with one entry for each wrong parameter. */
export function parseQuery<T extends object>(url: URL, schema: z.ZodType<T>): T | Response {
  const { value, errors } = readQuery(url, schema);
  return value ?? wrongRequest(errors);
}

/** The same, where something else of the request may be wrong as well: `value` is null where there are `errors`. */
export function readQuery<T extends object>(
  url: URL,
  schema: z.ZodType<T>,
): { readonly value: T | null; readonly errors: readonly InvalidParameter[] } {
  const given: Record<string, string> = Object.create(null);
  const repeated: InvalidParameter[] = [];
  for (const [name, value] of url.searchParams) {
    if (name === "token") continue;
    if (name in given) repeated.push({ name, reason: "is given twice" });
    given[name] = value;
  }
  const result = schema.safeParse({ ...given });
  const errors = [...errorsOf(result.error, given), ...repeated];
  return { value: errors.length === 0 ? result.data ?? null : null, errors };
}

/** What is wrong with which parameter of those that were `given`. */
export function errorsOf(
  error: z.ZodError | undefined,
  given: Readonly<Record<string, unknown>>,
): readonly InvalidParameter[] {
  return (error?.issues ?? []).flatMap((issue) => {
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((name) => ({ name, reason: "is not a parameter of this path" }));
    }
    const name = String(issue.path[0] ?? "");
    const value = given[name];
    return { name, reason: value === undefined ? "must be given" : `${quoted(value)} ${issue.message}` };
  });
}

/** A problem with one entry for each wrong parameter: the first thing that is wrong with it. */
export function wrongRequest(found: readonly InvalidParameter[]): Response {
  const errors = [...Map.groupBy(found, ({ name }) => name).values()].flatMap(([first]) => first ?? []);
  return problemResponse(400, {
    title: "The request is wrong",
    detail: errors.map(({ name, reason }) => `${name}: ${reason}`).join("; "),
    errors,
  });
}

function quoted(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" && value !== null ? "an object" : String(value).slice(0, quotedAtMost);
}
