// A far end that says exactly what a test wants, on a real pseudo-terminal: for what the simulated instrument cannot be
// made to do at a chosen moment.

import { openPty } from "deno-serial";
import { openLine } from "../../agent/line.ts";
import { LineSplitter } from "../../lib/scpi/mod.ts";

/** A scripted device. */
export interface Scripted extends AsyncDisposable {
  /** For METER: the device's path. */
  readonly path: string;
  /** Every line that it was sent, without line ends; "" for a bare line feed. */
  readonly heard: readonly string[];
  /** Says something that nobody asked for. */
  say(text: string): Promise<void>;
  /** Opens the agent's side. */
  open(): ReturnType<typeof openLine>;
  /** Hangs up. */
  unplug(): Promise<void>;
}

/** What the device answers to a line, all of it with its line end; undefined: nothing. */
export type Script = (line: string, count: number) => string | undefined | Promise<string | undefined>;

export function startScripted(script: Script): Scripted {
  const pty = openPty();
  const heard: string[] = [];
  if (pty.readable === null || pty.writable === null) throw new Error("the pty did not open");
  const writer = pty.writable.getWriter();
  const say = (text: string) => writer.write(Uint8Array.from(text, (c) => c.charCodeAt(0)));
  const splitter = new LineSplitter(4096);
  const listening = (async (readable) => {
    for await (const bytes of readable) {
      for (const event of splitter.push(bytes)) {
        if (event.type !== "line") continue;
        heard.push(event.text);
        const answer = await script(event.text, heard.length);
        if (answer !== undefined) await say(answer).catch(() => {});
      }
    }
  })(pty.readable);
  const unplug = async () => {
    await pty.close();
    await listening;
  };
  return {
    path: pty.path,
    heard,
    say,
    open: () => openLine({ type: "serial", path: pty.path, baudRate: 115200 }),
    unplug,
    [Symbol.asyncDispose]: unplug,
  };
}

/** Answers as a CTP10 in order does, `power` to the compound question. */
export function ctp10Script(power: () => string | undefined): Script {
  return (line) => {
    if (line === "*IDN?") return "EXFO,CTP10,12345,1.0.0\r\n";
    if (line === ":SYST:ERR?") return `0,"No error"\r\n`;
    if (line.endsWith(":WAV?")) return "1.31000000E-006\r\n";
    const answer = line.includes(":POW?") ? power() : undefined;
    return answer === undefined ? undefined : `${answer}\r\n`;
  };
}
