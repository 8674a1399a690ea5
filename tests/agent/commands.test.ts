// The instrument by REST: a real relay, the agent as a process, and the simulated CTP10 behind a pseudo-terminal or TCP.

import assert from "node:assert/strict";
import { signToken } from "../../lib/relay/access/jwt.ts";
import { z } from "zod";
import { heartbeat, sweepProgress } from "../../lib/protocol/mod.ts";
import { OpenApi } from "../lib/relay/openapi.ts";
import { Client } from "../lib/relay/support.ts";
import { until } from "../support/until.ts";
import { connectTcp } from "./simulator/clients.ts";
import { startStation, type Station } from "./station.ts";

/** Somebody at the instrument's front panel. */
async function ask({ simulated }: Station, question: string): Promise<string> {
  assert.ok(simulated.simulator.tcp !== undefined);
  await using client = await connectTcp(simulated.simulator.tcp);
  return await client.ask(question);
}

const auditLines = ({ served }: Station) =>
  served.log.lines.filter(({ message }) => message === "audit").map(({ fields }) =>
    fields as { command: string; outcome: string; by: string | null; address: string; params: unknown }
  );

Deno.test("commands - every setting reads as it was set, and the instrument has it", async () => {
  await using station = await startStation();
  const settings: [path: string, body: Record<string, unknown>, scpi: string, reply: RegExp][] = [
    ["detector/wavelength?module=4", { wavelength_nm: 1550 }, ":CTP:SENS4:CHAN1:WAV?", /^1\.55000000E-006$/],
    [
      "detector/config?module=4&channel=2",
      { power_unit: "mW", spectral_unit: "frequency", trigger: 3 },
      ":CTP:SENS4:CHAN2:UNIT:Y?;X?;:CTP:SENS4:CHAN2:FUNC:TRIG?",
      /^1;1;3$/,
    ],
    ["detector/stabilization", { laser_stays_on: false, stabilization_s: 0.5 }, ":INIT:STAB?", /^0,0\.5$/],
    ["tls/1/wavelength", { start_nm: 1530, stop_nm: 1560 }, ":INIT:TLS1:WAV:STOP?", /^1\.56000000E-006$/],
    ["tls/2/power", { power: 2.5, unit: "dBm" }, ":INIT:TLS2:POW?", /^2\.50000000E\+000$/],
    ["tls/3/speed", { speed_nm_s: 20 }, ":INIT:TLS3:SPE?", /^20$/],
    ["tls/4/trigger", { trigger: 8 }, ":INIT:TLS4:TRIG?", /^8$/],
    ["rlaser/10/power", { power: 2, unit: "mW" }, ":CTP:RLAS10:POW?", /^2\.0+E\+000$/],
    ["rlaser/1/wavelength", { wavelength_nm: 1545.25 }, ":CTP:RLAS1:WAV?", /^1\.54525000E-006$/],
    ["rlaser/2/state", { on: true }, ":CTP:RLAS2:POW:STAT?", /^1$/],
    ["measurement/config", { sampling_pm: 25 }, ":INIT:WAV:SAMP?", /^2\.50000000E-011$/],
    ["measurement/sweep/wavelengths", { start_nm: 1535 }, ":INIT:TLS1:WAV:STAR?", /^1\.53500000E-006$/],
  ];
  for (const [path, body, question, reply] of settings) {
    const set = await station.send("PUT", path, body);
    assert.equal(set.status, 200, `${path}: ${JSON.stringify(set.body)}`);
    const read = await station.get(path);
    for (const [name, value] of Object.entries(body)) {
      assert.equal(set.body[name], value, path);
      assert.equal(read.body[name], value, path);
    }
    assert.match(await ask(station, question), reply, path);
  }
  assert.deepEqual((await station.get("rlaser/1/id")).body, { identity: "EXFO,T100S-HP,0,6.06" });
  assert.equal((await station.send("POST", "rlaser/2/off")).body.on, false);
  assert.equal(await ask(station, ":CTP:RLAS2:POW:STAT?"), "0");
  const audited = auditLines(station);
  assert.equal(audited.length, settings.length + 1, "one line for each change, none for a look");
  assert.ok(audited.every(({ outcome, address }) => outcome === "done" && address === "127.0.0.1"));
});

