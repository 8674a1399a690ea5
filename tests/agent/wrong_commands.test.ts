// Requests by REST that are wrong: what is said of them, and that the instrument hears of none.

import assert from "node:assert/strict";
import { atThePanel, startStation } from "./station.ts";

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
  assert.equal(await atThePanel(station, ":INIT:TLS1:SPE?"), "50");
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
