import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { rawRequest } from "./raw.ts";
import { ScriptedAgent, serveRelay, view } from "./support.ts";

const viewerSecret = "a-viewer-secret-of-32-characters!";
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;

function jwt(claims: object, { secret = viewerSecret, alg = "HS256", more = {} } = {}): string {
  const part = (value: object) =>
    btoa(JSON.stringify(value)).replaceAll("=", "").replaceAll("+", "-").replaceAll("/", "_");
  const signed = `${part({ alg, typ: "JWT", ...more })}.${part(claims)}`;
  const signature = alg === "none"
    ? ""
    : createHmac(alg === "HS512" ? "sha512" : "sha256", secret).update(signed).digest("base64url");
  return `${signed}.${signature}`;
}

const good = () => jwt({ exp: inAnHour(), role: "viewer", sub: "ada" });

const refusedTokens: [name: string, token: () => string, status: number][] = [
  ["an expired one", () => jwt({ exp: 1000, role: "viewer" }), 401],
  ["one that is not yet valid", () => jwt({ exp: inAnHour(), nbf: inAnHour(), role: "viewer" }), 401],
  ["one without an end", () => jwt({ role: "viewer" }), 401],
  ["one with alg none", () => jwt({ exp: inAnHour(), role: "operator" }, { alg: "none" }), 401],
  ["one of another secret", () => jwt({ exp: inAnHour(), role: "viewer" }, { secret: "x".repeat(32) }), 401],
  ["one signed with HS512", () => jwt({ exp: inAnHour(), role: "viewer" }, { alg: "HS512" }), 401],
  ["one that claims another algorithm", () => {
    const [, claims] = good().split(".");
    const signed = `${btoa('{"alg":"none"}').replaceAll("=", "")}.${claims}`;
    return `${signed}.${createHmac("sha256", viewerSecret).update(signed).digest("base64url")}`;
  }, 401],
  ["one whose claims were changed", () => {
    const [header, , signature] = good().split(".");
    return `${header}.${
      btoa(JSON.stringify({ exp: inAnHour(), role: "operator" })).replaceAll("=", "")
    }.${signature}`;
  }, 401],
  ["one whose signature has other bits in its last character, which stand for nothing", () => {
    const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const token = good();
    return token.slice(0, -1) + digits[digits.indexOf(token.slice(-1)) + 1];
  }, 401],
  ["one of another role", () => jwt({ exp: inAnHour(), role: "guest" }), 403],
  ["one with an extension that must be understood", () => {
    return jwt({ exp: inAnHour(), role: "viewer" }, { more: { crit: ["b64"], b64: false } });
  }, 401],
  ["one with padding", () => `${good()}=`, 401],
  ["nonsense", () => "a.b.c", 401],
  ["an empty one", () => "", 401],
];

for (const [name, token, status] of refusedTokens) {
  Deno.test(`a token is refused: ${name}`, async () => {
    await using served = await serveRelay({ viewerSecret });
    const response = await fetch(`http://${served.host}/api/v1/readings`, {
      headers: { authorization: `Bearer ${token()}` },
    });
    assert.equal(response.status, status);
    await response.body?.cancel();
    await using program = view(served.host, `power?token=${token()}`);
    assert.equal(await program.opened, false);
    await using page = view(served.host, `power?token=${token()}`, { origin: `http://${served.host}` });
    assert.equal((await page.end()).code, status === 403 ? 4403 : 4401);
    assert.deepEqual(page.messages, []);
  });
}

Deno.test("a token that is not valid yet is not called expired", async () => {
  await using served = await serveRelay({ viewerSecret });
  const authorization = `Bearer ${jwt({ exp: inAnHour(), nbf: inAnHour() - 60, role: "viewer" })}`;
  const response = await fetch(`http://${served.host}/api/v1/readings`, { headers: { authorization } });
  assert.match((await response.json()).detail, /not valid yet/);
});

Deno.test("a token is taken from the header, the cookie, the subprotocol and the query", async () => {
  await using served = await serveRelay({ viewerSecret });
  const ways: [string, Record<string, string>][] = [
    ["power", { authorization: `Bearer ${good()}` }],
    ["power", { cookie: `theme=dark; lightline_token=${good()}` }],
    [`power?token=${good()}`, {}],
    [`power?module=4&token=${good()}&interval=1`, {}],
  ];
  for (const [path, headers] of ways) {
    await using viewer = view(served.host, path, headers);
    assert.equal(await viewer.opened, true);
  }
  const socket = new WebSocket(`ws://${served.host}/api/v1/ws/v2/power`, `bearer.${good()}`);
  await new Promise((resolve, reject) => Object.assign(socket, { onopen: resolve, onerror: reject }));
  socket.close();
  await new Promise((resolve) => socket.onclose = resolve);
});

