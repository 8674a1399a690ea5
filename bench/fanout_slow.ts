// `deno task bench:slow`: a viewer that never reads, among others that do. It asks for a long replay, so that the
// kernel's buffers are full at once, and is given up after a while; the others must not notice.
//
// Latency is from the agent's clock to a viewer's `onmessage`, on a sample of viewers with real sockets; the rest are
// counted (fanout/crowd.ts). Agent, sampled viewers and their clock are one thread. Stretches without and with such a
// viewer take turns, so that whatever else the machine does meets both alike. It only ever adds: of the stretches of a
// kind the lower quartile counts, and what two halves of one kind differ by says how far to trust that.

import { connectAgent } from "./fanout/agent.ts";
import { RemoteCrowd } from "./fanout/crowd_process.ts";
import { firstNumber, pause, quantile, residentKb } from "./fanout/measure.ts";
import { relayFlags } from "./fanout/servers.ts";

const viewers = Number(Deno.args[0] ?? 1000);
const hz = Number(Deno.args[1] ?? 100);
const rounds = Number(Deno.args[2] ?? 12);
const sampled = 20;
const stretchMs = 4000;
const backlog = 60_000;
// The history sums up a backlog of that size bit by bit meanwhile.
const settleMs = 16_000;
const path = "/api/v1/ws/v2/power?module=4&interval=0.01";

const relay = new Deno.Command(Deno.execPath(), {
  args: [
    ...["run", "-q", "-A", "--no-check", `--v8-flags=${relayFlags},--expose-gc`],
    ...[new URL("fanout/lightline.ts", import.meta.url).pathname, "10000"],
  ],
  stdin: "piped",
  stdout: "piped",
}).spawn();
const port = await firstNumber(relay.stdout);
const agent = await connectAgent(port);
const startedS = Date.now() / 1000;
while (agent.sent < backlog) agent.read(startedS - (backlog - agent.sent) / 100, 50);
await until(() => agent.acknowledged === backlog);

const crowded = viewers - sampled - 1;
const crowd = await RemoteCrowd.connect({ port, path, greeting: null, count: crowded, agent: false });
let latencies: number[] = [];
const samples = await Promise.all(Array.from({ length: sampled }, async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  const sample = { socket, last: 0, missed: 0 };
  socket.onmessage = ({ data }) => {
    const { type, timestamp, cursor, conflated = 1 } = JSON.parse(data);
    if (type !== "data") return;
    const seq = sequenceOf(cursor);
    if (sample.last > 0) sample.missed += seq - sample.last - 1 + (conflated - 1);
    sample.last = seq;
    latencies.push(performance.timeOrigin + performance.now() - timestamp * 1000);
  };
  await new Promise((resolve) => socket.onopen = resolve);
  return sample;
}));
await until(() => samples.every(({ last }) => last === backlog));

const framesBefore = await crowd.received();
const live = setInterval(
  () => agent.read((performance.timeOrigin + performance.now()) / 1000),
  1000 / hz,
);
await pause(settleMs);
const page = await (await fetch(`http://127.0.0.1:${port}/api/v1/readings?limit=1`)).json();
const since = `${String(page.cursor).split("-")[0]}-0`;

// What the start has left behind goes here.
for (let i = 0; i < 3; i++) await relayKb();
const pairs: { alone: Latency; beside: Latency; memoryKb: number }[] = [];
let openedMs = 0;
let slow: Deno.TcpConn | null = null;
for (let round = 0; round < rounds; round++) {
  slow?.close();
  await pause(500);
  const alone = await stretch();
  const beforeKb = await relayKb();
  slow = await neverReads();
  openedMs = performance.now();
  const beside = await stretch();
  pairs.push({ alone, beside, memoryKb: await relayKb() - beforeKb });
}
await until(async () => (await metrics()).includes('code="4008"'));
const closedS = (performance.now() - openedMs) / 1000;
clearInterval(live);
await until(() => agent.acknowledged === agent.sent);
await pause(1500);
const text = await metrics();
const frames = await crowd.received() - framesBefore;

