// `/docs`: the API on one page, drawn on the server from its OpenAPI document. No script, and nothing from elsewhere.

import { z } from "zod";
import { openApi, socketList } from "./describe.ts";

const operation = z.object({
  summary: z.string(),
  parameters: z.array(z.object({ name: z.string(), required: z.boolean(), schema: z.unknown() })).default([]),
  responses: z.record(z.string(), z.object({ description: z.string() })),
});
const document = z.object({ paths: z.record(z.string(), z.record(z.string(), operation)) });

/** The page. */
export function docsPage(): Response {
  const { paths } = document.parse(openApi());
  const http = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { summary, parameters, responses }]) =>
      section(`${method.toUpperCase()} ${path}`, summary, [
        ...parameters.map(({ name, required, schema }) =>
          [required ? name : `${name} (optional)`, JSON.stringify(schema)] as const
        ),
        ...Object.entries(responses).map(([status, { description }]) => [status, description] as const),
      ])
    )
  );
  const sockets = socketList.map(({ address, summary, query }) =>
    section(
      `WebSocket ${address}`,
      summary,
      Object.entries(query.shape).map(([name, field]) => [
        name,
        JSON.stringify(z.toJSONSchema(field, { io: "input", unrepresentable: "any" })),
      ]),
    )
  );
  const html = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>API – Lightline</title></head>
<body>
<main>
<h1>Lightline’s API</h1>
<p>For programs: <a href="/api/v1/openapi.json">OpenAPI 3.1</a>, <a href="/api/v1/asyncapi.json">AsyncAPI 3</a>.</p>
${http.join("\n")}
${sockets.join("\n")}
</main>
</body>
</html>
`;
  return new Response(html, {
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "x-content-type-options": "nosniff",
    },
  });
}

function section(title: string, summary: string, rows: readonly (readonly [string, string])[]): string {
  const list = rows.map(([name, words]) => `<dt><code>${escape(name)}</code></dt><dd>${escape(words)}</dd>`)
    .join("");
  return `<section><h2>${escape(title)}</h2><p>${escape(summary)}.</p>${
    list === "" ? "" : `<dl>${list}</dl>`
  }</section>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
