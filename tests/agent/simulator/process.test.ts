// The simulated instrument as `deno task simulate` starts it, under its own permissions.

import { deepEqual, equal, rejects } from "node:assert/strict";
import { startTask } from "../../support/task.ts";
import { connectSerial, connectTcp } from "./clients.ts";

const identity = "EXFO,CTP10,12345,1.0.0";

Deno.test("it prints its pseudo-terminal, answers on it, and ends cleanly", async () => {
  const folder = await Deno.makeTempDir();
  const link = `${folder}/meter`;
  {
    await using task = startTask("simulate", {
      env: { SIM_SEED: "1", SIM_LINK: link, SIM_TCP: "127.0.0.1:0" },
    });
    const [path] = await task.line(/^\/dev\/pts\/\d+$/);
    equal(await Deno.readLink(link), path);
    {
      await using client = await connectSerial(link);
      equal(await client.ask("*IDN?"), identity);
    }
    const [, port = ""] = await task.line(/listening for SCPI.*"port":(\d+)/);
    {
      await using client = await connectTcp({ hostname: "127.0.0.1", port: Number(port) });
      equal(await client.ask("*IDN?"), identity);
    }
    equal((await task.end("SIGTERM")).code, 0);
  }
  await rejects(Deno.lstat(link), Deno.errors.NotFound);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("it is controlled through a unix socket, also after its predecessor was killed", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control.sock`;
  for (const signal of ["SIGKILL", "SIGTERM"] as const) {
    await using task = startTask("simulate", { env: { SIM_CONTROL: path } });
    await task.line(/^\/dev\/pts\/\d+$/);
    const [simulator] = task.processes().filter(({ command }) => command.includes("-P=simulator"));
    {
      using connection = await Deno.connect({ transport: "unix", path });
      await connection.write(new TextEncoder().encode("clear\n"));
      await connection.closeWrite();
      equal(await new Response(connection.readable).text(), "ok ended 0\n");
    }
    if (simulator !== undefined) Deno.kill(simulator.pid, signal);
    await task.ended;
  }
  await rejects(Deno.lstat(path), Deno.errors.NotFound);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("variables that are wrong end it with 78, and a line for each", async () => {
  await using task = startTask("simulate", { env: { SIM_SEED: "lucky", SIM_TCP: "5025" } });
  equal(await task.ended, 78);
  deepEqual(task.lines.filter((line) => line.startsWith("simulator: ")), [
    "simulator: SIM_SEED=lucky: is not a whole number",
    "simulator: SIM_TCP=5025: is not host:port",
  ]);
});

Deno.test("ports that there are not are named like other wrong values", async () => {
  await using task = startTask("simulate", {
    env: { SIM_TCP: "127.0.0.1:99999", SIM_CONTROL: "[::1]:65536" },
  });
  equal(await task.ended, 78);
  deepEqual(task.lines.filter((line) => line.startsWith("simulator: ")), [
    "simulator: SIM_TCP=127.0.0.1:99999: has a port above 65535",
    "simulator: SIM_CONTROL=[::1]:65536: has a port above 65535",
  ]);
});

Deno.test("where it cannot listen it ends with 78, and a line that names the variable and says what to do", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const address = `127.0.0.1:${taken.addr.port}`;
  const inUse = "cannot listen there: Address already in use (os error 98)";
  const missing = "cannot listen there: No such file or directory (os error 2)";
  const otherControl = "set it to a path in a folder that is there, or to a free host:port";
  for (
    const [env, line] of [
      [{ SIM_TCP: address }, `SIM_TCP=${address}: ${inUse}; set it to a free port of this machine (0: any)`],
      [{ SIM_CONTROL: address }, `SIM_CONTROL=${address}: ${inUse}; ${otherControl}`],
      [{ SIM_CONTROL: "/nowhere/control" }, `SIM_CONTROL=/nowhere/control: ${missing}; ${otherControl}`],
    ] as const
  ) {
    await using task = startTask("simulate", { env });
    equal(await task.ended, 78);
    deepEqual(task.lines.filter((line) => line.includes("cannot")), [`simulator: ${line}`]);
  }
});
