// Every fault, asked for as through the control socket, seen by a client on the line.

import { deepEqual, equal, match, notEqual, ok } from "node:assert/strict";
import { until } from "../../support/until.ts";
import { connectSerial, connectTcp, type ScpiClient, startTestSimulator } from "./clients.ts";

const identity = "EXFO,CTP10,12345,1.0.0";
/** Longer than any reply takes, shorter than any fault lasts. */
const quietMs = 150;

/** Sends a query and gives all that comes back for a while, whatever it is. */
async function hear(client: ScpiClient, text: string): Promise<string> {
  await client.send(text);
  return await client.rest(quietMs);
}

const power = async (client: ScpiClient, channel = 1) =>
  Number(await client.ask(`:CTP:SENS4:CHAN${channel}:POW?`));

Deno.test("silence: nothing comes back until it is over", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  deepEqual(test.simulator.command("fault silence on"), ["ok silence on"]);
  equal(await hear(client, "*IDN?"), "");
  equal(await hear(client, "*IDN?"), "");
  deepEqual(test.simulator.command("clear silence"), ["ok ended 1"]);
  equal(await client.ask("*IDN?"), identity);
});

Deno.test("once: one reply is lost, the next one comes", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  test.simulator.command("fault silence once");
  equal(await hear(client, "*IDN?"), "");
  equal(await client.ask("*IDN?"), identity);
  deepEqual(test.simulator.command("clear"), ["ok ended 0"]);
});

Deno.test("late: the reply comes whole, after its time", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  test.simulator.command("fault late once ms=400");
  const askedMs = performance.now();
  equal(await client.ask("*IDN?"), identity);
  ok(performance.now() - askedMs >= 390);
});

Deno.test("cut: the first half of the reply, and no more", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  test.simulator.command("fault cut once");
  equal(await hear(client, "*IDN?"), `${identity}\r\n`.slice(0, 12));
  equal(await client.ask("*IDN?"), identity);
});

Deno.test("pieces: the reply comes whole, with pauses in it", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  test.simulator.command("fault pieces once ms=60");
  const askedMs = performance.now();
  equal(await client.ask("*IDN?"), identity);
  ok(performance.now() - askedMs >= 55);
});

Deno.test("unterminated: the reply lacks its CR LF", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  test.simulator.command("fault unterminated once");
  equal(await hear(client, "*IDN?"), identity);
});

Deno.test("dropped: one byte of the reply is missing", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  test.simulator.command("fault dropped once");
  const heard = await hear(client, "*IDN?");
  const without = Array.from(
    `${identity}\r\n`,
    (_, lost) => [...`${identity}\r\n`].toSpliced(lost, 1).join(""),
  );
  ok(without.includes(heard), heard);
  equal(await client.ask("*IDN?"), identity);
});

Deno.test("garbage: some bytes of the reply are others, and the same ones for the same seed", async () => {
  const heard: string[] = [];
  for (let run = 0; run < 2; run++) {
    await using test = await startTestSimulator({ seed: 7, faults: ["garbage on"] });
    await using client = await connectSerial(test.link);
    heard.push(await hear(client, "*IDN?"));
  }
  const [first = "", second] = heard;
  equal(first, second);
  equal(first.length, identity.length + 2);
  const changed = [...`${identity}\r\n`].filter((character, index) => character !== first[index]).length;
  ok(changed >= 2 && changed <= 16, `${changed} bytes changed`);
});

Deno.test("reset: the instrument hears nothing for a while, and has forgotten its settings", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  await client.send(":CTP:SENS4:CHAN1:UNIT:Y MW");
  equal(await client.ask("*ESR?;:CTP:SENS4:CHAN1:UNIT:Y?"), "128;1");
  test.simulator.command("fault reset once ms=250");
  equal(await hear(client, "*IDN?"), "");
  await until("the instrument's answer", async () => await hear(client, "*IDN?") === `${identity}\r\n`);
  equal(await client.ask("*ESR?;:CTP:SENS4:CHAN1:UNIT:Y?"), "128;0");
});

Deno.test("unplug: clients are cut off, and find the instrument under the same link again", async () => {
  await using test = await startTestSimulator();
  await using serial = await connectSerial(test.link);
  await using tcp = await connectTcp(test.simulator.tcp ?? { hostname: "", port: 0 });
  equal(await serial.ask("*IDN?"), identity);
  equal(await tcp.ask("*IDN?"), identity);
  test.simulator.command("fault unplug on");
  await Promise.all([serial.ended(), tcp.ended()]);
  equal(test.simulator.path, undefined);
  await until("the link's end", () => Deno.lstat(test.link).then(() => false, () => true));
  test.simulator.command("clear unplug");
  await until("the instrument's return", () => test.simulator.path);
  await using again = await connectSerial(test.link);
  equal(await again.ask("*IDN?"), identity);
  await using anew = await connectTcp(test.simulator.tcp ?? { hostname: "", port: 0 });
  equal(await anew.ask("*IDN?"), identity);
});

