// The HTTP paths as OpenAPI 3.1, generated from the schemas that check them.

import type { z } from "zod";
import { data, envelope, problem, publications, readingsPage } from "../../protocol/mod.ts";
import { cookieName } from "../access/gate.ts";
import { instrumentPaths } from "../instrument/describe.ts";
import {
  info,
  type Json,
  problemAnswer,
  problemContent,
  queryParameters,
  schemaOf,
  viewerSecurity,
} from "./json_schema.ts";
import { exportQuery, historyQuery, noQuery, readingsQuery, snapshotQuery } from "./query.ts";

const json = (description: string, name: string) => ({
  description,
  content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` } } },
});

const text = (description: string) => ({
  description,
  content: { "text/plain": { schema: { type: "string" } } },
});

const notReady = {
  description: "At least one does not, or the relay is restarting.",
  content: { ...text("").content, ...problemContent },
};

const anyJson = (description: string) => ({
  description,
  content: { "application/json": { schema: { type: "object" } } },
});

const wrongQuery = problemAnswer("The query is wrong: one entry for each parameter.");

const open = (summary: string, description: string): Json => ({
  get: {
    summary,
    responses: {
      200: anyJson(description),
      400: wrongQuery,
      503: problemAnswer("The relay is restarting."),
    },
  },
});

function look(
  summary: string,
  query: z.ZodObject,
  answers: Json,
  unavailable = "The relay is restarting.",
): Json {
  return {
    get: {
      summary,
      security: viewerSecurity,
      parameters: queryParameters(query),
      responses: {
        ...answers,
        400: wrongQuery,
        401: problemAnswer("A token is needed, or this one is not good."),
        403: problemAnswer("The role in the token may not look."),
        503: problemAnswer(unavailable),
      },
    },
  };
}

/** The OpenAPI 3.1 document of the paths that are no sockets. */
export function openApi(): Json {
  return {
    openapi: "3.1.0",
    info,
    paths: {
      "/api/v1/readings": look(
        "Readings after a cursor, oldest first; without one the newest",
        readingsQuery,
        {
          200: json("The readings, and the cursor for the next request.", "ReadingsPage"),
          304: { description: "Nothing has changed since the ETag." },
        },
      ),
      "/api/v1/history": look("A stretch of the history in columns, for plots", historyQuery, {
        200: json("The columns, and the gaps between them.", "Envelope"),
      }),
      "/api/v1/history.csv": look("A stretch of the history, every reading", exportQuery, {
        200: {
          description: "One line for each reading.",
          content: { "text/csv": { schema: { type: "string" } } },
        },
      }),
      "/api/v1/detector/snapshot": look("The newest reading", snapshotQuery, {
        200: json("The reading.", "Data"),
      }, "There is no reading yet, or the relay is restarting."),
      "/api/v1/events/{channel}": {
        post: {
          summary: "Publish on a channel",
          security: [{ agent: [] }],
          parameters: [{ name: "channel", in: "path", required: true, schema: { type: "string" } }],
          requestBody: {
            required: true,
            content: { "application/json": { schema: { $ref: "#/components/schemas/Publication" } } },
          },
          responses: {
            202: anyJson("Handed to the viewers of the channel: so many."),
            400: wrongQuery,
            401: problemAnswer("The agent's token is needed."),
            403: problemAnswer("The request is another site's, or the channel is the relay's own."),
            404: problemAnswer("There is no such channel."),
            413: problemAnswer("The message is too long."),
            422: problemAnswer("The message does not fit the channel."),
            503: problemAnswer("The relay is restarting."),
          },
        },
      },
      ...instrumentPaths(),
      "/health": open("Whether the process answers", "It does."),
      "/api/v1/openapi.json": open("This document", "The document."),
      "/api/v1/asyncapi.json": open("The sockets, as AsyncAPI 3", "The document."),
      "/ready": {
        get: {
          summary: "Whether every part works, one line for each",
          responses: { 200: text("Every part works."), 400: wrongQuery, 503: notReady },
        },
      },
      "/metrics": look("Figures for Prometheus", noQuery, { 200: text("Prometheus' text format.") }),
    },
    components: {
      schemas: {
        Data: schemaOf(data, "output"),
        ReadingsPage: schemaOf(readingsPage, "output"),
        Envelope: schemaOf(envelope, "output"),
        Problem: schemaOf(problem, "output"),
        Publication: { anyOf: Object.values(publications).map((schema) => schemaOf(schema, "input")) },
      },
      securitySchemes: {
        token: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        cookie: { type: "apiKey", in: "cookie", name: cookieName },
        query: { type: "apiKey", in: "query", name: "token" },
        agent: { type: "http", scheme: "bearer" },
      },
    },
  };
}