// The slow one wakes up: it reads what it was sent, and comes back with the last cursor.
const kept = slow ? await readAll(slow) : "";
const cursors = [...kept.matchAll(/"cursor":"([0-9a-z]+-\d+)"/g)].map(([, cursor]) => cursor ?? "");
const numbers = cursors.map(sequenceOf);
const back = new WebSocket(`ws://127.0.0.1:${port}${path}&since=${cursors.at(-1)}`);
back.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.type === "replay") {
    for (const { cursor } of message.readings) {
      numbers.push(sequenceOf(cursor));
    }
  }
};
await until(() => numbers.at(-1) === agent.sent);
const whole = numbers.every((seq, index) => seq === index + 1);
const readings = agent.sent - backlog;

console.log(
  `${viewers} viewers at ${hz} Hz, one of them reads nothing; ${rounds} stretches without and with it`,
);
const alone = pairs.map(({ alone }) => alone);
const beside = pairs.map(({ beside }) => beside);
const memories = pairs.map(({ memoryKb }) => memoryKb);
const half = (of: 0 | 1) => quartile(alone.filter((_, index) => index % 2 === of).map(({ p99 }) => p99));
say("latency alone", latencyWords(alone));
say("latency beside it", latencyWords(beside));
say(
  "p99 beside/alone",
  `${(quartile(beside.map(({ p99 }) => p99)) / quartile(alone.map(({ p99 }) => p99))).toFixed(2)}× (alone, ` +
    `even stretches/odd ones: ${(half(1) / half(0)).toFixed(2)}×; pair by pair: ${
      pairs.map(({ alone, beside }) => (beside.p99 / alone.p99).toFixed(2)).join(" ")
    })`,
);
say(
  "its memory",
  `${quantile(memories, 0.5)} KB in the relay (stretch by stretch: ${memories.join(" ")}), longest queue ${
    value(text, "send_queue_high_water_bytes")
  } bytes`,
);
say("closed with 4008", `after ${closedS.toFixed(1)} s`);
say(
  "the others missed",
  `${
    samples.reduce((sum, { missed }) => sum + missed, 0)
  } of ${readings} readings in the sample; conflated: ${value(text, "readings_conflated_total")}; ${
    (frames / crowded).toFixed(2)
  } frames each in the crowd, heartbeats among them`,
);
say(
  "it came back",
  `${numbers.length} of ${agent.sent} readings, ${whole ? "each once, in order" : "NOT each once"}`,
);
await crowd.close();
for (const { socket } of samples) socket.close();
back.close();
agent.close();
slow?.close();
relay.kill("SIGTERM");
await relay.status;

interface Latency {
  readonly p50: number;
  readonly p99: number;
}

async function stretch(): Promise<Latency> {
  latencies = [];
  await pause(stretchMs);
  if (latencies.length === 0) {
    throw new Error(
      `Cannot measure: this machine does not keep up with ${hz} Hz for ${viewers} viewers. Give fewer.`,
    );
  }
  return { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) };
}

function latencyWords(found: readonly Latency[]): string {
  return `p50 ${quartile(found.map(({ p50 }) => p50)).toFixed(2)} ms, p99 ${
    quartile(found.map(({ p99 }) => p99)).toFixed(2)
  } ms`;
}

function say(name: string, words: string): void {
  console.log(`${`${name}:`.padEnd(19)}${words}`);
}

async function neverReads(): Promise<Deno.TcpConn> {
  const connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(new TextEncoder().encode(
    `GET ${path}&since=${since} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${btoa("0123456789abcdef")}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  ));
  return connection;
}

function sequenceOf(cursor: string): number {
  return Number(cursor.split("-")[1]);
}

function quartile(values: readonly number[]): number {
  return quantile(values, 0.25);
}

async function metrics(): Promise<string> {
  return await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
}

function value(text: string, name: string): string {
  return new RegExp(`^lightline_${name} (.+)$`, "m").exec(text)?.[1] ?? "?";
}

async function readAll(connection: Deno.TcpConn): Promise<string> {
  const decoder = new TextDecoder("latin1");
  const buffer = new Uint8Array(1 << 20);
  let text = "";
  for (let length = await connection.read(buffer); length !== null; length = await connection.read(buffer)) {
    text += decoder.decode(buffer.subarray(0, length));
    // The reason of the close frame.
    if (text.endsWith("too slowly")) break;
  }
  return text;
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await pause(50);
}

/** Kilobytes of the relay's memory without its garbage: what the slow one makes it keep. */
async function relayKb(): Promise<number> {
  relay.kill("SIGUSR2");
  await pause(500);
  return residentKb(relay.pid);
}
