// The instrument's paths, on Hono: a request becomes a command and its outcome an answer. Which paths there are stands in
// resources.ts; who may is the desk's business.

import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { z } from "zod";
import {
  channelNumber,
  type CommandName,
  type CommandParams,
  commands,
  type InvalidParameter,
  moduleNumber,
  station as stationName,
  traceName,
} from "../../protocol/mod.ts";
import { problemResponse } from "../problems.ts";
import { parseQuery } from "../query.ts";
import { type Desk, type Failure, failure, type Sender } from "./desk.ts";
import { csv, json, npy } from "./formats.ts";
import type { Instruments } from "./knowledge.ts";
import { type Resource, resources } from "./resources.ts";
import type { Trace, Traces } from "./traces.ts";

/** What a request brings along. */
interface Bindings {
  readonly info: Deno.ServeHandlerInfo;
}

/** The parts that the paths speak to. */
export interface InstrumentParts {
  readonly desk: Desk;
  readonly instruments: Instruments;
  readonly traces: Traces;
  readonly now: () => number;
}

const bodyLengthAtMost = 16 * 1024;
const prefix = "/api/v1/";

const whole = z.string().regex(/^\d{1,9}$/, "is not a whole number").transform(Number);
const stationQuery = { station: stationName.optional() };
/** `detector/trace/metadata` and `binary` */
export const traceQuery = z.strictObject({
  ...stationQuery,
  module: whole.pipe(moduleNumber).default(4),
  channel: whole.pipe(channelNumber).default(1),
  trace: traceName.default("transmission"),
});
/** `detector/trace/data` */
export const dataQuery = traceQuery.extend({ format: z.enum(["json", "csv"]).default("json") });
/** Everything else takes the station, beside what resources.ts says. */
export const justStation = z.strictObject(stationQuery);

/** The paths of the instrument. */
export function createInstrumentApi(parts: InstrumentParts): Hono<{ Bindings: Bindings }> {
  const { desk, instruments, traces, now } = parts;
  const app = new Hono<{ Bindings: Bindings }>();

  for (const resource of resources) mount(app, desk, resource);

  const look = <T extends { readonly station?: string | undefined; readonly module?: number }>(
    path: string,
    schema: z.ZodType<T>,
    answer: (station: string, query: T) => Response | Promise<Response>,
  ) => {
    app.get(prefix + path, (context) => {
      const sender = { request: context.req.raw, info: context.env.info };
      const refused = desk.lookRefusal(sender);
      if (refused) return refusal(refused);
      const query = parseQuery(new URL(context.req.url), schema);
      if (query instanceof Response) return query;
      const station = desk.station(query.station, query.module);
      return typeof station === "string" ? answer(station, query) : refusal(station);
    });
    onlyMethods(app, prefix + path, "GET");
  };

  const known = (station: string) =>
    instruments.of(station, now()) ??
      failure(503, "Nothing is known", `The agent of ${station} has said nothing of its instrument yet.`);

  look("rlaser", justStation, (station) => {
    const found = known(station);
    if ("status" in found) return refusal(found);
    const { lasers, current, sweep } = found;
    return ok({
      station,
      lasers,
      current,
      sweeping: sweep.state === "running",
      heard_at: new Date(found.heardMs).toISOString(),
    });
  });
  look("measurement/sweep/status", justStation, (station) => {
    const found = known(station);
    return "status" in found ? refusal(found) : ok({ station, ...found.sweep, activities: found.activities });
  });
  look("measurement/status/referencing", justStation, async (station) => {
    const outcome = await desk.ask(station, "condition.get", {});
    return outcome.ok
      ? ok({ referencing: outcome.value.activities.includes("referencing") })
      : refusal(outcome);
  });

  const trace = (
    query: z.infer<typeof traceQuery>,
    station: string,
    answer: (trace: Trace) => Response,
  ) => {
    const { module, channel, trace } = query;
    return traces.get(station, { module, channel, trace }).then((found) =>
      "status" in found ? refusal(found) : answer(found)
    );
  };
  look("detector/trace/metadata", traceQuery, async (station, { module, channel, trace }) => {
    const outcome = await desk.ask(station, "trace.extent", { module, channel, trace });
    return outcome.ok ? ok({ station, module, channel, trace, ...outcome.value }) : refusal(outcome);
  });
  look(
    "detector/trace/data",
    dataQuery,
    (station, query) =>
      trace(
        query,
        station,
        (found) =>
          query.format === "csv"
            ? file(text(csv(found)), "text/csv; charset=utf-8", `${nameOf(found)}.csv`)
            : file(text(json(found)), "application/json", null),
      ),
  );
  look(
    "detector/trace/binary",
    traceQuery,
    (station, query) =>
      trace(
        query,
        station,
        (found) =>
          file(
            ReadableStream.from(npy(found)),
            "application/x-npy",
            `${nameOf(found)}.npy`,
            extentHeaders(found),
          ),
      ),
  );
  return app;
}

function mount(app: Hono<{ Bindings: Bindings }>, desk: Desk, { path, query, read, write }: Resource): void {
  const full = prefix + path;
  const schema = z.strictObject({
    ...stationQuery,
    ...Object.fromEntries(Object.entries(query).map(([name, value]) => [name, whole.default(value)])),
  });

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
        Object.entries(numbers).map(([k, v]) => [k, /^\d{1,9}$/.test(v) ? Number(v) : v]),
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
    app.on(
      ["POST", "PUT"],
      full,
      bodyLimit({ maxSize: bodyLengthAtMost, onError: tooLong }),
      async (context) => {
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
      },
    );
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
  if (!request.headers.get("content-type")?.startsWith("application/json")) {
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

function refusal({ status, title, detail, errors }: Failure): Response {
  const headers: Readonly<Record<string, string>> = status === 401 ? { "www-authenticate": "Bearer" } : {};
  return problemResponse(status, { title, detail, headers, ...(errors && { errors }) });
}

function ok(value: Readonly<Record<string, unknown>>): Response {
  return Response.json(value, { headers: { "cache-control": "no-store" } });
}

/** An array knows nothing of wavelengths. */
function extentHeaders({ start_nm, sampling_pm, length }: Trace): Readonly<Record<string, string>> {
  return {
    "trace-start-nm": String(start_nm),
    "trace-sampling-pm": String(sampling_pm),
    "trace-length": String(length),
  };
}

function file(
  body: ReadableStream<Uint8Array>,
  type: string,
  name: string | null,
  more: Readonly<Record<string, string>> = {},
): Response {
  const headers = new Headers({ "content-type": type, "cache-control": "no-store", ...more });
  if (name !== null) headers.set("content-disposition", `attachment; filename="${name}"`);
  return new Response(body, { headers });
}

function text(source: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  return ReadableStream.from(source).pipeThrough(new TextEncoderStream());
}

function nameOf({ station, place }: Trace): string {
  return `${station}-module${place.module}-channel${place.channel}-${place.trace}`;
}

function onlyMethods(app: Hono<{ Bindings: Bindings }>, path: string, allowed: string): void {
  app.all(
    path,
    () => problemResponse(405, { title: `This path answers ${allowed} only`, headers: { allow: allowed } }),
  );
}

function tooLong(): Response {
  return problemResponse(413, {
    title: "The request is too long",
    detail: `A request may have ${bodyLengthAtMost} bytes.`,
  });
}
