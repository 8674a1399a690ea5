import { equal, match, ok, rejects } from "node:assert/strict";
import { parseControlAddress } from "../../../agent/simulator/mod.ts";
import { connectSerial, startTestSimulator } from "./clients.ts";

/** Sends lines to a control socket, ends the sending side, and gives all that was answered. */
async function control(
  options: Deno.ConnectOptions | Deno.UnixConnectOptions,
  lines: string,
): Promise<string> {
  using connection = "path" in options ? await Deno.connect(options) : await Deno.connect(options);
  await connection.write(new TextEncoder().encode(lines));
  await connection.closeWrite();
  return await new Response(connection.readable).text();
}

Deno.test("the control socket takes commands on a TCP port, one a line", async () => {
  await using test = await startTestSimulator({ control: parseControlAddress("127.0.0.1:0") });
  const [hostname, port] = (test.simulator.control ?? "").split(":");
  const answer = await control(
    { hostname: hostname ?? "", port: Number(port) },
    "fault silence on\nfault late random 0.5\r\n\nstatus\nnonsense\n",
  );
  const [first, second, seed, serial, tcp, ...rest] = answer.split("\n");
  equal(first, "ok silence on");
  equal(second, "ok late random 0.5 ms=300");
  equal(seed, "seed 1");
  match(serial ?? "", /^serial \/dev\/pts\/\d+ link .* baud 115200 client \d+$/);
  match(tcp ?? "", /^tcp 127\.0\.0\.1:\d+ clients 0$/);
  equal(rest[0], "fault silence on (replies disturbed: 0, there now)");
  equal(rest[1], "fault late random 0.5 ms=300 (replies disturbed: 0)");
  equal(rest[2], "ok");
  match(rest[3] ?? "", /^error: /);
});

Deno.test("the control socket takes commands on a unix socket, and leaves no file behind", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control.sock`;
  {
    await using test = await startTestSimulator({ control: parseControlAddress(path) });
    await using client = await connectSerial(test.link);
    equal(await control({ transport: "unix", path }, "fault silence on\n"), "ok silence on\n");
    await client.send("*IDN?");
    equal(await client.rest(100), "");
    match(await control({ transport: "unix", path }, "help\n"), /^fault <kind>[^]*unplug[^]*\nok\n$/);
  }
  await rejects(Deno.lstat(path), Deno.errors.NotFound);
  await Deno.remove(folder, { recursive: true });
});

/** What a process leaves behind that listened on a unix socket and was killed. */
async function leaveSocket(path: string): Promise<void> {
  const code = `Deno.listen({ transport: "unix", path: ${
    JSON.stringify(path)
  } }); Deno.kill(Deno.pid, "SIGKILL")`;
  await new Deno.Command(Deno.execPath(), { args: ["eval", code] }).output();
}

Deno.test("a control socket that a killed process left behind is taken over, a living one is not", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/control.sock`;
  await leaveSocket(path);
  ok((await Deno.lstat(path)).isSocket);
  {
    await using _first = await startTestSimulator({ control: parseControlAddress(path) });
    await rejects(startTestSimulator({ control: parseControlAddress(path) }), /SIM_CONTROL=.*already in use/);
    match(await control({ transport: "unix", path }, "status\n"), /\nok\n$/);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("a line without an end is refused, and the next one understood", async () => {
  await using test = await startTestSimulator({ control: parseControlAddress("127.0.0.1:0") });
  const [hostname, port] = (test.simulator.control ?? "").split(":");
  const answer = await control(
    { hostname: hostname ?? "", port: Number(port) },
    `${"x".repeat(5000)}\nclear\n`,
  );
  equal(answer, "error: a line is too long\nok ended 0\n");
});
