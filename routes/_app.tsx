// The frame of every page.

import { asset } from "fresh/runtime";
import { lampId } from "../components/lamp.ts";
import type { Viewer } from "../lib/relay/mod.ts";
import { define, modulesOf } from "../utils.ts";

export default define.page(({ Component, state, req }) => {
  const viewer = state.relay.viewer(req);
  const [module] = modulesOf(state);
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{state.title === undefined ? "Lightline" : `${state.title} · Lightline`}</title>
        <link rel="icon" href={asset("/favicon.svg")} type="image/svg+xml" />
        <link rel="stylesheet" href={asset("/styles.css")} />
      </head>
      <body>
        <a class="skip" href="#content">Skip to the readings</a>
        <Lamp words={viewer === null ? "" : state.relay.instruments.lit()} />
        <Component />
        <footer class="foot">
          <span class="printed">Page of {new Date().toISOString().slice(0, 19).replace("T", " ")} UTC</span>
          {module !== undefined && (
            <a href={`/api/v1/readings?module=${module}&limit=1000`}>Latest readings as JSON</a>
          )}
          <a href="/ready">State of each part</a>
          <a href="/docs">API</a>
          <Session viewer={viewer} />
        </footer>
      </body>
    </html>
  );
});

/** Says on every page that there is light. */
function Lamp({ words }: { readonly words: string }) {
  return <p id={lampId} class="lamp" role="status" hidden={words === ""}>{words}</p>;
}

/** Who is logged in, where that is needed. */
function Session({ viewer }: { readonly viewer: Viewer | null }) {
  if (viewer === null || viewer.expiresMs === Infinity) return null;
  return (
    <form method="post" action="/logout">
      {viewer.name ?? viewer.role} <button type="submit">Log out</button>
    </form>
  );
}
