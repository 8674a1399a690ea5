// The instrument by REST: a real relay, the agent as a process, and the simulated CTP10 behind a pseudo-terminal or TCP.

import assert from "node:assert/strict";
import { signToken } from "../../lib/relay/access/jwt.ts";
import { z } from "zod";
import { heartbeat, sweepProgress } from "../../lib/protocol/mod.ts";
import { OpenApi } from "../lib/relay/openapi.ts";
import { Client } from "../lib/relay/support.ts";
import { until } from "../support/until.ts";
import { atThePanel, startStation, type Station } from "./station.ts";

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
    assert.match(await atThePanel(station, question), reply, path);
  }
  assert.deepEqual((await station.get("rlaser/1/id")).body, { identity: "EXFO,T100S-HP,0,6.06" });
  assert.equal((await station.send("POST", "rlaser/2/off")).body.on, false);
  assert.equal(await atThePanel(station, ":CTP:RLAS2:POW:STAT?"), "0");
  const audited = auditLines(station);
  assert.equal(audited.length, settings.length + 1, "one line for each change, none for a look");
  assert.ok(audited.every(({ outcome, address }) => outcome === "done" && address === "127.0.0.1"));
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
  const text = (await atThePanel(station, ":TRAC:SENS4:CHAN1:TYPE1:DATA? ASCII,DB")).split(",").map(Number);
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
  assert.equal(await atThePanel(station, ":CTP:RLAS7:POW:STAT ON;:CTP:RLAS7:POW:STAT?"), "1");
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
