// What the status page shows, for its island where no news come.

import { define } from "../utils.ts";
import { statusOf } from "./(_shared)/status.ts";

export const handler = define.handlers({
  GET: ({ state }) => Response.json(statusOf(state.relay)),
});
