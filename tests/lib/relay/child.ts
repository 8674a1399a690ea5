// A relay in a process of its own, so that a test can kill it. Run as a program it serves until then.

import { agentToken, keptLog, serveRelay } from "./support.ts";

/** A relay that can be killed. */
export interface Child extends AsyncDisposable {
  readonly host: string;
  readonly pid: number;
  /** The errors in its log, as JSON lines. */
  readonly errors: readonly string[];
  /** SIGKILL. */
  kill(): void;
}

/** What the machine lets a relay have. */
export interface Bounds {
  /** No file grows beyond this; to try is an error, and no signal. */
  readonly fileBytes?: number;
  /** File descriptors. */
  readonly files?: number;
}

/** Starts a relay on `port` (0: any) and waits until it listens. */
export async function startChild(
  dataDir: string,
  port = 0,
  { fileBytes, files }: Bounds = {},
): Promise<Child> {
  const bounds = [
    ...(fileBytes === undefined ? [] : [`trap "" XFSZ; ulimit -f ${fileBytes / 512}`]),
    ...(files === undefined ? [] : [`ulimit -n ${files}`]),
  ];
  const run = [
    Deno.execPath(),
    "run",
    "-A",
    "--no-check",
    "--no-code-cache",
    import.meta.url,
    dataDir,
    String(port),
  ];
  const process = new Deno.Command("sh", {
    args: ["-c", [...bounds, `exec "$0" "$@"`].join("; "), ...run],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The relay ended before it listened: ${text}`);
    text += value;
  }
  const end = text.indexOf("\n");
  const host = text.slice(0, end);
  text = text.slice(end + 1);
  const reading = (async () => {
    for (let read = await reader.read(); !read.done; read = await reader.read()) text += read.value;
  })();
  const kill = () => {
    try {
      process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  return {
    host,
    pid: process.pid,
    get errors() {
      return text.split("\n").slice(0, -1);
    },
    kill,
    [Symbol.asyncDispose]: async () => {
      kill();
      await process.status;
      await reading;
    },
  };
}

if (import.meta.main) {
  const [dataDir = ":memory:", port = "0"] = Deno.args;
  const error = (message: string, fields?: unknown) => console.log(JSON.stringify({ message, fields }));
  // Readings of tests are as old as 1970.
  const historyHours = 1_000_000;
  const { host } = await serveRelay(
    { dataDir, agentToken, historyHours, log: { ...keptLog(), error } },
    Number(port),
  );
  console.log(host);
}
