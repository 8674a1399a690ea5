// The simulated instrument as `deno task simulate` starts it, under its own permissions.

import { deepEqual, equal, match, rejects } from "node:assert/strict";
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

Deno.test("a taken port ends it with 1, and a reason", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr;
  await using task = startTask("simulate", { env: { SIM_TCP: `127.0.0.1:${port}` } });
  equal(await task.ended, 1);
  match(task.lines.join("\n"), /cannot run.*[Aa]ddress already in use/);
});
