// Written by `deno task build` and `deno task dev` from the files in routes/ and islands/: do not edit.
import * as routes0 from "./routes/(instrument)/lasers.tsx";
import * as routes1 from "./routes/(instrument)/sweep.tsx";
import * as routes2 from "./routes/_404.tsx";
import * as routes3 from "./routes/_app.tsx";
import * as routes4 from "./routes/_error.tsx";
import * as routes5 from "./routes/_middleware.ts";
import * as routes6 from "./routes/docs.tsx";
import * as routes7 from "./routes/index.tsx";
import * as routes8 from "./routes/login.tsx";
import * as routes9 from "./routes/logout.ts";
import * as routes10 from "./routes/modules/[module].tsx";
import * as routes11 from "./routes/status.tsx";
import * as routes12 from "./routes/status.json.ts";
import * as islands0 from "./islands/ConnectionBadge.tsx";
import * as islands1 from "./islands/HistoryPlot.tsx";
import * as islands2 from "./islands/ModulePanel.tsx";
import * as islands3 from "./islands/NoInstrument.tsx";
import * as islands4 from "./islands/Receipt.tsx";
import * as islands5 from "./islands/StatusBoard.tsx";
import * as islands6 from "./islands/lasers.tsx";
import * as islands7 from "./islands/sweep.tsx";

export const routes = [
  { id: "/(instrument)/lasers", module: routes0 },
  { id: "/(instrument)/sweep", module: routes1 },
  { id: "/_404", module: routes2 },
  { id: "/_app", module: routes3 },
  { id: "/_error", module: routes4 },
  { id: "/_middleware", module: routes5 },
  { id: "/docs", module: routes6 },
  { id: "/index", module: routes7 },
  { id: "/login", module: routes8 },
  { id: "/logout", module: routes9 },
  { id: "/modules/[module]", module: routes10 },
  { id: "/status", module: routes11 },
  { id: "/status.json", module: routes12 },
];

export const islands = [
  { name: "ConnectionBadge", module: islands0 },
  { name: "HistoryPlot", module: islands1 },
  { name: "ModulePanel", module: islands2 },
  { name: "NoInstrument", module: islands3 },
  { name: "Receipt", module: islands4 },
  { name: "StatusBoard", module: islands5 },
  { name: "lasers", module: islands6 },
  { name: "sweep", module: islands7 },
];
