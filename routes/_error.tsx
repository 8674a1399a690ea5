// What a page shows when it could not be made. The reason is in the relay's log, never in the page.

import { PageHead } from "../components/PageHead.tsx";
import { define, modulesOf } from "../utils.ts";

export default define.page(({ state }) => (
  <>
    <PageHead modules={modulesOf(state)} />
    <main id="content" class="error-page">
      <h1>This page could not be made</h1>
      <p>Something failed in the relay; its log says what. The readings are still being recorded.</p>
      <p>
        <a href="/">Go to the live readings</a>
      </p>
    </main>
  </>
));