Deno.test("commands - what is wrong is said before the instrument hears of it, what it refuses in its words", async () => {
  await using station = await startStation();
  const wrong: [method: string, path: string, body: unknown, status: number, words: RegExp][] = [
    ["PUT", "tls/1/speed", { speed_nm_s: 4 }, 400, /speed_nm_s: 4 is below 5/],
    ["PUT", "tls/1/speed", { speed: 50 }, 400, /speed: is not a field/],
    ["PUT", "tls/1/speed", {}, 400, /speed_nm_s/],
    ["PUT", "tls/1/speed", "{", 400, /JSON/],
    ["GET", "tls/x/speed", undefined, 400, /^[^:]*: tls: x is not a number$/],
    ["PUT", "rlaser/1/power", { power: "3" }, 400, /power: 3 is not a number/],
    ["PUT", "rlaser/1/power", { power: 1, unit: "W" }, 400, /unit: W is none of dBm, mW/],
    ["PUT", "rlaser/1/state", { on: "yes" }, 400, /on: yes is not true or false/],
    ["PUT", "tls/9/speed", { speed_nm_s: 50 }, 400, /tls: 9 is above 4/],
    ["PUT", "tls/1/wavelength", { start_nm: 1600, stop_nm: 1500 }, 400, /not above start_nm/],
    ["PUT", "rlaser/1/power", { unit: "mW" }, 400, /without a power/],
    ["PUT", "rlaser/1/power", { power: 60 }, 409, /refused .*-222/],
    ["GET", "rlaser/11/config", undefined, 400, /laser: 11 is above 10/],
    ["GET", "detector/config?module=4&chanel=1", undefined, 400, /chanel/],
    ["GET", "detector/trace/metadata", undefined, 404, /Sweep first/],
    ["GET", "detector/config?station=nowhere", undefined, 503, /nowhere is not connected/],
    ["DELETE", "tls/1/speed", undefined, 405, /GET, POST, PUT/],
  ];
  for (const [method, path, body, status, words] of wrong) {
    const answer = await station.send(method, path, body);
    const said = `${answer.body.title}: ${answer.body.detail}`;
    assert.equal(answer.status, status, `${method} ${path}: ${said}`);
    assert.match(said, words);
    assert.match(answer.headers.get("content-type") ?? "", /problem\+json/);
  }
  const plain = await fetch(`${station.api}tls/1/speed`, { method: "POST", body: '{"speed_nm_s":50}' });
  assert.equal(plain.status, 415, "a form of another site can send text, but no JSON");
  await plain.body?.cancel();
  assert.equal(await ask(station, ":INIT:TLS1:SPE?"), "50");
  assert.deepEqual((await station.send("POST", "connection/check_errors")).body, { errors: [] });
});

Deno.test("commands - whatever is wrong with a request is told at once, an entry for each parameter and field", async () => {
  await using station = await startStation();
  const wrong: [path: string, body: Record<string, unknown> | string, reasons: Record<string, string>][] = [
    ["tls/1/config", { trigger: 99, zzz: 1 }, {
      trigger: "99 is above 8",
      zzz: "is not a field of this path",
    }],
    ["tls/9/config?x=1&x=2", { start_nm: 1600, stop_nm: 1500, speed: 1 }, {
      x: "is not a parameter of this path",
      tls: "9 is above 4",
      stop_nm: "1500 is not above start_nm",
      speed: "is not a field of this path",
    }],
    ["detector/config?module=21&channel=x", { trigger: 1e300, power_unit: "W" }, {
      module: "21 is not 1 to 20",
      channel: "x is not a whole number",
      power_unit: "W is none of dBm, mW",
      trigger: "1e+300 is not a whole number",
    }],
    ["tls/1/speed?x=1", {}, {
      x: "is not a parameter of this path",
      speed_nm_s: "may be given; nothing was",
    }],
    ["rlaser/1/config", { power: { toString: 1 }, on: null, unit: "W".repeat(1000) }, {
      on: "null is not true or false",
      power: "an object is not a number",
      unit: `${"W".repeat(80)} is none of dBm, mW`,
    }],
    ["tls/9/speed?x=1", "no JSON", { x: "is not a parameter of this path", tls: "9 is above 4" }],
    ["tls/1/speed", `{"speed_nm_s":${"[".repeat(8000)}${"]".repeat(8000)}}`, {
      speed_nm_s: "a list is not a number",
    }],
  ];
  for (const [path, body, reasons] of wrong) {
    const answer = await station.send("PUT", path, body);
    assert.equal(answer.status, 400, path);
    assert.deepEqual(
      answer.body.errors,
      Object.entries(reasons).map(([name, reason]) => ({ name, reason })),
      path,
    );
  }
});

