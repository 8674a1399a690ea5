import assert from "node:assert/strict";
import { parseConfiguration } from "../../../lib/process/mod.ts";
import { relayVariables } from "../../../lib/relay/mod.ts";
import { problem } from "../../../lib/protocol/mod.ts";
import { handshake, rawRequest, rawText } from "./raw.ts";
import { ScriptedAgent, serveRelay } from "./support.ts";
import { readingAt } from "../../support/reading.ts";
import { until } from "../../support/until.ts";

const wrongQueries: [path: string, names: string[]][] = [
  ["/api/v1/ws/v2/power?module=21", ["module"]],
  ["/api/v1/ws/v2/power?module=0", ["module"]],
  ["/api/v1/ws/v2/power?module=x", ["module"]],
  ["/api/v1/ws/v2/power?module=", ["module"]],
  ["/api/v1/ws/v2/power?module=4.5", ["module"]],
  ["/api/v1/ws/v2/power?interval=0.001", ["interval"]],
  ["/api/v1/ws/v2/power?interval=11", ["interval"]],
  ["/api/v1/ws/v2/power?interval=1e1", ["interval"]],
  ["/api/v1/ws/v2/power?since=yesterday", ["since"]],
  ["/api/v1/ws/v2/power?module=4&module=5&module=x", ["module"]],
  ["/api/v1/ws/v2/power?speed=1", ["speed"]],
  ["/api/v1/ws/v2/power?module=x&interval=y&z=1", ["module", "interval", "z"]],
  ["/api/v1/ws/v2/power?__proto__=1", ["__proto__"]],
  ["/api/v1/ws/v2/health?module=4", ["module"]],
  ["/api/v1/agent", ["station"]],
  ["/api/v1/agent?station=Bench%201", ["station"]],
  ["/api/v1/readings?module=99", ["module"]],
  ["/api/v1/readings?limit=0", ["limit"]],
  ["/api/v1/readings?wait=60", ["wait"]],
  ["/api/v1/readings?limit=10000000000", ["limit"]],
  ["/api/v1/history?from=1&to=253402300800", ["to"]],
  ["/api/v1/readings?since=1", ["since"]],
  ["/api/v1/detector/snapshot?module=-1", ["module"]],
];

for (const [path, names] of wrongQueries) {
  Deno.test(`GET ${path} is answered with a problem that names ${names.join(", ")}`, async () => {
    await using served = await serveRelay();
    for (const headers of [{}, { upgrade: "websocket", connection: "Upgrade" }]) {
      const response = await fetch(`http://${served.host}${path}`, { headers });
      assert.equal(response.status, 400);
      assert.equal(response.headers.get("content-type"), "application/problem+json");
      const body = problem.parse(await response.json());
      assert.deepEqual(body.errors?.map(({ name }) => name), names);
      assert.ok(body.errors?.every(({ reason }) => reason.length > 5));
    }
  });
}

Deno.test("a time is read with as many digits as a program writes it with, and what is wrong is said truly", async () => {
  await using served = await serveRelay();
  const times = "from=1700000000.1234567&to=1700000060.00000012";
  const answer = await fetch(`http://${served.host}/api/v1/history?module=4&${times}`);
  assert.equal(answer.status, 200);
  await answer.body?.cancel();
  const refused = async (query: string) =>
    problem.parse(await (await fetch(`http://${served.host}/api/v1/readings?${query}`)).json()).errors;
  assert.deepEqual(await refused("module=21"), [{ name: "module", reason: "21 is not 1 to 20" }]);
  assert.deepEqual(await refused("limit=10000000000"), [
    { name: "limit", reason: "10000000000 is above 5000" },
  ]);
});

Deno.test("a module that cannot be is the request's fault, whatever is asked of it", async () => {
  await using served = await serveRelay();
  const paths = ["config", "wavelength", "reference", "reference/result", "trace/metadata", "trace/data"];
  const requests = [
    ...paths.map((path) => ({ path, method: "GET" })),
    ...paths.slice(0, 3).flatMap((path) => [{ path, method: "POST" }, { path, method: "PUT" }]),
  ];
  for (const module of ["0", "21", "999999999"]) {
    for (const { path, method } of requests) {
      const answer = await fetch(`http://${served.host}/api/v1/detector/${path}?module=${module}`, {
        method,
      });
      assert.equal(answer.status, 400, `${method} ${path}`);
      assert.deepEqual(problem.parse(await answer.json()).errors, [
        { name: "module", reason: `${module} is not 1 to 20` },
      ]);
    }
  }
  assert.deepEqual(served.log.lines.filter(({ level }) => level === "error"), []);
});