Deno.test("a hundred unplugged lines leave no descriptor behind", async () => {
  await using test = await startTestSimulator();
  const descriptors = () => [...Deno.readDirSync("/proc/self/fd")].length;
  const before = descriptors();
  for (let round = 0; round < 100; round++) {
    test.simulator.command("fault unplug on");
    await until("the line's end", () => test.simulator.path === undefined, { everyMs: 1 });
    test.simulator.command("clear");
    await until("the line's return", () => test.simulator.path, { everyMs: 1 });
  }
  await using client = await connectSerial(test.link);
  equal(await client.ask("*IDN?"), identity);
  await until("no more descriptors than before", () => descriptors() <= before + 4);
});

Deno.test("baud: the client reads garbage while the instrument has another rate", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  test.simulator.command("fault baud on baud=57600");
  const heard = await hear(client, "*IDN?");
  ok(heard.length > 0 && !heard.includes("EXFO"), JSON.stringify(heard));
  test.simulator.command("clear baud");
  equal(await client.ask("*IDN?"), identity);
});

Deno.test("a client with the wrong baud rate reads garbage, and the log says why", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link, 57_600);
  const heard = await hear(client, "*IDN?");
  ok(heard.length > 0 && !heard.includes("EXFO"), JSON.stringify(heard));
  match(test.log.join("\n"), /baud rate.*"client":57600,"instrument":115200/);
});

Deno.test("pull: no light reaches the channel, the others have theirs", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  test.simulator.command("fault pull on module=4 channel=1");
  const dark = await power(client);
  ok(dark < -75 || dark === -9.9e37, `${dark}`);
  ok(await power(client, 2) > -22);
  test.simulator.command("clear");
  ok(await power(client) > -18);
});

Deno.test("step: the power changes at once; ramp: it changes with time", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  const before = await power(client);
  test.simulator.command("fault step on db=-3");
  ok(Math.abs(await power(client) - before + 3) < 0.05);
  test.simulator.command("clear");
  test.simulator.command("fault ramp on db=-20 channel=1");
  await until("a fall by 2 dB", async () => await power(client) < before - 2);
  await until("a fall by 4 dB", async () => await power(client) < before - 4);
});

Deno.test("random: the same seed disturbs the same replies, about as many as were asked for", async () => {
  const runs: string[] = [];
  for (const seed of [3, 3, 4]) {
    await using test = await startTestSimulator({ seed, faults: ["unterminated random 0.1"] });
    await using client = await connectTcp(test.simulator.tcp ?? { hostname: "", port: 0 });
    await client.send(Array.from({ length: 500 }, () => "*OPC?").join("\n"));
    let run = "";
    await until("500 replies", async () => {
      run += await client.rest(quietMs);
      return run.replaceAll("\r\n", "").length >= 500;
    });
    runs.push(run);
  }
  const [first = "", second, other] = runs;
  equal(first, second);
  notEqual(first, other);
  const whole = first.split("\r\n").length - 1;
  equal(first.replaceAll("\r\n", "").length, 500);
  ok(whole > 420 && whole < 480, `${500 - whole} of 500 disturbed`);
});

Deno.test("every: the fault comes and goes by itself", async () => {
  await using test = await startTestSimulator();
  await using client = await connectSerial(test.link);
  test.simulator.command("fault step every 0.4 for 0.2 db=-10");
  const seen: string[] = [];
  await until("three changes", async () => {
    const state = await power(client) < -25 ? "low" : "high";
    if (seen.at(-1) !== state) seen.push(state);
    return seen.length >= 4;
  });
  deepEqual(seen.slice(0, 4), ["high", "low", "high", "low"]);
});

Deno.test("faults that are wrong are named, and change nothing", async () => {
  await using test = await startTestSimulator();
  const { simulator } = test;
  for (
    const [line, reason] of [
      ["fault flood", /no fault is called "flood"; known: silence/],
      ["fault silence sometimes", /"sometimes" is none of on, once/],
      ["fault silence random 2", /probability/],
      ["fault late on ms=soon", /"ms=soon" is no number/],
      ["fault late on ms=-5", /above 0/],
      ["fault silence on ms=5", /has no figure "ms"; it has none/],
      ["fault silence for 0", /seconds above 0/],
      ["fault silence for 1 2", /one word too many/],
      ["fault silence every 2 for", /seconds above 0/],
      ["clear flood", /clear takes the name of one fault/],
      ["dance", /no command is called "dance"; try help/],
    ] as const
  ) {
    const [answer = ""] = simulator.command(line);
    match(answer, /^error: /, line);
    match(answer, reason, line);
  }
  deepEqual(simulator.command("clear"), ["ok ended 0"]);
  notEqual(simulator.command("help").length, 0);
});
