// The relay as `deno task serve` runs it: whom it answers by which name, and what becomes of those who wait when it ends.

import assert from "node:assert/strict";
import { rawRequest } from "./raw.ts";
import { until } from "../../support/until.ts";

interface RelayProcess extends AsyncDisposable {
  /** `127.0.0.1:port` */
  readonly host: string;
  /** SIGTERM; its exit code. */
  stop(): Promise<number>;
}

async function startRelay(environment: Record<string, string> = {}): Promise<RelayProcess> {
  const process = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "-P=relay", "--allow-read=_fresh", "main.ts"],
    env: { PORT: "0", DATA_DIR: ":memory:", AGENT_TOKEN: "agent-token-of-process", ...environment },
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const output = process.stdout.getReader();
  const address = new TextDecoder().decode((await output.read()).value).trim();
  output.releaseLock();
  const stop = async () => {
    process.kill("SIGTERM");
    return (await process.status).code;
  };
  let stopped: Promise<number> | null = null;
  return {
    host: new URL(address).host,
    stop: () => stopped ??= stop(),
    [Symbol.asyncDispose]: async () => {
      await (stopped ??= stop());
      await process.stdout.cancel();
    },
  };
}

Deno.test("a relay that cannot listen says why in one line, and makes no folder for its history", async () => {
  const folder = await Deno.makeTempDir();
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  for (
    const [environment, said] of [
      [{ HOST: "10.255.255.1" }, "HOST=10.255.255.1: not an address of this machine"],
      [{ HOST: "nosuch.invalid" }, "HOST=nosuch.invalid"],
      [{ PORT: `${taken.addr.port}` }, `PORT=${taken.addr.port}: another process listens`],
    ] as const
  ) {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-q", "--no-prompt", "-P=relay", "--allow-read", "--allow-write", "main.ts"],
      env: {
        PORT: "0",
        DATA_DIR: `${folder}/data`,
        AGENT_TOKEN: "agent-token-of-process",
        ALLOW_ANONYMOUS: "1",
        ...environment,
      },
    }).output();
    const [line = "", ...more] = new TextDecoder().decode(stderr).trim().split("\n");
    assert.ok(line.startsWith(`relay: ${said}`), line);
    assert.deepEqual(more, []);
    assert.equal(code, 78);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  }
  await Deno.remove(folder);
});

Deno.test("polls that are held when the relay is stopped are answered", async () => {
  await using relay = await startRelay();
  const metrics = async () => await (await fetch(`http://${relay.host}/metrics`)).text();
  const polls = Array.from({ length: 20 }, async () => {
    const answer = await fetch(`http://${relay.host}/api/v1/readings?module=9&wait=20`);
    return [answer.status, await answer.json()];
  });
  await until("the polls", async () => (await metrics()).includes("lightline_polls_held 20"));
  assert.equal(await relay.stop(), 0);
  for (const [status, page] of await Promise.all(polls)) {
    assert.equal(status, 200);
    assert.deepEqual(page.readings, []);
  }
});

const socket = { upgrade: "websocket", connection: "Upgrade", "sec-websocket-version": "13" };

for (
  const [environment, name, status] of [
    [{}, "evil.example", 421],
    [{}, "localhost", 200],
    [{}, "127.0.0.1:1234", 200],
    [{}, "[::1]", 200],
    [{ ALLOWED_ORIGINS: "https://wall.example" }, "wall.example", 200],
    [{ VIEWER_SECRET: "v".repeat(32) }, "lab.example", 401],
    [{ ALLOW_ANONYMOUS: "1" }, "lab.example", 200],
  ] as const
) {
  Deno.test(`a relay with ${JSON.stringify(environment)} answers a request for ${name} with ${status}`, async () => {
    await using relay = await startRelay(environment);
    const answer = await rawRequest(relay.host, "/api/v1/readings", { host: name });
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    if (status !== 421) return;
    const origin = `http://${name}`;
    const key = { "sec-websocket-key": btoa("0123456789abcdef") };
    assert.match(await rawRequest(relay.host, "/ws", { host: name, origin, ...socket, ...key }), / 421 /);
    assert.match(await rawRequest(relay.host, "/", { host: name }), / 421 /);
  });
}
