// Written by `deno task build` and `deno task dev` from the files in routes/ and islands/: do not edit.
import * as routes0 from "./routes/_404.tsx";
import * as routes1 from "./routes/_app.tsx";
import * as routes2 from "./routes/_error.tsx";
import * as routes3 from "./routes/_middleware.ts";
import * as routes4 from "./routes/index.tsx";
import * as islands0 from "./islands/live.tsx";

export const routes = [
  { id: "/_404", module: routes0 },
  { id: "/_app", module: routes1 },
  { id: "/_error", module: routes2 },
  { id: "/_middleware", module: routes3 },
  { id: "/index", module: routes4 },
];

export const islands = [
  { name: "live", module: islands0 },
];