Deno.test("commands - a body's media type counts as a whole, in capitals or small letters", async () => {
  await using station = await startStation();
  const types: [type: string, status: number][] = [
    ["Application/Json", 200],
    ["application/json;charset=utf-8", 200],
    ["application/json ; charset=utf-8", 200],
    ["application/jsonp", 415],
    ["application/json-patch+json", 415],
    ["text/plain", 415],
    ["text/plain; application/json", 415],
  ];
  for (const [type, status] of types) {
    const answer = await station.send("PUT", "tls/1/speed", { speed_nm_s: 50 }, { "content-type": type });
    assert.equal(answer.status, status, type);
  }
});

Deno.test("commands - a page of another site, somebody behind a proxy and a viewer may not operate", async () => {
  {
    await using station = await startStation();
    for (
      const headers of [
        { origin: "http://elsewhere.example" },
        { "sec-fetch-site": "cross-site" },
        { "x-forwarded-for": "203.0.113.7" },
      ]
    ) {
      assert.equal((await station.send("POST", "rlaser/1/on", undefined, headers)).status, 403);
    }
    const { host } = station.served;
    assert.equal(
      (await station.send("POST", "rlaser/1/on", undefined, { origin: `http://${host}` })).status,
      200,
    );
  }
  const viewerSecret = "a-viewer-secret-of-32-characters!";
  await using station = await startStation({ relay: { viewerSecret } });
  const as = (role: "viewer" | "operator") => ({
    authorization: `Bearer ${signToken(viewerSecret, role, Date.now() + 60_000, "ada")}`,
  });
  assert.equal((await station.get("rlaser/1/state")).status, 401);
  assert.equal((await station.send("POST", "rlaser/1/on")).status, 401);
  assert.equal((await station.get("rlaser/1/state", as("viewer"))).body.on, false);
  assert.equal((await station.send("POST", "rlaser/1/on", undefined, as("viewer"))).status, 403);
  assert.equal(
    (await station.get("connection/check_errors", as("viewer"))).status,
    403,
    "it empties a queue",
  );
  assert.equal((await station.send("POST", "rlaser/1/on", undefined, as("operator"))).status, 200);
  assert.deepEqual(
    auditLines(station).map(({ by, command, outcome }) => [by, command, outcome === "done"]),
    [[null, "rlaser.set", false], ["ada", "rlaser.set", false], ["ada", "rlaser.set", true]],
  );
});

