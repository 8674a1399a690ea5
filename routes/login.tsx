// Where viewers need a token, the page that takes it once: from then on a cookie that no script can read lets them in.

import { page } from "fresh";
import { PageHead } from "../components/PageHead.tsx";
import { define } from "../utils.ts";
import { fieldsOf } from "./(_shared)/form.ts";

interface Form {
  /** The path to go to afterwards. */
  readonly next: string;
  /** Why the last token was refused. */
  readonly refusal: string | null;
}

export const handler = define.handlers<Form>({
  GET(ctx) {
    ctx.state.title = "Log in";
    return page({ next: safePath(ctx.url.searchParams.get("next")), refusal: null });
  },
  async POST(ctx) {
    ctx.state.title = "Log in";
    const fields = await fieldsOf(ctx.req);
    const next = safePath(fields.get("next"));
    const login = ctx.state.relay.logIn((fields.get("token") ?? "").trim(), ctx.req, ctx.info);
    if ("refusal" in login) {
      return page({ next, refusal: login.refusal }, {
        status: 401,
        headers: { "WWW-Authenticate": "Bearer" },
      });
    }
    const response = ctx.redirect(next, 303);
    response.headers.set("Set-Cookie", login.cookie);
    return response;
  },
});

export default define.page<typeof handler>(({ data: { next, refusal } }) => (
  <>
    <PageHead modules={[]} />
    <main id="content" class="login">
      <h1>Log in</h1>
      <form method="post" action="/login" class="card">
        <input type="hidden" name="next" value={next} />
        <label for="token">Token</label>
        <input
          id="token"
          name="token"
          type="password"
          required
          autocomplete="current-password"
          {...refusal !== null && { "aria-invalid": "true", "aria-describedby": "refusal" }}
        />
        {refusal !== null && <p id="refusal" role="alert" class="notice">{refusal}</p>}
        <button type="submit">Log in</button>
      </form>
      <p class="quiet">
        Whoever runs this relay makes a token with <code>deno task token</code>.
      </p>
    </main>
  </>
));

/** A path of this site: `//elsewhere` and `/\elsewhere` would lead away from it. */
function safePath(next: string | null): string {
  return next !== null && /^\/(?![/\\])[\x21-\x7e]*$/.test(next) ? next : "/";
}
