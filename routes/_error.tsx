// What a page shows when it could not be made, or does not take what was sent. A reason of the relay's own is in its log, never
// in the page.

import { HttpError } from "fresh";
import { PageHead } from "../components/PageHead.tsx";
import { define, modulesOf } from "../utils.ts";

export default define.page(({ state, req, url, error }) => {
  const refused = error instanceof HttpError && error.status === 405;
  return (
    <>
      <PageHead modules={modulesOf(state)} />
      <main id="content" class="error-page">
        <h1>{refused ? "This address does not take that" : "This page could not be made"}</h1>
        {refused
          ? (
            <p>
              <code>{url.pathname}</code> takes no <code>{req.method}</code>. Nothing was changed.
            </p>
          )
          : <p>Something failed in the relay; its log says what. The readings are still being recorded.</p>}
        <p>
          <a href="/">Go to the live readings</a>
        </p>
      </main>
    </>
  );
});
