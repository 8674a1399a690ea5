// What only shows between processes: ownership, permissions, and that an open port never keeps an exit waiting.

import assert from "node:assert/strict";
import { LIBC_PATHS, openPty } from "deno-serial";

const root = new URL("../../../", import.meta.url);

interface Child extends AsyncDisposable {
  readonly pid: number;
  firstLine(): Promise<string>;
  kill(): Promise<void>;
}

function run(args: readonly string[]): Child {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...args],
    cwd: root,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const stdin = child.stdin.getWriter();
  const lines = child.stdout.pipeThrough(new TextDecoderStream());
  return {
    pid: child.pid,
    async firstLine() {
      let text = "";
      for await (const part of lines.values({ preventCancel: true })) {
        text += part;
        if (text.includes("\n")) break;
      }
      return text.trim();
    },
    async kill() {
      child.kill("SIGKILL");
      await child.status;
    },
    async [Symbol.asyncDispose]() {
      await stdin.close().catch(() => {});
      await child.status;
      await lines.cancel();
    },
  };
}

const holder = (path: string) =>
  run([`--allow-ffi=${LIBC_PATHS.join(",")}`, "tests/lib/serial/hold_port.ts", path]);

Deno.test("processes - the list of C libraries is all the permission that a port needs", async () => {
  await using pty = openPty();
  await using child = holder(pty.path);
  assert.equal(await child.firstLine(), "open");
});

Deno.test("processes - without it the error says which permission is missing", async () => {
  await using pty = openPty();
  await using child = run(["tests/lib/serial/hold_port.ts", pty.path]);
  assert.match(await child.firstLine(), /permission: .*--allow-ffi=\//);
});

Deno.test("processes - the second is told who the first is, and gets the device when that one is killed", async () => {
  await using other = openPty();
  await using neighbour = holder(other.path);
  assert.equal(await neighbour.firstLine(), "open");
  await using pty = openPty();
  await using first = holder(pty.path);
  assert.equal(await first.firstLine(), "open");
  {
    await using second = holder(pty.path);
    assert.match(await second.firstLine(), new RegExp(`busy: .*process ${first.pid} \\(.+\\) has it`));
  }
  await first.kill();
  await using third = holder(pty.path);
  assert.equal(await third.firstLine(), "open");
});
