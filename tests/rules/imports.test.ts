import assert from "node:assert/strict";
import { importEdges, sourceFiles } from "./graph.ts";
import { type Edge, violations } from "./rules.ts";

Deno.test("every import of the program is one that the design allows", async () => {
  const files = await sourceFiles();
  const edges = await importEdges(files);
  // Were the graph empty, or its names not understood, nothing would ever be forbidden.
  assert.ok(edges.some(({ from, to }) => from === "lib/protocol/reading.ts" && to === "npm:zod"));
  assert.ok(edges.some(({ from, to }) => from === "lib/protocol/mod.ts" && to === "lib/protocol/browser.ts"));
  assert.deepEqual(violations(edges), []);
});

const value = (from: string, to: string): Edge => ({ from, to, kind: "value" });
const type = (from: string, to: string): Edge => ({ from, to, kind: "type" });

const allowed: readonly [string, Edge][] = [
  ["an island uses a component", value("islands/reading.tsx", "components/number.tsx")],
  ["an island takes a type of the protocol", type("islands/reading.tsx", "lib/protocol/mod.ts")],
  ["an island takes a value made for browsers", value("islands/reading.tsx", "lib/protocol/browser.ts")],
  ["an island uses fresh/runtime", value("islands/reading.tsx", "lib/fresh/runtime.ts")],
  ["a route uses the relay", value("routes/index.tsx", "lib/relay/mod.ts")],
  ["the relay writes a log", value("lib/relay/mod.ts", "lib/process/mod.ts")],
  ["the simulator uses the serial port", value("agent/simulator/main.ts", "lib/serial/mod.ts")],
  ["start takes the variables of the relay", value("start.ts", "lib/relay/configuration.ts")],
  ["a file imports a neighbour of its own room", value("lib/relay/hub.ts", "lib/relay/viewer.ts")],
];
for (const [what, edge] of allowed) {
  Deno.test(`allowed: ${what}`, () => assert.deepEqual(violations([edge]), []));
}

const forbidden: readonly [string, Edge][] = [
  ["an island takes a value that brings zod", value("islands/reading.tsx", "lib/protocol/mod.ts")],
  ["an island imports zod", value("islands/reading.tsx", "npm:zod")],
  ["an island uses the relay", value("islands/reading.tsx", "lib/relay/mod.ts")],
  ["an island takes a type of the relay", type("islands/reading.tsx", "lib/relay/mod.ts")],
  ["an island uses the whole engine", value("islands/reading.tsx", "lib/fresh/mod.ts")],
  ["a component uses an island", value("components/number.tsx", "islands/reading.tsx")],
  ["a route uses the serial port", value("routes/index.tsx", "lib/serial/mod.ts")],
  ["a route imports hono past the engine", value("routes/index.tsx", "npm:hono")],
  ["main.ts uses the agent", value("main.ts", "agent/meter.ts")],
  ["the relay uses the engine", value("lib/relay/mod.ts", "lib/fresh/mod.ts")],
  ["the relay uses a page", value("lib/relay/mod.ts", "routes/index.tsx")],
  ["main.ts imports zod, and upstream Fresh could not run it unchanged", value("main.ts", "npm:zod")],
  ["the agent uses the relay", value("agent/main.ts", "lib/relay/mod.ts")],
  ["start uses the relay", value("start.ts", "lib/relay/mod.ts")],
  ["start uses the agent", value("start.ts", "agent/meter.ts")],
  ["the agent imports preact", value("agent/main.ts", "npm:preact")],
  ["the simulator uses the agent", value("agent/simulator/main.ts", "agent/meter.ts")],
  ["the simulator uses the socket", value("agent/simulator/main.ts", "lib/socket/mod.ts")],
  ["the grammar imports a package", value("lib/scpi/mod.ts", "npm:zod")],
  ["the serial port uses the grammar", value("lib/serial/mod.ts", "lib/scpi/mod.ts")],
  ["the socket uses the serial port", value("lib/socket/mod.ts", "lib/serial/mod.ts")],
  ["a route imports past a room's door", value("routes/index.tsx", "lib/relay/hub.ts")],
  ["the agent takes a type past a room's door", type("agent/main.ts", "lib/serial/port.ts")],
  ["the engine imports a page", value("lib/fresh/app.ts", "routes/index.tsx")],
  ["an island uses a built-in of the server", value("islands/reading.tsx", "node:zlib")],
  ["a file lies in no room", value("helpers/util.ts", "lib/scpi/mod.ts")],
  ["a file imports from no room", value("main.ts", "helpers/util.ts")],
];
for (const [what, edge] of forbidden) {
  Deno.test(`forbidden: ${what}`, () => assert.notDeepEqual(violations([edge]), []));
}

Deno.test("forbidden: an island brings zod along through files that are allowed one by one", () => {
  const chain = [
    value("islands/reading.tsx", "lib/protocol/browser.ts"),
    value("lib/protocol/browser.ts", "lib/protocol/cursor.ts"),
    value("lib/protocol/cursor.ts", "npm:zod"),
  ];
  assert.deepEqual(violations(chain), [
    "lib/protocol/cursor.ts is shipped to browsers and would bring npm:zod along",
  ]);
});

Deno.test("allowed: the same chain where the last link is a type", () => {
  const chain = [
    value("islands/reading.tsx", "lib/protocol/browser.ts"),
    value("lib/protocol/browser.ts", "lib/protocol/cursor.ts"),
    type("lib/protocol/cursor.ts", "npm:zod"),
  ];
  assert.deepEqual(violations(chain), []);
});