Deno.test("a token that was sent on purpose counts before the cookie, which may be an old one", async () => {
  await using served = await serveRelay({ viewerSecret });
  const cookie = `lightline_token=${jwt({ exp: 1000, role: "viewer" })}`;
  const ways: [string, Record<string, string>][] = [
    [`?token=${good()}`, { cookie }],
    ["", { cookie, authorization: `Bearer ${good()}` }],
    ["", { cookie, "sec-websocket-protocol": `bearer.${good()}` }],
    [`?token=${jwt({ exp: 1000, role: "viewer" })}`, { authorization: `Bearer ${good()}` }],
  ];
  for (const [query, headers] of ways) {
    const request = new Request(`http://x/${query}`, { headers });
    assert.equal(served.relay.viewer(request)?.name, "ada", JSON.stringify([query, Object.keys(headers)]));
  }
});

Deno.test("without a token nothing of the readings can be seen, and health can", async () => {
  await using served = await serveRelay({ viewerSecret });
  for (const path of ["api/v1/readings", "api/v1/detector/snapshot", "metrics", "api/v1/ws/v2/power"]) {
    const response = await fetch(`http://${served.host}/${path}`, {
      headers: path.includes("ws") ? { upgrade: "websocket", connection: "upgrade" } : {},
    });
    assert.equal(response.status, 401, path);
    assert.match((await response.json()).detail, /\/login/);
  }
  for (const [path, status] of [["health", 200], ["ready", 503]] as const) {
    const response = await fetch(`http://${served.host}/${path}`);
    assert.equal(response.status, status);
    await response.body?.cancel();
  }
  await using agent = await ScriptedAgent.start(served.host);
  assert.equal(await agent.opened, true);
});

Deno.test("a token that ends closes the open socket with 4401", async () => {
  let now = Date.now();
  await using served = await serveRelay({ viewerSecret, now: () => now, limits: { faultRepeatMs: 20 } });
  await using viewer = view(served.host, `power?token=${good()}`);
  assert.equal(await viewer.opened, true);
  now += 2 * 3600 * 1000;
  assert.equal((await viewer.end()).code, 4401);
});

Deno.test("a poll that is held is answered when its token ends", async () => {
  const expS = inAnHour();
  await using served = await serveRelay({ viewerSecret, now: () => expS * 1000 - 200 });
  const authorization = `Bearer ${jwt({ exp: expS, role: "viewer" })}`;
  const startedMs = performance.now();
  const response = await fetch(`http://${served.host}/api/v1/readings?wait=30`, {
    headers: { authorization },
  });
  assert.deepEqual((await response.json()).readings, []);
  assert.ok(performance.now() - startedMs < 20_000);
});

Deno.test("a subprotocol that was offered is agreed on, which browsers insist on: a token's only where there is no other", async () => {
  await using served = await serveRelay({ viewerSecret });
  const token = `bearer.${good()}`;
  for (
    const [offered, agreed] of [[token, token], [`${token}, lightline`, "lightline"], ["v1, v2", "v1"], [
      `lightline,${token}`,
      "lightline",
    ]] as const
  ) {
    const answer = await rawRequest(served.host, "/ws", {
      upgrade: "websocket",
      connection: "Upgrade",
      "sec-websocket-key": btoa("0123456789abcdef"),
      "sec-websocket-version": "13",
      "sec-websocket-protocol": offered,
      // With an origin also those are upgraded that have no token, to be told why they are closed.
      origin: `http://${served.host}`,
    });
    assert.match(answer, /^HTTP\/1.1 101 /);
    assert.equal(/sec-websocket-protocol: (.*)\r\n/i.exec(answer)?.[1], agreed);
  }
});

Deno.test("whoever typed in a good token gets a cookie that lets pages in, and one that takes it away", async () => {
  await using served = await serveRelay({ viewerSecret });
  const { relay } = served;
  const request = new Request("http://x/login", { method: "POST" });
  const info = {
    remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
    completed: Promise.resolve(),
  } as const;
  assert.deepEqual(relay.logIn("wrong", request, info), { refusal: "The token is not one of this relay's." });
  const login = relay.logIn(good(), request, info);
  assert.ok("cookie" in login);
  assert.match(login.cookie, /HttpOnly; SameSite=Strict; Max-Age=\d+$/);
  const [pair = ""] = login.cookie.split(";");
  const holder = relay.viewer(new Request("http://x/", { headers: { cookie: pair } }));
  assert.deepEqual({ role: holder?.role, name: holder?.name }, { role: "viewer", name: "ada" });
  assert.equal(relay.viewer(new Request("http://x/")), null);
  assert.match(relay.logOut(request, info), /Max-Age=0/);
});

