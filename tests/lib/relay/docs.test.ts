import assert from "node:assert/strict";
import { SmartRouter } from "hono/router/smart-router";
import { z } from "zod";
import { apiReference } from "../../../lib/relay/mod.ts";
import { OpenApi } from "./openapi.ts";
import { agentToken, type ServedRelay, serveRelay } from "./support.ts";

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

async function documentOf(served: ServedRelay, path: string): Promise<z.infer<typeof anything>> {
  return anything.parse(await (await fetch(`http://${served.host}/api/v1/${path}`)).json());
}

/** Method and path of everything that `make` puts on Hono, as OpenAPI writes them; what answers any method is left out. */
function routesOf<T>(make: () => T): { readonly made: T; readonly routes: ReadonlySet<string> } {
  const routes = new Set<string>();
  const { add } = SmartRouter.prototype;
  SmartRouter.prototype.add = function (method, path, handler) {
    if (method !== "ALL") routes.add(`${method} ${path.replace(/:(\w+)(\{.+?\})?/g, "{$1}")}`);
    return add.call(this, method, path, handler);
  };
  try {
    return { made: make(), routes };
  } finally {
    SmartRouter.prototype.add = add;
  }
}

Deno.test("OpenAPI and AsyncAPI name every path of the relay with its methods, and nothing else", async () => {
  const { made, routes } = routesOf(serveRelay);
  await using served = await made;
  const { paths } = z.object({ paths: z.record(z.string(), anything) })
    .parse(await documentOf(served, "openapi.json"));
  const { channels } = z.object({ channels: z.record(z.string(), z.looseObject({ address: z.string() })) })
    .parse(await documentOf(served, "asyncapi.json"));
  const documented = [
    ...Object.entries(paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
    ),
    ...Object.values(channels).map(({ address }) => `GET ${address}`),
  ];
  assert.deepEqual(documented.sort(), [...routes].sort());
});

for (
  const [path, key, version] of [["openapi.json", "openapi", "3.1.0"], [
    "asyncapi.json",
    "asyncapi",
    "3.0.0",
  ]] as const
) {
  Deno.test(`each reference in ${path} leads somewhere`, async () => {
    await using served = await serveRelay();
    const document = await documentOf(served, path);
    assert.equal(document[key], version);
    for (const reference of references(document)) {
      assert.match(reference, /^#\//);
      assert.ok(resolve(document, reference) !== undefined, reference);
    }
  });
}

Deno.test("the parameters in OpenAPI are those that a request may have", async () => {
  await using served = await serveRelay();
  const document = await documentOf(served, "openapi.json");
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

for (
  const [words, options] of [
    ["to everybody", {}],
    ["to somebody without a token", { viewerSecret: "a-viewer-secret-of-32-characters!" }],
  ] as const
) {
  Deno.test(`whatever the relay answers ${words} while it has no instrument is in OpenAPI`, async () => {
    await using served = await serveRelay(options);
    const openApi = await OpenApi.of(served.host);
    for (const operation of openApi.operations) {
      const { method, url } = operation;
      const ask = async (query: string, init?: RequestInit) =>
        await openApi.check(operation, await fetch(url + query, { method, ...init }));
      for (const query of ["", "?nonsense=1", "?from=1&to=2"]) await ask(query);
      if (method === "GET") continue;
      for (const body of ["text", "long".repeat(5000)]) await ask("", { body });
      const headers = { "content-type": "application/json", authorization: `Bearer ${agentToken}` };
      for (const body of ["{}", "[]", '{"nonsense":1}']) await ask("", { body, headers });
    }
  });
}

Deno.test("what a relay that is restarting answers is in OpenAPI", async () => {
  await using served = await serveRelay();
  const openApi = await OpenApi.of(served.host);
  await served.relay.close();
  for (const operation of openApi.operations) {
    const answer = await fetch(operation.url, { method: operation.method });
    assert.equal(answer.status, 503);
    await openApi.check(operation, answer);
  }
});

Deno.test("AsyncAPI has no field that its schema does not know, and the bounds of a socket's query", async () => {
  await using served = await serveRelay();
  const document = await documentOf(served, "asyncapi.json");
  const info = z.object({ license: anything }).parse(document["info"]);
  // OpenAPI 3.1 has `identifier` as well.
  assert.deepEqual(Object.keys(info.license), ["name", "url"]);
  assert.deepEqual(resolve(document, "#/channels/power/bindings/ws/query/properties/module"), {
    default: 4,
    type: "integer",
    minimum: 1,
    maximum: 20,
  });
});

Deno.test("the API in words names every path and socket once, with what each field may be", () => {
  const operations = apiReference();
  const names = operations.map(({ method, path }) => `${method} ${path}`);
  assert.equal(new Set(names).size, names.length);
  for (const name of ["GET /api/v1/readings", "POST or PUT /api/v1/rlaser/{laser}/power", "WebSocket /ws"]) {
    assert.ok(names.includes(name), name);
  }
  const power = operations.find(({ path }) => path === "/api/v1/ws/v2/power");
  assert.deepEqual(power?.fields.map(({ name, required, words }) => [name, required, words]), [
    ["module", false, "integer, 1 to 20; 4 if not given"],
    ["interval", false, "number, 0.01 to 10; 0.1 if not given"],
    ["since", false, "text"],
  ]);
});
