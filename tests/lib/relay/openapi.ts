// The OpenAPI document of a running relay, as something to hold its answers against.

import assert from "node:assert/strict";
import { z } from "zod";

const json = z.record(z.string(), z.unknown());
const answer = z.object({
  content: z.record(z.string(), z.object({ schema: json.optional() })).default({}),
  headers: json.default({}),
});
const operation = z.object({ responses: z.record(z.string(), answer) });
const document = z.object({
  paths: z.record(z.string(), z.record(z.string(), operation)),
  components: z.object({ schemas: z.record(z.string(), json) }),
});

/** A method of a path. */
export interface Operation {
  /** In capitals. */
  readonly method: string;
  /** As the document writes it, `/api/v1/tls/{tls}/power`. */
  readonly path: string;
  /** Its URL, with 1 for each number in its path. */
  readonly url: string;
}

/** The document. */
export class OpenApi {
  readonly #document: z.infer<typeof document>;
  readonly operations: readonly Operation[];

  private constructor(origin: string, found: z.infer<typeof document>) {
    this.#document = found;
    this.operations = Object.entries(found.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((name) => ({
        method: name.toUpperCase(),
        path,
        url: origin + path.replace(/\{\w+\}/g, "1"),
      }))
    );
  }

  static async of(host: string): Promise<OpenApi> {
    const origin = `http://${host}`;
    return new OpenApi(origin, document.parse(await (await fetch(`${origin}/api/v1/openapi.json`)).json()));
  }

  /** Reads an answer, which fails unless the document has its status, its media type and, of JSON, a schema that it fits. */
  async check({ method, path }: Operation, response: Response): Promise<void> {
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    const words = `${method} ${path} answers ${response.status} ${type}`;
    const known = this.#document.paths[path]?.[method.toLowerCase()]?.responses[response.status];
    assert.ok(known, words);
    const content = known.content[type];
    assert.ok(content, words);
    for (const name of Object.keys(known.headers)) {
      assert.ok(response.headers.has(name), `${words}, no ${name}`);
    }
    const text = await response.text();
    if (!type.endsWith("json")) return;
    assert.ok(content.schema, `${words} without a schema`);
    const fit = z.fromJSONSchema(this.#resolved(content.schema)).safeParse(JSON.parse(text));
    assert.ok(fit.success, `${words}: ${fit.error?.message}`);
  }

  #resolved(schema: z.infer<typeof json>): z.infer<typeof json> {
    const name = z.string().optional().parse(schema["$ref"])?.replace("#/components/schemas/", "");
    return name === undefined ? schema : this.#document.components.schemas[name] ?? {};
  }
}