Deno.test("what is no token gets no cookie, on a relay that asks for none as well: it could bring attributes or lines", async () => {
  for (const secret of [viewerSecret, undefined]) {
    await using served = await serveRelay({ viewerSecret: secret });
    const request = new Request("http://x/login", { method: "POST" });
    const info = {
      remoteAddr: { transport: "tcp", hostname: "127.0.0.1", port: 1 },
      completed: Promise.resolve(),
    } as const;
    for (
      const typed of ["", "a; Domain=evil; Path=/x", "a\nrelay error: it burns", "a b", "ä", `${good()}\n`]
    ) {
      const login = served.relay.logIn(typed, request, info);
      assert.deepEqual(login, { refusal: "The token is not one of this relay's." }, JSON.stringify(typed));
    }
  }
});

Deno.test("a cookie travels over HTTPS only where it came so, to here or to a proxy that is believed", async () => {
  const cookieOf = async (url: string, trustProxy: readonly string[], proto = "https") => {
    await using served = await serveRelay({ viewerSecret, trustProxy });
    const request = new Request(url, { method: "POST", headers: { "x-forwarded-proto": proto } });
    return served.relay.logOut(request, {
      remoteAddr: { transport: "tcp", hostname: "::ffff:10.0.0.1", port: 1 },
      completed: Promise.resolve(),
    });
  };
  assert.match(await cookieOf("https://x/logout", []), /; Secure$/);
  for (const proto of ["https", "HTTPS", "https, http"]) {
    assert.match(await cookieOf("http://x/logout", ["10.0.0.1"], proto), /; Secure$/, proto);
  }
  for (const proto of ["http", "http, https", "httpsx", ""]) {
    assert.doesNotMatch(await cookieOf("http://x/logout", ["10.0.0.1"], proto), /Secure/, proto);
  }
  assert.doesNotMatch(await cookieOf("http://x/logout", []), /Secure/);
});

Deno.test("logins that are refused, and forged tokens on pages, are counted, and logins are logged with their address", async () => {
  await using served = await serveRelay({ viewerSecret });
  const count = async (reason: string) => {
    const headers = { authorization: `Bearer ${good()}` };
    const text = await (await fetch(`http://${served.host}/metrics`, { headers })).text();
    return Number(new RegExp(`auth_failures_total\\{reason="${reason}"\\} (\\d+)`).exec(text)?.[1]);
  };
  const forged = jwt({ exp: inAnHour(), role: "viewer" }, { secret: "x".repeat(32) });
  const request = new Request("http://x/login", { method: "POST" });
  const info = {
    remoteAddr: { transport: "tcp", hostname: "192.0.2.7", port: 1 },
    completed: Promise.resolve(),
  } as const;
  served.relay.logIn(forged, request, info);
  served.relay.logIn("no token", request, info);
  assert.equal(served.relay.viewer(new Request(`http://x/status?token=${forged}`)), null);
  assert.equal(served.relay.viewer(new Request("http://x/status")), null);
  assert.deepEqual([await count("forged"), await count("malformed"), await count("missing")], [2, 1, 0]);
  const lines = served.log.lines.filter(({ message }) => message === "a login was refused");
  assert.deepEqual(lines.map(({ fields }) => Object(fields)["address"]), ["192.0.2.7", "192.0.2.7"]);
  assert.ok(!JSON.stringify(lines).includes(forged));
});

Deno.test("no token reaches a log line", async () => {
  await using served = await serveRelay({ viewerSecret });
  const token = good();
  const forged = jwt({ exp: inAnHour(), role: "viewer" }, { secret: "x".repeat(32) });
  for (const given of [token, forged]) {
    await using viewer = view(served.host, `power?token=${given}`);
    await viewer.opened;
    const response = await fetch(`http://${served.host}/api/v1/nothing?token=${given}`);
    await response.body?.cancel();
  }
  const lines = JSON.stringify(served.log.lines);
  for (const secret of [token, forged, viewerSecret]) assert.ok(!lines.includes(secret));
  assert.ok(served.log.lines.some(({ message }) => message === "connection ended"));
});
