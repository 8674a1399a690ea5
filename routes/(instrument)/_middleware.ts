// The pages that operate the instrument: nothing is posted to them from elsewhere, and who has no token goes to get one.

import { csrf } from "fresh";
import { define, type State } from "../../utils.ts";

const login = define.middleware((ctx) => {
  if (ctx.state.relay.viewer(ctx.req) !== null) return ctx.next();
  return ctx.redirect(`/login?next=${encodeURIComponent(ctx.url.pathname + ctx.url.search)}`, 303);
});

export default [csrf<State>(), login];
