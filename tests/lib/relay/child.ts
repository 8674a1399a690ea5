// A relay in a process of its own, so that a test can kill it. Run as a program it serves until then.

import { agentToken, serveRelay } from "./support.ts";

/** A relay that can be killed. */
export interface Child extends AsyncDisposable {
  readonly host: string;
  /** SIGKILL. */
  kill(): void;
}

/** Starts a relay on `port` (0: any) and waits until it listens. */
export async function startChild(dataDir: string, port = 0): Promise<Child> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", import.meta.url, dataDir, String(port)],
    stdout: "piped",
    stdin: "null",
  }).spawn();
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let line = "";
  while (!line.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The relay ended before it listened: ${line}`);
    line += value;
  }
  const kill = () => {
    try {
      process.kill("SIGKILL");
    } catch {
      // It has ended.
    }
  };
  return {
    host: line.trim(),
    kill,
    [Symbol.asyncDispose]: async () => {
      kill();
      await process.status;
      await reader.cancel();
    },
  };
}

if (import.meta.main) {
  const [dataDir = ":memory:", port = "0"] = Deno.args;
  const { host } = serveRelay({ dataDir, agentToken }, Number(port));
  console.log(host);
}