Deno.test("commands - a sweep: progress on its socket, an end, an abort, and its trace in three formats", async () => {
  await using station = await startStation();
  const { host } = station.served;
  await using watcher = new Client(
    `ws://${host}/api/v1/ws/v2/sweep/progress`,
    z.discriminatedUnion("type", [sweepProgress, heartbeat]),
  );
  const states = () => watcher.of("sweep_progress").map(({ data }) => data);
  await until("the state on opening", () => states()[0]?.state === "idle");
  const started = await station.send("POST", "measurement/sweep/start", {
    start_nm: 1540,
    stop_nm: 1560,
    speed_nm_s: 10,
    sampling_pm: 20,
  });
  assert.equal(started.body.state, "running");
  assert.equal((await station.send("POST", "measurement/sweep/start")).status, 409, "one at a time");
  await until("the end", () => states().at(-1)?.state === "done");
  const running = states().filter(({ state }) => state === "running");
  assert.ok(running.length >= 5, `${running.length} messages in 2 s`);
  running.reduce((before, now) => {
    assert.ok(now.percent >= before.percent && (now.eta_s ?? NaN) <= (before.eta_s ?? NaN));
    return now;
  });
  assert.deepEqual([states().at(-1)?.percent, states().at(-1)?.wavelength_nm], [100, 1560]);
  assert.equal((await station.get("measurement/sweep/status")).body.state, "done");

  const data = await station.get("detector/trace/data?channel=1");
  assert.deepEqual([data.body.length, data.body.start_nm, data.body.sampling_pm, data.body.unit], [
    1001,
    1540,
    20,
    "dB",
  ]);
  const csv = (await station.get("detector/trace/data?channel=1&format=csv")).body.trim().split("\r\n");
  assert.equal(csv[0], "wavelength_nm,level_db");
  assert.equal(csv.length, 1002);
  assert.equal(csv[501], `1550.0000,${data.body.levels[500].toFixed(4)}`);
  const npy = new DataView(
    await (await fetch(`${station.api}detector/trace/binary?channel=1`)).arrayBuffer(),
  );
  const headerBytes = 10 + npy.getUint16(8, true);
  assert.equal(headerBytes % 64, 0);
  assert.equal(npy.byteLength, headerBytes + 4 * 1001);
  assert.ok(Math.abs(npy.getFloat32(headerBytes + 4 * 500, true) - data.body.levels[500]) < 1e-4);
  // The instrument's own words, past agent and relay.
  const text = (await ask(station, ":TRAC:SENS4:CHAN1:TYPE1:DATA? ASCII,DB")).split(",").map(Number);
  assert.equal(text.length, 1001);
  text.forEach((level, index) => assert.ok(Math.abs(level - data.body.levels[index]) < 1e-3));

  await station.send("POST", "measurement/sweep/start", { speed_nm_s: 5 });
  await until("it runs", () => states().at(-1)?.state === "running");
  assert.equal((await station.send("POST", "measurement/sweep/abort")).body.state, "aborted");
  await until("it is aborted", () => states().at(-1)?.state === "aborted");
  assert.ok((states().at(-1)?.percent ?? 100) < 90);
});

Deno.test("commands - whatever a path of the instrument answers is in OpenAPI, before a sweep and after it", async () => {
  await using station = await startStation();
  const openApi = await OpenApi.of(station.served.host);
  const looks = openApi.operations.filter(({ method, path }) =>
    method === "GET" && !path.includes("history")
  );
  const lookAtAll = async (query = "") => {
    const statuses = new Map<string, number>();
    for (const look of looks) {
      const answer = await fetch(look.url + query);
      statuses.set(look.path, answer.status);
      await openApi.check(look, answer);
    }
    return statuses;
  };
  assert.equal((await lookAtAll()).get("/api/v1/detector/trace/data"), 404);
  await station.send("POST", "measurement/sweep/start", { start_nm: 1540, stop_nm: 1541, sampling_pm: 20 });
  await until(
    "the sweep's end",
    async () => (await station.get("measurement/sweep/status")).body.state === "done",
  );
  for (const [path, status] of await lookAtAll()) assert.equal(status, 200, path);
  await lookAtAll("?format=csv");
  for (const write of openApi.operations.filter(({ method }) => method === "PUT")) {
    await openApi.check(write, await fetch(write.url, { method: "PUT" }));
  }
});

Deno.test("commands - a laser switched on at the instrument itself is known to the relay", async () => {
  await using station = await startStation();
  const on = () =>
    station.served.relay.instruments.all()[0]?.lasers?.filter(({ on }) => on).map(({ laser }) => laser);
  assert.deepEqual(on(), []);
  assert.equal(await ask(station, ":CTP:RLAS7:POW:STAT ON;:CTP:RLAS7:POW:STAT?"), "1");
  await until("laser 7", () => on()?.includes(7), { timeoutMs: 10_000 });
  await station.send("POST", "rlaser/7/off");
  assert.deepEqual(on(), [], "what a command does is known at once");
});

Deno.test("commands - disconnected on request, the line is free and the page says why; connected again, readings come", async () => {
  await using station = await startStation();
  const { relay } = station.served;
  const fault = () => relay.modules()[0]?.fault;
  assert.equal((await station.get("connection/status")).body.state, "connected");
  assert.deepEqual((await station.send("POST", "connection/disconnect")).body, {
    state: "off",
    identity: null,
  });
  await until("the reason", () => fault()?.message.includes("disconnected on request"));
  assert.equal((await station.get("rlaser/1/config")).status, 503);
  assert.equal((await station.send("POST", "connection/connect")).body.state, "connected");
  await until("readings", () => fault() === null);
});
