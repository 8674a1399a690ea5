// `deno task bench:instrument [seconds]`: how much of the serial line's time becomes readings, and how long one takes from
// the instrument to the relay. The simulated instrument on its line of 115,200 baud, agent and relay are processes of their
// own, as they are in use; where a way is timed, the instrument is this process.
//
// A latency begins when the last byte of the instrument's answer is handed to the line, and ends when a viewer has the
// reading, which is after the relay has stored it. Line time is not in it: of an answer's 3.5 ms it is the last byte that
// counts. The instrument waits until the line is free, hands over its answer, and rests until the next question: the last
// use of its clock before a reading's own time, which is of whole milliseconds of the system's clock, is where it began.

import { powerQuestion } from "../agent/ctp10/power.ts";
import { type Clock, startSimulator, systemClock } from "../agent/simulator/mod.ts";
import { createLogger } from "../lib/process/mod.ts";
import { firstNumber, pause } from "./fanout/measure.ts";

const seconds = Number(Deno.args[0] ?? 20);
const module = 4;
const bytesPerSecond = 115_200 / 10;
const answer = "-17.850;0;-21.560;0;6.940;0;-60.120;0";
const lineEnds = 4;

/** When the instrument used its clock: by the system's, for finding it, and by one that measures. */
const looks: { readonly wallMs: number; readonly atMs: number }[] = [];
const clock: Clock = {
  now() {
    look();
    return systemClock.now();
  },
  async sleep(ms, signal) {
    await systemClock.sleep(ms, signal);
    look();
  },
};
const link = `${await Deno.makeTempDir({ prefix: "lightline-instrument-" })}/meter`;
const relay = new Deno.Command(Deno.execPath(), {
  args: ["run", "-q", "-A", "--no-check", new URL("fanout/lightline.ts", import.meta.url).pathname],
  stdin: "piped",
  stdout: "piped",
}).spawn();
const port = await firstNumber(relay.stdout);

const alone = new Deno.Command(Deno.execPath(), {
  args: ["run", "-q", "-P=simulator", "agent/simulator/main.ts"],
  cwd: new URL("../", import.meta.url),
  env: { SIM_SEED: "1", SIM_LINK: link, LOG_LEVEL: "error" },
  stdout: "piped",
}).spawn();
// It says when its line is there.
await alone.stdout.getReader().read();
const most = bytesPerSecond / (powerQuestion(module).length + answer.length + lineEnds);
const full = await measure(100);
console.log(
  `as fast as it can: ${full.rate.toFixed(1)} readings/s of the ${most.toFixed(1)} that the line allows (${
    (100 * full.rate / most).toFixed(1)
  }%)`,
);
alone.kill("SIGTERM");
await alone.status;

const simulator = await startSimulator({
  seed: 1,
  log: createLogger("simulator", { LOG_LEVEL: "error" }),
  link,
  clock,
});
for (const hz of [10, 50]) {
  const { rate, latenciesMs } = await measure(hz);
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(2);
  console.log(
    `at ${hz} Hz: ${rate.toFixed(1)} readings/s, latency p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, worst ${
      (sorted.at(-1) ?? NaN).toFixed(2)
    } ms (${sorted.length} readings)`,
  );
}
await relay.stdin.close();
await relay.status;
await simulator.close();
await Deno.remove(link.slice(0, link.lastIndexOf("/")), { recursive: true });
Deno.exit(0);

/** Runs an agent that reads so often, and listens to what the relay makes of it. */
async function measure(hz: number): Promise<{ rate: number; latenciesMs: readonly number[] }> {
  const agent = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "-P=agent", "agent/main.ts"],
    cwd: new URL("../", import.meta.url),
    env: {
      METER: `serial:${link}`,
      METER_HZ: String(hz),
      AGENT_TOKEN: "bench-agent-token",
      RELAY_URL: `ws://127.0.0.1:${port}`,
      LOG_LEVEL: "error",
    },
    stdout: "piped",
  }).spawn();
  // It says when the first reading was stored.
  await agent.stdout.getReader().read();
  const viewer = new WebSocket(
    `ws://127.0.0.1:${port}/api/v1/ws/v2/power?module=${module}&interval=0.01`,
  );
  await new Promise((resolve) => viewer.onopen = resolve);
  await pause(1000);
  looks.length = 0;
  await pause(50);
  const latenciesMs: number[] = [];
  viewer.onmessage = ({ data }) => {
    const nowMs = performance.now();
    const { type, timestamp } = JSON.parse(data);
    if (type !== "data") return;
    const sent = looks.findLast(({ wallMs }) => wallMs <= Math.floor(timestamp * 1000));
    if (sent !== undefined) latenciesMs.push(nowMs - sent.atMs);
  };
  const [before, startMs] = [await sequence(), performance.now()];
  await pause(1000 * seconds);
  const rate = (await sequence() - before) / (performance.now() - startMs) * 1000;
  viewer.close();
  agent.kill("SIGTERM");
  await agent.status;
  return { rate, latenciesMs };
}

function look(): void {
  looks.push({ wallMs: Date.now(), atMs: performance.now() });
}

async function sequence(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/readings?module=${module}&limit=1`);
  return Number((await response.json()).cursor.split("-")[1]);
}
