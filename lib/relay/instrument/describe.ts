// The paths of the instrument for OpenAPI, made from the same table and schemas that serve them.

import { z } from "zod";
import { type CommandName, commands } from "../../protocol/mod.ts";
import { type Json, problemAnswer, queryParameters, schemaOf, viewerSecurity } from "../http/json_schema.ts";
import {
  binaryHeaders,
  dataAnswer,
  dataQuery,
  extentAnswer,
  justStation,
  lasersAnswer,
  referencingAnswer,
  sweepAnswer,
  traceQuery,
} from "./looks.ts";
import { stationQuery } from "./mount.ts";
import { type Resource, resources } from "./resources.ts";

const problems = {
  400: problemAnswer("The request is wrong: one entry for each parameter or field."),
  401: problemAnswer("A token is needed, or this one is not good."),
  403: problemAnswer("Not for this role, or not from this origin."),
  409: problemAnswer("The instrument refused, in its words."),
  502: problemAnswer("The agent's answer cannot be read."),
  503: problemAnswer("The instrument, its agent or the relay is not there."),
  504: problemAnswer("The instrument did not answer in time."),
};

const writeProblems = {
  413: problemAnswer("The body is too long."),
  415: problemAnswer("The body is not said to be JSON."),
};

const noTrace = { 404: problemAnswer("There is no such trace: sweep first.") };

const json = (schema: z.ZodType) => ({
  content: { "application/json": { schema: schemaOf(schema, "output") } },
});

const jsonOrCsv = {
  content: { ...json(dataAnswer).content, "text/csv": { schema: { type: "string" } } },
};

const npy = {
  headers: Object.fromEntries(
    Object.entries(binaryHeaders.shape).map(([name, field]) => [name, { schema: schemaOf(field, "output") }]),
  ),
  // Bytes have a media type and no schema (OpenAPI 3.1.0, Considerations for File Uploads).
  content: { "application/x-npy": {} },
};

type Look = readonly [path: string, summary: string, query: z.ZodObject, done: Json, more?: Json];

const looks: readonly Look[] = [
  ["rlaser", "All reference lasers, as the agent saw them last", justStation, json(lasersAnswer)],
  ["measurement/sweep/status", "How far the sweep is", justStation, json(sweepAnswer)],
  [
    "measurement/status/referencing",
    "Whether a reference is being made",
    justStation,
    json(referencingAnswer),
  ],
  ["detector/trace/metadata", "What a trace spans", traceQuery, json(extentAnswer), noTrace],
  ["detector/trace/data", "A trace as JSON or CSV, as it comes", dataQuery, jsonOrCsv, noTrace],
  ["detector/trace/binary", "A trace as NPY (float32), as it comes", traceQuery, npy, noTrace],
];

/** `paths` of the OpenAPI document. */
export function instrumentPaths(): Json {
  return Object.fromEntries([
    ...resources.map((resource) => [pathOf(resource.path), describe(resource)]),
    ...looks.map(([path, summary, query, done, more]) => [
      pathOf(path),
      { get: operation(summary, queryParameters(query), done, more) },
    ]),
  ]);
}

function pathOf(path: string): string {
  return `/api/v1/${path.replace(/:(\w+)/g, "{$1}")}`;
}

function describe({ path, query, read, write }: Resource): Json {
  const numbers = [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "integer" },
  }));
  const parameters = [...numbers, ...queryParameters(z.object({ ...query, ...stationQuery }))];
  const answer = (command: CommandName, fields?: readonly string[]) => ({
    content: { "application/json": { schema: partOf(commands[command].value, fields) } },
  });
  const change = write && {
    ...operation(`Set: ${write.command}`, parameters, answer(write.command, read?.fields), writeProblems),
    ...(write.fields && {
      requestBody: {
        required: write.bare !== true,
        content: { "application/json": { schema: partOf(commands[write.command].params, write.fields) } },
      },
    }),
  };
  return {
    ...(read && { get: operation(`Read: ${read.command}`, parameters, answer(read.command, read.fields)) }),
    ...(change && { post: change, put: change }),
  };
}

function operation(summary: string, parameters: readonly Json[], done: Json, more: Json = {}): Json {
  const responses = { 200: { description: "Done.", ...done }, ...problems, ...more };
  return { summary, security: viewerSecurity, parameters, responses };
}

/** An object with some of a schema's fields, or with all of them. */
function partOf(schema: z.ZodObject, fields: readonly string[] = Object.keys(schema.shape)): Json {
  const shape = Object.entries(schema.shape).filter(([name]) => fields.includes(name));
  return schemaOf(z.strictObject(Object.fromEntries(shape)), "input");
}
