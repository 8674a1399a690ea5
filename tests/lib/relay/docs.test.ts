import assert from "node:assert/strict";
import { z } from "zod";
import { serveRelay } from "./support.ts";

const anything = z.record(z.string(), z.unknown());

/** Every `$ref` in a document. */
function references(value: unknown): string[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === "$ref" && typeof inner === "string" ? [inner] : references(inner)
  );
}

function resolve(document: unknown, reference: string): unknown {
  return reference.slice(2).split("/").reduce(
    (value, name) => anything.parse(value)[name.replaceAll("~1", "/")],
    document,
  );
}

for (
  const [path, version, names] of [
    ["openapi.json", ["openapi", "3.1.0"], [
      "/api/v1/readings",
      "/api/v1/detector/snapshot",
      "/health",
      "/ready",
      "/metrics",
    ]],
    ["asyncapi.json", ["asyncapi", "3.0.0"], ["power", "health", "sweep", "channels", "updates", "agent"]],
  ] as const
) {
  Deno.test(`${path} names every path, and each of its references leads somewhere`, async () => {
    await using served = serveRelay();
    const document = anything.parse(await (await fetch(`http://${served.host}/api/v1/${path}`)).json());
    assert.equal(document[version[0]], version[1]);
    const listed = Object.keys(anything.parse(document["paths"] ?? document["channels"]));
    for (const name of names) assert.ok(listed.includes(name), name);
    for (const reference of references(document)) {
      assert.match(reference, /^#\//);
      assert.ok(resolve(document, reference) !== undefined, reference);
    }
  });
}

Deno.test("the parameters in OpenAPI are those that a request may have", async () => {
  await using served = serveRelay();
  const document = anything.parse(await (await fetch(`http://${served.host}/api/v1/openapi.json`)).json());
  const operation = z.looseObject({
    get: z.looseObject({ parameters: z.array(z.looseObject({ name: z.string(), required: z.boolean() })) }),
  })
    .parse(anything.parse(document["paths"])["/api/v1/readings"]);
  assert.deepEqual(operation.get.parameters.map(({ name, required }) => [name, required]), [
    ["module", false],
    ["since", false],
    ["limit", false],
    ["wait", false],
  ]);
});

Deno.test("the page of the API loads nothing and runs nothing", async () => {
  await using served = serveRelay();
  const response = await fetch(`http://${served.host}/docs`);
  const html = await response.text();
  assert.match(html, /WebSocket \/api\/v1\/ws\/v2\/power/);
  assert.match(html, /GET \/api\/v1\/readings/);
  assert.doesNotMatch(html, /<script|<link|<img|https?:\/\/(?!json-schema)/);
  assert.match(response.headers.get("content-security-policy") ?? "", /default-src 'none'/);
});
