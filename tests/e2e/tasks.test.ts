// The tasks that run one process each, with paths as people have them, and beside another of their kind.

import assert from "node:assert/strict";
import { startTask } from "../support/task.ts";
import { until } from "../support/until.ts";

const AGENT_TOKEN = "an-agent-token-for-tests";

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** A folder whose name has a space, as those of people do (of two in a row, deno task leaves one). */
async function folderWithSpace(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.makeTempDir({ prefix: "lightline tasks " });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test("serve keeps its history in a folder whose name has a space", async () => {
  await using folder = await folderWithSpace();
  const env = { AGENT_TOKEN, PORT: "0", DATA_DIR: `${folder.path}/my data` };
  await using relay = startTask("serve", { env });
  await relay.line(/^http:/);
  assert.ok(exists(`${env.DATA_DIR}/history.sqlite`));
});

Deno.test("agent spools into a folder whose name has a space", async () => {
  await using folder = await folderWithSpace();
  const env = {
    AGENT_TOKEN,
    METER: "tcp:127.0.0.1:1",
    RELAY_URL: "ws://127.0.0.1:1",
    SPOOL_DIR: folder.path,
  };
  await using _agent = startTask("agent", { env });
  await until("the spool", () => exists(`${folder.path}/spool.sqlite`));
});

Deno.test("simulate takes a control socket whose path has a space", async () => {
  await using folder = await folderWithSpace();
  const env = { SIM_CONTROL: `${folder.path}/my control` };
  await using simulator = startTask("simulate", { env });
  await simulator.line(/^\/dev\/pts\//);
  assert.ok(exists(env.SIM_CONTROL));
});

Deno.test("a second relay on the same history says so in one line, and start ends with it", async () => {
  await using folder = await folderWithSpace();
  const env = { AGENT_TOKEN, PORT: "0", DATA_DIR: folder.path };
  await using relay = startTask("serve", { env });
  await relay.line(/^http:/);
  for (const name of ["serve", "start"]) {
    await using second = startTask(name, { env });
    assert.equal(await second.ended, 78);
    const about = second.lines.filter((line) => line.includes(folder.path));
    assert.deepEqual(about, [
      `relay: DATA_DIR=${folder.path}: another process has its history open; stop that one, or set DATA_DIR to another folder`,
    ]);
    assert.ok(second.lines.every((line) => !/^\s+at |started again/.test(line)), second.lines.join("\n"));
  }
});
