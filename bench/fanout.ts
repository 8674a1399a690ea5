// `deno task bench:fanout`: what it costs a server to deliver a reading, and to keep a viewer that is idle. All servers
// in one run, as ratios to a bare loop over Deno's own sockets. Linux only (it reads /proc).
//
// CPU is the user and system time of all of the server's threads, divided by the frames that viewers received meanwhile:
// for Lightline that includes taking the reading from an agent and storing it. The sizes run at rates that leave the
// machine idle time, so that nobody is measured while it is starved.

import { type Contender, contenders } from "./fanout/servers.ts";
import { Crowd } from "./fanout/crowd.ts";

const sizes = [{ viewers: 100, hz: 100 }, { viewers: 1000, hz: 50 }, { viewers: 5000, hz: 10 }] as const;
const warmUpMs = 2000;
const measureMs = Number(Deno.args[0] ?? 5000);
const clockTicksPerSecond = 100;

interface Cost {
  /** Microseconds of CPU for each reading that a viewer got. */
  readonly cpuUs: number;
  /** Kilobytes of memory for each idle viewer. */
  readonly memoryKb: number;
  /** Share of the readings that were sent and arrived in the window. */
  readonly delivered: number;
}

async function measure(contender: Contender, viewers: number, hz: number): Promise<Cost> {
  const [program = "", ...args] = contender.command;
  const process = new Deno.Command(program, {
    args: [...args, String(hz)],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const input = process.stdin.getWriter();
  try {
    const port = await firstNumber(process.stdout);
    // The first connections load code that the others do not pay for.
    const first = await Crowd.connect(port, contender.path, contender.greeting, 20);
    await pause(1000);
    const before = residentKb(process.pid);
    const crowd = await Crowd.connect(port, contender.path, contender.greeting, viewers);
    await pause(1000);
    const memoryKb = (residentKb(process.pid) - before) / viewers;
    first.close();
    const reading = crowd.read();
    const stop = contender.fed ? await feed(port, hz) : await start(input);
    await pause(warmUpMs);
    const [startedMs, startCpu, startFrames] = [performance.now(), cpuSeconds(process.pid), crowd.received];
    await pause(measureMs);
    const frames = crowd.received - startFrames;
    const cpuUs = (cpuSeconds(process.pid) - startCpu) * 1e6 / frames;
    const expected = viewers * hz * (performance.now() - startedMs) / 1000;
    stop();
    crowd.close();
    await reading;
    return { cpuUs, memoryKb, delivered: frames / expected };
  } finally {
    await input.close().catch(() => {});
    process.kill("SIGTERM");
    await process.status;
  }
}

async function start(input: WritableStreamDefaultWriter<Uint8Array>): Promise<() => void> {
  await input.write(new Uint8Array([10]));
  return () => {};
}

/** An agent that sends a reading `hz` times a second; returns how to stop it. */
async function feed(port: number, hz: number): Promise<() => void> {
  const socket: WebSocket = Reflect.construct(WebSocket, [
    `ws://127.0.0.1:${port}/api/v1/agent?station=bench-1`,
    { headers: { authorization: "Bearer bench-agent-token" } },
  ]);
  await new Promise((resolve) => socket.onopen = resolve);
  socket.send(
    JSON.stringify({ type: "hello", station: "bench-1", boot: "bench0001", identity: null, modules: [4] }),
  );
  let first = 0;
  const timer = setInterval(() => {
    const item = {
      timestamp: Date.now() / 1000,
      module: 4,
      wavelength_nm: 1310,
      unit: "dBm",
      ch1_power: -17.85,
      ch2_power: -21.56,
      ch3_power: 6.94,
      ch4_power: -60.12,
    };
    socket.send(JSON.stringify({ type: "readings", boot: "bench0001", first: ++first, items: [item] }));
  }, 1000 / hz);
  return () => {
    clearInterval(timer);
    socket.close();
  };
}

async function firstNumber(output: ReadableStream<Uint8Array>): Promise<number> {
  for await (const chunk of output) return Number(new TextDecoder().decode(chunk));
  throw new Error("The server ended before it listened.");
}

function cpuSeconds(pid: number): number {
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1]?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) / clockTicksPerSecond;
}

function residentKb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(Deno.readTextFileSync(`/proc/${pid}/status`))?.[1]);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

console.log("viewers  rate    server              CPU/reading   ratio   memory/viewer   delivered");
for (const { viewers, hz } of sizes) {
  let base: Cost | null = null;
  for (const contender of contenders) {
    const cost = await measure(contender, viewers, hz);
    base ??= cost;
    console.log(
      [
        String(viewers).padStart(7),
        `${hz} Hz`.padStart(6),
        ` ${contender.name.padEnd(18)}`,
        `${cost.cpuUs.toFixed(2)} µs`.padStart(11),
        `${(cost.cpuUs / base.cpuUs).toFixed(2)}×`.padStart(8),
        `${cost.memoryKb.toFixed(1)} KB`.padStart(13),
        `${(100 * cost.delivered).toFixed(0)}%`.padStart(11),
      ].join(" "),
    );
  }
}
