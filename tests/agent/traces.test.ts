// Long traces by REST, and what becomes of the readings meanwhile: a real relay, the agent as a process, and the simulated
// CTP10.

import assert from "node:assert/strict";
import { formatMeter } from "../../agent/simulator/mod.ts";
import { until } from "../support/until.ts";
import { type TestSimulator } from "./simulator/clients.ts";
import { startStation, type Station, tcpOf } from "./station.ts";

Deno.test("traces - a long trace over the serial line: readings pause, the page says why, and they come back", async () => {
  await using station = await startStation();
  const { relay } = station.served;
  await station.send("POST", "measurement/sweep/start", {
    start_nm: 1500,
    stop_nm: 1600,
    speed_nm_s: 200,
    sampling_pm: 5,
  });
  await until("its end", () => relay.instruments.all()[0]?.sweep.state === "done");
  const response = await fetch(`${station.api}detector/trace/binary`);
  await until(
    "the reason",
    () => /pause for about 7 s.* 20001 points/.test(relay.modules()[0]?.fault?.message ?? ""),
  );
  assert.equal((await response.arrayBuffer()).byteLength % 4, 0);
  await until("readings", () => relay.modules()[0]?.fault === null);
  const again = performance.now();
  await (await fetch(`${station.api}detector/trace/binary`)).arrayBuffer();
  assert.ok(performance.now() - again < 500, "it was read once for everybody");
});

/** Readings of module 4 in a second, since then. */
function rateSince({ served: { relay } }: Station, fromMs: number): number {
  return relay.recent(4, fromMs).length / ((Date.now() - fromMs) / 1000);
}

for (
  const [words, env] of [
    ["over TCP", (simulated) => ({ METER: tcpOf(simulated) })],
    ["over a second line", (simulated) => ({ METER_BULK: tcpOf(simulated) })],
  ] satisfies [string, (simulated: TestSimulator) => Record<string, string>][]
) {
  Deno.test(`traces - ${words} 94,001 points are carried while readings keep their rate, none of them wrong`, async () => {
    await using station = await startStation({ env: (simulated) => ({ METER_HZ: "50", ...env(simulated) }) });
    const { relay } = station.served;
    const startMs = Date.now();
    await station.send("POST", "measurement/sweep/start", {
      start_nm: 1520,
      stop_nm: 1614,
      speed_nm_s: 50,
      sampling_pm: 1,
    });
    await until("its end", () => relay.instruments.all()[0]?.sweep.state === "done");
    const sweeping = rateSince(station, startMs);
    assert.ok(sweeping > 45, `${sweeping.toFixed(1)} readings a second instead of 50 while it sweeps`);
    const fromMs = Date.now();
    const npy = await (await fetch(`${station.api}detector/trace/binary`)).arrayBuffer();
    assert.equal(npy.byteLength, 128 + 4 * 94_001);
    await until("a second or more of readings", () => Date.now() - fromMs > 1500, { timeoutMs: 3000 });
    const rate = rateSince(station, fromMs);
    assert.ok(rate > 45, `${rate.toFixed(1)} readings a second instead of 50 while it downloads`);
    const powers = relay.recent(4, fromMs).map(({ ch1_power }) => ch1_power ?? NaN);
    assert.ok(Math.max(...powers) - Math.min(...powers) < 1.5, `${powers}`);
    assert.equal(relay.modules()[0]?.fault, null, "nothing pauses");
  });
}

Deno.test("traces - a second line that leads to another instrument, or nowhere, is not used, and the page says why", async () => {
  using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answering = (async () => {
    for await (const connection of other) {
      await connection.read(new Uint8Array(100));
      await connection.write(new TextEncoder().encode("EXFO,CTP10,54321,1.0.0\r\n"));
      connection.close();
    }
  })();
  const bulk = formatMeter(other.addr);
  await using station = await startStation({ env: () => ({ METER_BULK: bulk }) });
  const { relay } = station.served;
  await station.send("POST", "measurement/sweep/start", {
    start_nm: 1540,
    stop_nm: 1560,
    speed_nm_s: 200,
    sampling_pm: 4,
  });
  await until("its end", () => relay.instruments.all()[0]?.sweep.state === "done");
  const download = async (channel: number, why: RegExp) => {
    const response = await fetch(`${station.api}detector/trace/binary?channel=${channel}`);
    await until("the reason", () => why.test(relay.modules()[0]?.fault?.message ?? ""));
    assert.equal((await response.arrayBuffer()).byteLength, 128 + 4 * 5001, "the readings' line carried it");
    await until("readings", () => relay.modules()[0]?.fault === null);
  };
  await download(1, /pause for about 2 s.* is another instrument, EXFO,CTP10,54321,1\.0\.0\. Set METER_BULK/);
  other.close();
  await answering;
  await download(2, /pause for about 2 s.* nothing listens there/);
});
