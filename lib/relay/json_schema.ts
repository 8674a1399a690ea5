// The schemas of the relay's boundaries as JSON Schema, for the documents that describe its API.

import { z } from "zod";

/** A piece of JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** A schema as a caller writes it (`input`) or gets it (`output`). What JSON Schema cannot say is left open. */
export function schemaOf(schema: z.core.$ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return rest;
}

/** The parameters of a query, for OpenAPI: each as the number that its text stands for, where it is one. */
export function queryParameters({ shape }: z.ZodObject): readonly Json[] {
  return Object.entries(shape).map(([name, field]) => {
    const meant = schemaOf(field, "output");
    return {
      name,
      in: "query",
      required: !z.safeParse(field, undefined).success,
      schema: "type" in meant ? meant : schemaOf(field, "input"),
    };
  });
}
