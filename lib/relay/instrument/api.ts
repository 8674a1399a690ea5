// The instrument's paths, on Hono: those of resources.ts, what the relay knows by itself, and traces.

import { Hono } from "hono";
import type { z } from "zod";
import { isoTime } from "../fanout/outgoing.ts";
import { type Bindings, onlyMethods } from "../http/paths.ts";
import { parseQuery } from "../http/query.ts";
import { file, ok, refusal } from "./answers.ts";
import { type Desk, failure } from "./desk.ts";
import { csv, json, npy } from "./formats.ts";
import { type Instruments, isSweeping } from "./knowledge.ts";
import {
  type binaryHeaders,
  dataQuery,
  type extentAnswer,
  justStation,
  type lasersAnswer,
  type referencingAnswer,
  type sweepAnswer,
  traceQuery,
} from "./looks.ts";
import { mount, prefix } from "./mount.ts";
import { resources } from "./resources.ts";
import type { Trace, Traces } from "./traces.ts";

/** The parts that the paths speak to. */
export interface InstrumentParts {
  readonly desk: Desk;
  readonly instruments: Instruments;
  readonly traces: Traces;
  readonly now: () => number;
}

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
    return ok<z.infer<typeof lasersAnswer>>({
      station,
      lasers,
      current,
      sweeping: isSweeping(sweep),
      heard_at: isoTime(found.heardMs),
      lit: instruments.lit(now()),
    });
  });
  look("measurement/sweep/status", justStation, (station) => {
    const found = known(station);
    return "status" in found ? refusal(found) : ok<z.infer<typeof sweepAnswer>>({
      station,
      ...found.sweep,
      activities: found.activities,
      lit: instruments.lit(now()),
    });
  });
  look("measurement/status/referencing", justStation, async (station) => {
    const outcome = await desk.ask(station, "condition.get", {});
    return outcome.ok
      ? ok<z.infer<typeof referencingAnswer>>({
        referencing: outcome.value.activities.includes("referencing"),
      })
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
    return outcome.ok
      ? ok<z.infer<typeof extentAnswer>>({ station, module, channel, trace, ...outcome.value })
      : refusal(outcome);
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

function extentHeaders(
  { start_nm, sampling_pm, length }: Trace,
): Readonly<Record<keyof z.infer<typeof binaryHeaders>, string>> {
  return {
    "trace-start-nm": String(start_nm),
    "trace-sampling-pm": String(sampling_pm),
    "trace-length": String(length),
  };
}

function text(source: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  return ReadableStream.from(source).pipeThrough(new TextEncoderStream());
}

function nameOf({ station, place }: Trace): string {
  return `${station}-module${place.module}-channel${place.channel}-${place.trace}`;
}
