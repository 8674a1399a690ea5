// What stands at an address that has nothing.

import { PageHead } from "../components/PageHead.tsx";
import { define, modulesOf } from "../utils.ts";

export default define.page(({ url, state }) => (
  <>
    <PageHead modules={modulesOf(state)} />
    <main id="content" class="error-page">
      <h1>There is no page here</h1>
      <p>
        Nothing stands at <code>{url.pathname}</code>. The address may have been mistyped.
      </p>
      <p>
        <a href="/">Go to the live readings</a>
      </p>
    </main>
  </>
));
