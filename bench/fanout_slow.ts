// `deno task bench:slow`: a viewer that never reads, among others that do. It asks for a long replay, so that the
// kernel's buffers are full at once, and is given up after a while; the others must not notice.
//
// Latency is from the agent's clock to a viewer's `onmessage`, on a sample of viewers with real sockets; the rest are
// counted (fanout/crowd.ts). Agent, sampled viewers and their clock are one thread.

import type { CrowdRequest } from "./fanout/crowd_worker.ts";

const viewers = Number(Deno.args[0] ?? 1000);
const hz = Number(Deno.args[1] ?? 100);
const sampled = 20;
const phaseMs = 6000;
const backlog = 60_000;
const path = "/api/v1/ws/v2/power?module=4&interval=0.01";

const relay = new Deno.Command(Deno.execPath(), {
  args: ["run", "-q", "-A", "--no-check", new URL("fanout/lightline.ts", import.meta.url).pathname, "10000"],
  stdin: "piped",
  stdout: "piped",
}).spawn();
const port = await firstNumber(relay.stdout);

const uplink: WebSocket = Reflect.construct(WebSocket, [
  `ws://127.0.0.1:${port}/api/v1/agent?station=bench-1`,
  { headers: { authorization: "Bearer bench-agent-token" } },
]);
const startedS = Date.now() / 1000;
let acknowledged = 0;
let sent = 0;
uplink.onmessage = ({ data }) => acknowledged = JSON.parse(data).through ?? acknowledged;
await new Promise((resolve) => uplink.onopen = resolve);
uplink.send(
  JSON.stringify({ type: "hello", station: "bench-1", boot: "bench0001", identity: null, modules: [4] }),
);
while (sent < backlog) take(50, 0);
await until(() => acknowledged === backlog);

const others = new Worker(new URL("fanout/crowd_worker.ts", import.meta.url), { type: "module" });
await ask({ port, path, count: viewers - sampled - 1 });
let latencies: number[] = [];
const sample = await Promise.all(Array.from({ length: sampled }, async () => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  await new Promise((resolve) => socket.onopen = resolve);
  socket.onmessage = ({ data }) => {
    const { type, timestamp } = JSON.parse(data);
    if (type !== "data") return;
    latencies.push(performance.timeOrigin + performance.now() - timestamp * 1000);
  };
  return socket;
}));
await pause(1000);

const live = setInterval(() => take(1, (performance.timeOrigin + performance.now()) / 1000), 1000 / hz);
await pause(2000);
const framesBefore = await ask(null);
const alone = await phase();
const memoryBefore = residentKb();
const epoch =
  (await (await fetch(`http://127.0.0.1:${port}/api/v1/readings?limit=1`)).json()).cursor.split("-")[0];
const slow = await Deno.connect({ hostname: "127.0.0.1", port });
await slow.write(new TextEncoder().encode(
  `GET ${path}&since=${epoch}-0 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
    `Sec-WebSocket-Key: ${btoa("0123456789abcdef")}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
));
const beside = await phase();
const memoryKb = residentKb() - memoryBefore;
const openedMs = performance.now();
await until(async () => (await metrics()).includes('code="4008"'));
const closedS = (performance.now() - openedMs + phaseMs) / 1000;
clearInterval(live);
await until(() => acknowledged === sent);
await pause(1500);
const text = await metrics();
const frames = await ask(null) - framesBefore;

// The slow one wakes up: it reads what it was sent, and comes back with the last cursor.
const kept = await readAll(slow);
const cursors = [...kept.matchAll(/"cursor":"([0-9a-z]+-\d+)"/g)].map(([, cursor]) => cursor ?? "");
const numbers = cursors.map((cursor) => Number(cursor.split("-")[1]));
const back = new WebSocket(`ws://127.0.0.1:${port}${path}&since=${cursors.at(-1)}`);
back.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  if (message.type === "replay") {
    for (const { cursor } of message.readings) numbers.push(Number(cursor.split("-")[1]));
  }
};
await until(() => numbers.at(-1) === sent);
const whole = numbers.every((seq, index) => seq === index + 1);

console.log(`${viewers} viewers at ${hz} Hz, one of them reads nothing`);
console.log(`latency alone:      p50 ${alone.p50} ms, p99 ${alone.p99} ms`);
console.log(
  `latency beside it:  p50 ${beside.p50} ms, p99 ${beside.p99} ms (${ratio(beside.p99, alone.p99)})`,
);
console.log(
  `its memory:         ${memoryKb} KB in the relay, longest queue ${
    value(text, "send_queue_high_water_bytes")
  } bytes`,
);
console.log(
  `closed with 4008:   after ${closedS.toFixed(1)} s; conflated for the others: ${
    value(text, "readings_conflated_total")
  }`,
);
console.log(
  `the others' frames: ${frames} in the crowd (${(frames / (viewers - sampled - 1)).toFixed(1)} each)`,
);
console.log(
  `it came back:       ${numbers.length} of ${sent} readings, ${
    whole ? "each once, in order" : "NOT each once"
  }`,
);
others.terminate();
sample.forEach((socket) => socket.close());
back.close();
uplink.close();
slow.close();
relay.kill("SIGTERM");
await relay.status;

function ask(request: CrowdRequest | null): Promise<number> {
  return new Promise((resolve) => {
    others.onmessage = ({ data }) => resolve(data);
    others.postMessage(request);
  });
}

function take(count: number, timestamp: number): void {
  const items = Array.from({ length: count }, (_, index) => ({
    timestamp: timestamp || startedS - (backlog - sent - index) / 100,
    module: 4,
    wavelength_nm: 1310,
    unit: "dBm",
    ch1_power: -17.85,
    ch2_power: -21.56,
    ch3_power: 6.94,
    ch4_power: -60.12,
  }));
  uplink.send(JSON.stringify({ type: "readings", boot: "bench0001", first: sent + 1, items }));
  sent += count;
}

async function phase(): Promise<{ p50: string; p99: string }> {
  latencies = [];
  await pause(phaseMs);
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? NaN).toFixed(2);
  return { p50: at(0.5), p99: at(0.99) };
}

function ratio(a: string, b: string): string {
  return `${(Number(a) / Number(b)).toFixed(2)}×`;
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

async function firstNumber(output: ReadableStream<Uint8Array>): Promise<number> {
  for await (const chunk of output) return Number(new TextDecoder().decode(chunk));
  throw new Error("The relay ended before it listened.");
}

function residentKb(): number {
  return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${relay.pid}/status`))?.[1]);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
