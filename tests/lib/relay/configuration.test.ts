import assert from "node:assert/strict";
import { ConfigurationError, parseConfiguration } from "../../../lib/process/mod.ts";
import { relayVariables } from "../../../lib/relay/mod.ts";

const AGENT_TOKEN = "an-agent-token-for-tests";

function linesOf(variables: Record<string, string>): readonly string[] {
  try {
    parseConfiguration(relayVariables, (name) => ({ AGENT_TOKEN, ...variables })[name]);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.lines;
    throw error;
  }
  return [];
}

const fine: readonly Record<string, string>[] = [
  { ALLOWED_ORIGINS: "https://pages.example, http://localhost:8080" },
  { TRUST_PROXY: "10.0.0.1, ::1, ::ffff:10.0.0.2, 10.0.0.0/8, fd00::/8" },
  { HOST: "localhost" },
  { HOST: "127.0.0.53" },
  { HOST: "::1" },
  { DATA_DIR: ":memory:" },
  { LOG_LEVEL: "debug", LOG_FORMAT: "json" },
];

for (const variables of fine) {
  Deno.test(`the relay takes ${JSON.stringify(variables)}`, () => assert.deepEqual(linesOf(variables), []));
}

const refused: readonly [name: string, value: string, what: RegExp][] = [
  ...[
    "https://x.example/",
    "x.example",
    "null",
    "https://*.example",
    "foo",
    "https://x.example:443",
    "https://X.example",
    "ws://x.example",
  ]
    .map((origin): [string, string, RegExp] => [
      "ALLOWED_ORIGINS",
      origin,
      /"[^"]+" is no origin: write .*https:\/\/pages\.example/,
    ]),
  ...["10.0.0.0/33", "10.0.0.0/", "fd00::/129", "banana", "10.0.0.1:80", "[::1]"].map((
    proxy,
  ): [string, string, RegExp] => [
    "TRUST_PROXY",
    proxy,
    /"[^"]+" is no IP address and no range: write .*10\.0\.0\.1/,
  ]),
  ...["127.example.com", "127.0.0.1.evil", "localhost.evil", "0.0.0.0"].map((
    host,
  ): [string, string, RegExp] => [
    "HOST",
    host,
    /others can reach this address/,
  ]),
  ["DATA_DIR", "/tmp/a,b", /holds a comma/],
  ["LOG_LEVEL", "loud", /is none of debug, info, warn, error/],
  ["LOG_FORMAT", "xml", /is neither text nor json/],
];

for (const [name, value, what] of refused) {
  Deno.test(`the relay refuses ${name}=${value}, and says what to write`, () => {
    const [line = "", ...more] = linesOf({ [name]: value });
    assert.deepEqual(more, []);
    assert.ok(line.startsWith(`${name}=${value}: `), line);
    assert.match(line, what);
  });
}

Deno.test("the relay names each wrong entry of a list", () => {
  assert.deepEqual(
    linesOf({ TRUST_PROXY: "10.0.0.1, banana, apple" }).map((line) => /"(.*)"/.exec(line)?.[1]),
    ["banana", "apple"],
  );
});

for (
  const [name, value] of [
    ["LOG_LEVEL", "loud"],
    ["LOG_FORMAT", "xml"],
    ["AGENT_TOKEN", ""],
    ["ALLOW_ANONYMOUS", "no"],
    ["TRUST_PROXY", "banana"],
  ] as const
) {
  Deno.test(`the relay names an address that others can reach beside ${name}=${value}`, () => {
    const lines = linesOf({ HOST: "0.0.0.0", [name]: value });
    assert.equal(lines.length, 2, lines.join("\n"));
    assert.match(lines.join("\n"), /^HOST=0\.0\.0\.0: others can reach this address/m);
    assert.match(lines.join("\n"), new RegExp(`^${name}\\b`, "m"));
  });
}

Deno.test("the relay does not ask for the secret of viewers that it was given too short", () => {
  assert.deepEqual(linesOf({ HOST: "0.0.0.0", VIEWER_SECRET: "short" }), [
    "VIEWER_SECRET: is shorter than 32 characters",
  ]);
});