Deno.test("whatever a parameter says, what is wrong with it is told in the relay's own words", async () => {
  await using served = await serveRelay();
  const long = "9".repeat(20);
  const endless = "9".repeat(400);
  const wrong: [path: string, name: string, reason: string][] = [
    [`readings?limit=${long}`, "limit", `${long} is above 5000`],
    [`readings?module=${long}`, "module", `${long} is not 1 to 20`],
    [`readings?wait=${endless}`, "wait", `${endless.slice(0, 80)} is above 30 s`],
    [`history?from=1&to=${endless}`, "to", `${endless.slice(0, 80)} is not a time in Unix seconds`],
    [`detector/trace/data?channel=${long}`, "channel", `${long} is above 6`],
    ["detector/trace/data?format=xml", "format", "xml is none of json, csv"],
  ];
  for (const [path, name, reason] of wrong) {
    const answer = await fetch(`http://${served.host}/api/v1/${path}`);
    assert.deepEqual(problem.parse(await answer.json()).errors, [{ name, reason }]);
  }
});

Deno.test("a method that no handler may get is answered with a problem", async () => {
  await using served = await serveRelay();
  const answer = await rawText(served.host, `TRACE /health HTTP/1.1\r\nHost: ${served.host}\r\n\r\n`);
  assert.match(answer, /^HTTP\/1.1 501 /);
  assert.match(answer, /application\/problem\+json/);
});

