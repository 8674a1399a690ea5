import assert from "node:assert/strict";
import { problem } from "../../../lib/protocol/mod.ts";
import { handshake, rawRequest, rawText } from "./raw.ts";
import { serveRelay } from "./support.ts";

Deno.test("a plain GET of a WebSocket's path is told to upgrade", async () => {
  await using served = await serveRelay();
  for (const path of ["ws/v2/power", "ws/v2/health"]) {
    const response = await fetch(`http://${served.host}/api/v1/${path}`);
    assert.equal(response.status, 426);
    assert.equal(response.headers.get("upgrade"), "websocket");
    assert.equal(problem.parse(await response.json()).status, 426);
  }
});

Deno.test("a handshake that is none is answered with a problem, not with a failure", async () => {
  await using served = await serveRelay();
  const whole = {
    upgrade: "websocket",
    connection: "keep-alive, Upgrade",
    "sec-websocket-key": btoa("0123456789abcdef"),
    "sec-websocket-version": "13",
  };
  const wrong: [status: number, headers: Record<string, string>][] = [
    [400, { "sec-websocket-key": "" }],
    [400, { "sec-websocket-key": "abc" }],
    [400, { "sec-websocket-key": btoa("0123456789abcdefg") }],
    [400, { "Sec-WebSocket-Key": btoa("0123456789abcdef") }],
    [400, { connection: "keep-alive" }],
    [426, { "sec-websocket-version": "12" }],
    [426, { "sec-websocket-version": "" }],
  ];
  for (const [status, headers] of wrong) {
    const answer = await rawRequest(served.host, "/ws", { ...whole, ...headers });
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `), JSON.stringify(headers));
    assert.match(answer, /application\/problem\+json/);
    if (status === 426) assert.match(answer, /sec-websocket-version: 13/i);
  }
  for (const upgrade of ["websocket", "WebSocket", "h2c, websocket"]) {
    assert.match(await rawRequest(served.host, "/ws", { ...whole, upgrade }), /^HTTP\/1.1 101 /, upgrade);
  }
});

Deno.test("an upgrade in HTTP/1.0 is a request like any other (RFC 9110, 7.8)", async () => {
  await using served = await serveRelay();
  const request = handshake(served.host, "/ws").replace("HTTP/1.1", "HTTP/1.0");
  assert.match(await rawText(served.host, request), /^HTTP\/1.1 426 /);
});
