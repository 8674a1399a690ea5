// What the documents that describe the relay's API are made of: the schemas of its boundaries as JSON Schema, and what
// its paths have in common.

import { z } from "zod";

/** A piece of JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** What is described. */
export const info: Json = {
  title: "Lightline relay",
  version: "1",
  description: "Live optical power: readings kept, numbered and fanned out.",
  license: { name: "MIT", url: "https://spdx.org/licenses/MIT.html" },
};

/** Who may look: a viewer with a token, wherever it stands, or everybody where there are none. */
export const viewerSecurity = [{ token: [] }, { cookie: [] }, { query: [] }, {}];

/** A problem body, for OpenAPI. */
export const problemContent = {
  "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } },
};

/** An answer with a problem body, for OpenAPI. */
export const problemAnswer = (description: string): Json => ({ description, content: problemContent });

/** A schema as a caller writes it (`input`) or gets it (`output`). What JSON Schema cannot say is left open. */
export function schemaOf(schema: z.core.$ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}

/** The parameters of a query, for OpenAPI. */
export function queryParameters({ shape }: z.ZodObject): readonly Json[] {
  return Object.entries(shape).map(([name, field]) => ({
    name,
    in: "query",
    required: isRequired(field),
    schema: meaningOf(field),
  }));
}

/** A query as one object, for AsyncAPI. */
export function querySchema({ shape }: z.ZodObject): Json {
  const fields = Object.entries(shape);
  return {
    type: "object",
    properties: Object.fromEntries(fields.map(([name, field]) => [name, meaningOf(field)])),
    required: fields.filter(([, field]) => isRequired(field)).map(([name]) => name),
    additionalProperties: false,
  };
}

/** A parameter as the number that its text stands for, where it is one. */
function meaningOf(field: z.core.$ZodType): Json {
  const meant = schemaOf(field, "output");
  return "type" in meant ? meant : schemaOf(field, "input");
}

function isRequired(field: z.core.$ZodType): boolean {
  return !z.safeParse(field, undefined).success;
}