Deno.test("a client that goes away in the middle of its body is no failure of the relay", async () => {
  await using served = await serveRelay();
  for (const path of ["/api/v1/events/events", "/api/v1/rlaser/1/on"]) {
    const connection = await Deno.connect({ hostname: "127.0.0.1", port: Number(served.host.split(":")[1]) });
    const head = `POST ${path} HTTP/1.1\r\nHost: ${served.host}\r\nTransfer-Encoding: chunked\r\n`;
    await connection.write(
      new TextEncoder().encode(`${head}Content-Type: application/json\r\n\r\n5\r\nab`),
    );
    await until("the request", () => served.requested.includes(path));
    connection.close();
  }
  await until("their end", () => served.answered === 2);
  assert.deepEqual(served.log.lines, []);
  const metrics = await (await fetch(`http://${served.host}/metrics`)).text();
  assert.doesNotMatch(metrics, /lightline_handler_failures_total\{.* [1-9]/);
});

Deno.test("OPTIONS names the methods of a path, and knows none that is not there", async () => {
  await using served = await serveRelay({ allowedOrigins: ["https://pages.example"] });
  const options = async (path: string, headers: Record<string, string> = {}) => {
    const answer = await fetch(`http://${served.host}${path}`, { method: "OPTIONS", headers });
    await answer.body?.cancel();
    return [answer.status, answer.headers.get("allow")];
  };
  assert.deepEqual(await options("/api/v1/readings"), [204, "GET, HEAD, OPTIONS"]);
  assert.deepEqual(await options("/api/v1/events/events"), [204, "POST, OPTIONS"]);
  assert.deepEqual(await options("/ready"), [204, "GET, HEAD, OPTIONS"]);
  assert.deepEqual(await options("/api/v1/nothing"), [404, null]);
  const preflight = await fetch(`http://${served.host}/api/v1/readings`, {
    method: "OPTIONS",
    headers: { origin: "https://pages.example", "access-control-request-method": "GET" },
  });
  await preflight.body?.cancel();
  assert.equal(preflight.headers.get("access-control-allow-origin"), "https://pages.example");
});

Deno.test("a request that names two hosts, or in HTTP/1.1 none, is answered with a problem", async () => {
  await using served = await serveRelay();
  for (const path of ["/health", "/ws"]) {
    const none = handshake(served.host, path).replace(/Host: .*\r\n/, "");
    assert.match(await rawText(served.host, none), /^HTTP\/1.1 400 /, path);
  }
  for (const path of ["/health", "/api/v1/readings", "/ws"]) {
    for (const second of ["evil.example", served.host]) {
      const answer = await rawRequest(served.host, path, { Host: second });
      assert.match(answer, /^HTTP\/1.1 400 /, path);
      assert.match(answer, /application\/problem\+json/);
    }
  }
});

Deno.test("unknown paths and methods get problems", async () => {
  await using served = await serveRelay();
  const unknown = await fetch(`http://${served.host}/api/v1/nothing`);
  assert.equal(unknown.status, 404);
  assert.match(problem.parse(await unknown.json()).detail ?? "", /\/api\/v1\/nothing/);
  const wrongMethod = await fetch(`http://${served.host}/api/v1/readings`, { method: "DELETE" });
  assert.equal(wrongMethod.status, 405);
  assert.match(wrongMethod.headers.get("allow") ?? "", /GET/);
  await wrongMethod.body?.cancel();
});

Deno.test("an address that others can reach needs a secret for viewers, or an explicit opt-out", () => {
  const configure = (variables: Record<string, string>) =>
    parseConfiguration(relayVariables, (name) => ({ AGENT_TOKEN: "0123456789abcdef", ...variables })[name]);
  assert.throws(() => configure({ HOST: "0.0.0.0" }), /HOST=0\.0\.0\.0: .*VIEWER_SECRET.*ALLOW_ANONYMOUS=1/);
  for (const more of [{ VIEWER_SECRET: "x".repeat(32) }, { ALLOW_ANONYMOUS: "1" }]) {
    assert.equal(configure({ HOST: "0.0.0.0", ...more }).HOST, "0.0.0.0");
  }
  assert.equal(configure({}).HOST, "127.0.0.1");
});

Deno.test("an agent without the token is refused, and the token is in no log line", async () => {
  await using served = await serveRelay();
  await using stranger = new ScriptedAgent(served.host, "boot0001", "bench-1", "another-token-0001");
  assert.equal(await stranger.opened, false);
  const response = await fetch(`http://${served.host}/api/v1/agent?station=bench-1`);
  assert.equal(response.status, 401);
  assert.equal(response.headers.get("www-authenticate"), "Bearer");
  await response.body?.cancel();
  await using agent = await ScriptedAgent.start(served.host);
  assert.equal(await agent.opened, true);
  assert.doesNotMatch(JSON.stringify(served.log.lines), /another-token|an-agent-token/);
});

Deno.test("the snapshot is the newest reading, and a problem while there is none", async () => {
  await using served = await serveRelay();
  const none = await fetch(`http://${served.host}/api/v1/detector/snapshot`);
  assert.equal(none.status, 503);
  assert.equal(problem.parse(await none.json()).title, "There is no reading");
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(readingAt(1), readingAt(2));
  await agent.acknowledged();
  const response = await fetch(`http://${served.host}/api/v1/detector/snapshot?module=4`);
  assert.equal((await response.json()).timestamp, 2);
});

Deno.test("ready names every part, and says 503 until each of them works", async () => {
  await using served = await serveRelay();
  const ready = async () => {
    const response = await fetch(`http://${served.host}/ready`);
    return { status: response.status, lines: (await response.text()).trim().split("\n") };
  };
  const before = await ready();
  assert.equal(before.status, 503);
  assert.deepEqual(before.lines.map((line) => line.split(":")[0]), [
    "relay",
    "history",
    "agent",
    "instrument",
  ]);
  assert.match(before.lines[2] ?? "", /not ready/);
  await using agent = await ScriptedAgent.start(served.host);
  agent.read(readingAt(1));
  await agent.acknowledged();
  assert.equal((await ready()).status, 200);
  agent.say({
    type: "fault",
    source: "instrument",
    message: "The meter does not answer.",
    recoverable: true,
  });
  agent.say({ type: "ping" });
  await agent.next("pong");
  const after = await ready();
  assert.equal(after.status, 503);
  assert.match(after.lines[3] ?? "", /instrument: not ready, The meter does not answer/);
  const health = await fetch(`http://${served.host}/health`);
  assert.equal(health.status, 200);
  await health.body?.cancel();
});
