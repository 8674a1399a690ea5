// Ends the session that /login began.

import { define } from "../utils.ts";

export const handler = define.handlers({
  POST(ctx) {
    const response = ctx.redirect("/login", 303);
    response.headers.set("Set-Cookie", ctx.state.relay.logOut(ctx.req, ctx.info));
    return response;
  },
});
