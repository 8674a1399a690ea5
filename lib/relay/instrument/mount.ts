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
import { errorsOf, readQuery, wholeNumber, wrongRequest } from "../http/query.ts";
import { ok, refusal } from "./answers.ts";
import { type Desk, failure, type Sender } from "./desk.ts";
import type { Resource } from "./resources.ts";

/** Before every path. */
export const prefix = "/api/v1/";
/** In a query: every path takes one. */
export const stationQuery = { station: stationName.optional() };

/** RFC 9110, 8.3.1: letters may be of either case, and parameters may follow. */
const jsonType = /^application\/json\s*(;|$)/i;

interface Query {
  readonly station?: string | undefined;
  readonly module?: number;
}

/** Of a body, the fields that its path takes, and what is wrong with the others. */
interface Body {
  readonly fields: Readonly<Record<string, unknown>>;
  readonly errors: readonly InvalidParameter[];
}

const noBody: Body = { fields: {}, errors: [] };

/** Puts it on `app`. */
export function mount(
  app: Hono<{ Bindings: Bindings }>,
  desk: Desk,
  { path, query, read, write }: Resource,
): void {
  const full = prefix + path;
  const schema = z.strictObject({ ...query, ...stationQuery });

  /** Everything that a request says is looked at before anything that is wrong with it is told. */
  const prepare = <N extends CommandName>(
    command: N,
    request: Request,
    numbers: Readonly<Record<string, string>>,
    body: Body | Response = noBody,
  ) => {
    const { fields, errors } = body instanceof Response ? noBody : body;
    const found = readQuery(new URL(request.url), schema);
    const { station: named, ...given }: Query = found.value ?? {};
    const params = {
      ...given,
      // what is no number stays as it is: the command's schema refuses it by its name
      ...Object.fromEntries(
        Object.entries(numbers).map(([name, text]) => [name, wholeNumber.safeParse(text).data ?? text]),
      ),
      ...fields,
    };
    const checked = commands[command].params.safeParse(params);
    const wrong = errorsOf(checked.error, params).filter(({ name }) => !Object.hasOwn(query, name));
    const all = [...found.errors, ...wrong, ...errors];
    if (all.length > 0) return wrongRequest(all);
    if (body instanceof Response) return body;
    const station = desk.station(named, given.module);
    if (typeof station !== "string") return refusal(station);
    // This very command's schema has just accepted them.
    return { station, params: checked.data as CommandParams<N> };
  };

  if (read) {
    app.get(full, async (context) => {
      const sender = { request: context.req.raw, info: context.env.info };
      const refused = read.changes ? desk.refusal(sender) : desk.lookRefusal(sender);
      if (refused) return refusal(refused);
      const prepared = prepare(read.command, context.req.raw, context.req.param());
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
      const body = await readBody(context.req.raw, write);
      const prepared = prepare(write.command, context.req.raw, context.req.param(), body);
      if (prepared instanceof Response) return prepared;
      const { station, params } = prepared;
      return await carryOut(desk, sender, station, write.command, params, read?.fields);
    });
  }
  onlyMethods(app, full, [...read ? ["GET"] : [], ...write ? ["POST", "PUT"] : []].join(", "));
}

async function carryOut<N extends CommandName>(
  desk: Desk,
  operator: Sender | null,
  station: string,
  command: N,
  params: CommandParams<N>,
  fields: readonly string[] | undefined,
): Promise<Response> {
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
  { fields = [], fixed, bare }: NonNullable<Resource["write"]>,
): Promise<Body | Response> {
  const text = await request.text();
  if (text === "" && bare) return { ...noBody, fields: { ...fixed } };
  if (!jsonType.test(request.headers.get("content-type") ?? "")) {
    return problemResponse(415, {
      title: "The body must be JSON",
      detail: "Send Content-Type: application/json.",
    });
  }
  const body = z.record(z.string(), z.unknown()).safeParse(parseJson(text));
  if (!body.success) return refusal(failure(400, "The body is wrong", "It is not a JSON object."));
  const given = Object.entries(body.data);
  const known = given.filter(([name]) => fields.includes(name));
  const unknown = given.filter(([name]) => !fields.includes(name));
  const missing = given.length === 0 && !bare ? fields : [];
  return {
    fields: { ...fixed, ...Object.fromEntries(known) },
    errors: [
      ...unknown.map(([name]) => ({ name, reason: "is not a field of this path" })),
      ...missing.map((name) => ({ name, reason: "may be given; nothing was" })),
    ],
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
