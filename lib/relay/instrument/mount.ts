// One path of resources.ts on Hono: a request becomes a command, its outcome an answer. Which paths there are stands in
// resources.ts; who may is the desk's business.

import type { Hono } from "hono";
import { z } from "zod";
import {
  type CommandName,
  type CommandParams,
  commands,
  type InvalidParameter,
  station as stationName,
} from "../../protocol/mod.ts";
import { type Bindings, onlyMethods, shortBody } from "../http/paths.ts";
import { problemResponse } from "../http/problems.ts";
import { parseQuery, wholeNumber } from "../http/query.ts";
import { ok, refusal } from "./answers.ts";
import { type Desk, type Failure, failure, type Sender } from "./desk.ts";
import type { Resource } from "./resources.ts";

/** Before every path. */
export const prefix = "/api/v1/";
/** In a query: every path takes one. */
export const stationQuery = { station: stationName.optional() };

/** RFC 9110, 8.3.1: letters may be of either case, and parameters may follow. */
const jsonType = /^application\/json\s*(;|$)/i;

/** Puts it on `app`. */
export function mount(
  app: Hono<{ Bindings: Bindings }>,
  desk: Desk,
  { path, query, read, write }: Resource,
): void {
  const full = prefix + path;
  const schema = z.strictObject({ ...query, ...stationQuery });

  const prepare = (request: Request, numbers: Readonly<Record<string, string>>) => {
    const found = parseQuery(new URL(request.url), schema);
    if (found instanceof Response) return found;
    const { station: named, ...given } = found;
    const { module } = given as { module?: number };
    const station = desk.station(named, module);
    if (typeof station !== "string") return refusal(station);
    const params = {
      ...given,
      // what is no number stays as it is: the command's schema refuses it by its name
      ...Object.fromEntries(
        Object.entries(numbers).map(([name, text]) => [name, wholeNumber.safeParse(text).data ?? text]),
      ),
    };
    return { station, params };
  };

  if (read) {
    app.get(full, async (context) => {
      const sender = { request: context.req.raw, info: context.env.info };
      const refused = read.changes ? desk.refusal(sender) : desk.lookRefusal(sender);
      if (refused) return refusal(refused);
      const prepared = prepare(context.req.raw, context.req.param());
      if (prepared instanceof Response) return prepared;
      const { station, params } = prepared;
      return await carryOut(desk, read.changes ? sender : null, station, read.command, params, read.fields);
    });
  }
  if (write) {
    app.on(["POST", "PUT"], full, shortBody, async (context) => {
      const sender = { request: context.req.raw, info: context.env.info };
      const refused = desk.refusal(sender);
      if (refused) {
        desk.note(sender, { command: write.command, path: context.req.path }, refused);
        return refusal(refused);
      }
      const prepared = prepare(context.req.raw, context.req.param());
      if (prepared instanceof Response) return prepared;
      const body = await readBody(context.req.raw, write.fields ?? [], write.bare ?? false);
      if (body instanceof Response) return body;
      const params = { ...prepared.params, ...write.fixed, ...body };
      return await carryOut(desk, sender, prepared.station, write.command, params, read?.fields);
    });
  }
  onlyMethods(app, full, [...read ? ["GET"] : [], ...write ? ["POST", "PUT"] : []].join(", "));
}

async function carryOut<N extends CommandName>(
  desk: Desk,
  operator: Sender | null,
  station: string,
  command: N,
  given: Readonly<Record<string, unknown>>,
  fields: readonly string[] | undefined,
): Promise<Response> {
  const found = commands[command].params.safeParse(given);
  if (!found.success) return refusal(invalid(found.error, given));
  // This very command's schema has just accepted them.
  const params = found.data as CommandParams<N>;
  const outcome = operator === null
    ? await desk.ask(station, command, params)
    : await desk.change(operator, station, command, params);
  if (!outcome.ok) return refusal(outcome);
  const value: Readonly<Record<string, unknown>> = outcome.value;
  const entries = Object.entries(value);
  return ok(Object.fromEntries(fields ? entries.filter(([name]) => fields.includes(name)) : entries));
}

async function readBody(
  request: Request,
  fields: readonly string[],
  bare: boolean,
): Promise<Readonly<Record<string, unknown>> | Response> {
  const text = await request.text();
  if (text === "" && bare) return {};
  if (!jsonType.test(request.headers.get("content-type") ?? "")) {
    return problemResponse(415, {
      title: "The body must be JSON",
      detail: "Send Content-Type: application/json.",
    });
  }
  const body = z.record(z.string(), z.unknown()).safeParse(parseJson(text));
  if (!body.success) return refusal(failure(400, "The body is wrong", "It is not a JSON object."));
  const errors = Object.keys(body.data).filter((name) => !fields.includes(name))
    .map((name) => ({ name, reason: "is not a field of this path" }));
  if (errors.length === 0 && Object.keys(body.data).length === 0 && !bare) {
    errors.push(...fields.map((name) => ({ name, reason: "may be given; nothing was" })));
  }
  return errors.length === 0 ? body.data : refusal(wrong(errors));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function invalid({ issues }: z.ZodError, given: Readonly<Record<string, unknown>>): Failure {
  return wrong(issues.map(({ path, message }) => {
    const name = path.map(String).join(".");
    const value = given[name];
    return { name, reason: value === undefined ? message : `${value} ${message}` };
  }));
}

function wrong(errors: readonly InvalidParameter[]): Failure {
  return failure(
    400,
    "The request is wrong",
    errors.map(({ name, reason }) => `${name}: ${reason}`).join("; "),
    errors,
  );
}
