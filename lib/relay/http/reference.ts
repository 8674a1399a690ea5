// The API in words, for the page that shows it (routes/docs.tsx): read off the same documents that programs get.

import { z } from "zod";
import { socketList } from "./asyncapi.ts";
import { openApi } from "./openapi.ts";
import { queryParameters } from "./json_schema.ts";

const schema = z.object({
  type: z.string().optional(),
  pattern: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  enum: z.array(z.string()).optional(),
  default: z.union([z.string(), z.number()]).optional(),
});
const parameter = z.object({
  name: z.string(),
  in: z.enum(["path", "query"]),
  required: z.boolean(),
  schema,
});
const body = z.object({ properties: z.record(z.string(), schema).default({}) });
const operation = z.object({
  summary: z.string(),
  parameters: z.array(parameter).default([]),
  requestBody: z.object({
    content: z.object({ "application/json": z.object({ schema: body }) }),
  }).optional(),
  responses: z.record(z.string(), z.object({ description: z.string() })),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

/** A parameter of a path, or a field of a request's body. */
export interface ApiField {
  /** As it is written in a request. */
  readonly name: string;
  /** Where it is written. */
  readonly place: "path" | "query" | "body";
  /** Whether a request without it is refused. */
  readonly required: boolean;
  /** What it may be: `integer, 1 to 20; 4 if not given`. */
  readonly words: string;
}

/** A path with its method, or a WebSocket. */
export interface ApiOperation {
  /** `GET`, `POST or PUT`, `WebSocket`. */
  readonly method: string;
  /** `/api/v1/tls/{tls}/power`. */
  readonly path: string;
  /** What it is for. */
  readonly summary: string;
  /** What a request may say. */
  readonly fields: readonly ApiField[];
  /** What it answers, by status code; none for a WebSocket. */
  readonly answers: readonly (readonly [status: string, words: string])[];
}

/** The whole API: paths in their order, then WebSockets. */
export function apiReference(): readonly ApiOperation[] {
  const { paths } = document.parse(openApi());
  const http = Object.entries(paths).flatMap(([path, { put, ...methods }]) =>
    Object.entries(methods).map(([name, { summary, parameters, requestBody, responses }]) => ({
      method: put && name === "post" ? "POST or PUT" : name.toUpperCase(),
      path,
      summary,
      fields: [
        ...parameters.map(fieldOf),
        ...Object.entries(requestBody?.content["application/json"].schema.properties ?? {}).map((
          [name, schema],
        ) => ({ name, place: "body", required: false, words: wordsOf(schema) } as const)),
      ],
      answers: Object.entries(responses).map(([status, { description }]) => [status, description] as const),
    }))
  );
  const sockets = socketList.map(({ address, summary, query }) => ({
    method: "WebSocket",
    path: address,
    summary,
    fields: z.array(parameter).parse(queryParameters(query)).map(fieldOf),
    answers: [],
  }));
  return [...http, ...sockets];
}

function fieldOf({ name, in: place, required, schema }: z.infer<typeof parameter>): ApiField {
  return { name, place, required, words: wordsOf(schema) };
}

function wordsOf(
  { type = "anything", pattern, minimum, maximum, enum: choices, default: otherwise }: z.infer<typeof schema>,
): string {
  const what = choices?.join(" or ") ??
    (pattern ? `text like ${pattern}` : type === "string" ? "text" : type);
  const range = minimum === undefined ? "" : `, ${minimum} to ${maximum}`;
  return `${what}${range}${otherwise === undefined ? "" : `; ${otherwise} if not given`}`;
}
