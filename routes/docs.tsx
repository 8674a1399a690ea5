// The API for people: every path and every WebSocket, with what it takes and what it answers.

import { page } from "fresh";
import { PageHead } from "../components/PageHead.tsx";
import { type ApiOperation, apiReference } from "../lib/relay/mod.ts";
import { define, modulesOf } from "../utils.ts";

const operations = apiReference();

export const handler = define.handlers({
  GET(ctx) {
    ctx.state.title = "API";
    return page();
  },
});

export default define.page(({ state }) => (
  <>
    <PageHead modules={modulesOf(state)} />
    <main id="content" class="reference">
      <h1>API</h1>
      <p>
        For programs: <a href="/api/v1/openapi.json">OpenAPI 3.1</a> describes the paths,{" "}
        <a href="/api/v1/asyncapi.json">AsyncAPI 3</a> the messages on the WebSockets.
      </p>
      {operations.map((operation) => (
        <Operation key={`${operation.method} ${operation.path}`} operation={operation} />
      ))}
    </main>
  </>
));

function Operation({ operation: { method, path, summary, fields, answers } }: {
  readonly operation: ApiOperation;
}) {
  return (
    <details>
      <summary>
        <span class="method">{method}</span> <code>{path}</code> <span class="quiet">{summary}</span>
      </summary>
      <dl>
        {fields.map(({ name, place, required, words }) => (
          <div key={`${place} ${name}`}>
            <dt>
              <code>{name}</code> <span class="quiet">{place}{required ? "" : ", optional"}</span>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
        {answers.map(([status, words]) => (
          <div key={status}>
            <dt>
              <code>{status}</code> <span class="quiet">answer</span>
            </dt>
            <dd>{words}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
