import assert from "node:assert/strict";
import { systemClock } from "../../agent/clock.ts";
import { Conversation } from "../../agent/conversation.ts";
import { MeterFailure } from "../../agent/failure.ts";
import { until } from "../support/until.ts";
import { type Script, type Scripted, startScripted } from "./scripted.ts";

async function converse(script: Script) {
  const device = startScripted(script);
  const conversation = new Conversation(await device.open(), systemClock());
  return {
    device,
    conversation,
    async [Symbol.asyncDispose]() {
      await conversation.close();
      await device[Symbol.asyncDispose]();
    },
  };
}

const echo: Script = (line) => line.endsWith("?") ? `${line}!\r\n` : undefined;
const failure = (kind: MeterFailure["kind"]) => (error: unknown) =>
  error instanceof MeterFailure && error.kind === kind;

async function silentFor(device: Scripted, ms: number): Promise<void> {
  const before = device.heard.length;
  await new Promise((resolve) => setTimeout(resolve, ms));
  assert.equal(device.heard.length, before);
}

Deno.test("conversation - questions asked at once are put one after the other, each with its own answer", async () => {
  let open = 0;
  await using here = await converse(async (line) => {
    assert.equal(++open, 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    open--;
    return `${line}!\r\n`;
  });
  const questions = ["a?", "b?", "c?", "d?"];
  const answers = await Promise.all(questions.map((question) => here.conversation.query(question, 1000)));
  assert.deepEqual(answers, ["a?!", "b?!", "c?!", "d?!"]);
});

Deno.test("conversation - after silence nothing is asked before it has settled, and a late answer is forgotten", async () => {
  await using here = await converse((line) => line === "mute?" ? undefined : echo(line, 0));
  const { conversation, device } = here;
  await assert.rejects(conversation.query("mute?", 50), failure("silent"));
  await assert.rejects(conversation.query("a?", 1000), failure("silent"));
  assert.deepEqual(device.heard, ["mute?"]);
  const settled = conversation.settle(60, 1000);
  await device.say("late\r\n");
  await settled;
  assert.equal(await conversation.query("b?", 1000), "b?!");
  assert.deepEqual(device.heard, ["mute?", "", "b?"]);
});

Deno.test("conversation - what nobody asked for puts it out of step", async () => {
  await using here = await converse(echo);
  await here.device.say("by the way\r\n");
  await until(
    "the stray line",
    async () => await here.conversation.query("a?", 1000).then(() => false, failure("garbled")),
  );
});

Deno.test("conversation - two answers to one question put it out of step", async () => {
  await using here = await converse((line) => `${line}!\r\nand more\r\n`);
  assert.equal(await here.conversation.query("a?", 1000), "a?!");
  await assert.rejects(here.conversation.query("b?", 1000), failure("garbled"));
});

Deno.test("conversation - an answer without an end is garbled, and not part of the next answer", async () => {
  await using here = await converse((line) => line === "cut?" ? "-17.8" : echo(line, 0));
  await assert.rejects(here.conversation.query("cut?", 50), failure("garbled"));
  await here.conversation.settle(30, 1000);
  assert.equal(await here.conversation.query("a?", 1000), "a?!");
});

Deno.test("conversation - a line that never stops is neither kept nor waited for", async () => {
  let flooding = true;
  await using here = await converse((line) => line === "" ? undefined : echo(line, 0));
  const flood = (async () => {
    while (flooding) {
      await here.device.say("x".repeat(100));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  })();
  await assert.rejects(here.conversation.settle(50, 200), failure("garbled"));
  flooding = false;
  await flood;
});

Deno.test("conversation - an aborted question is given up at once, and its answer is not taken for the next one's", async () => {
  const gate = Promise.withResolvers<void>();
  await using here = await converse(async (line) => {
    if (line === "slow?") await gate.promise;
    return `${line}!\r\n`;
  });
  const controller = new AbortController();
  const slow = here.conversation.query("slow?", 1000, controller.signal);
  const next = here.conversation.query("next?", 1000);
  controller.abort(new Error("no longer wanted"));
  await assert.rejects(slow, /no longer wanted/);
  gate.resolve();
  assert.equal(await next, "next?!");
});

Deno.test("conversation - a question that was aborted while it waited is never put", async () => {
  await using here = await converse(async (line) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return `${line}!\r\n`;
  });
  const controller = new AbortController();
  const first = here.conversation.query("first?", 1000);
  const second = here.conversation.query("second?", 1000, controller.signal);
  controller.abort(new Error("no longer wanted"));
  await assert.rejects(second, /no longer wanted/);
  await first;
  await silentFor(here.device, 50);
  assert.deepEqual(here.device.heard, ["first?"]);
});

Deno.test("conversation - unplugging ends the question in flight and all that follow", async () => {
  await using here = await converse(() => undefined);
  const { conversation, device } = here;
  const asked = conversation.query("a?", 5000);
  await until("the question", () => device.heard.length === 1);
  await Promise.all([assert.rejects(asked, failure("lost")), device.unplug()]);
  assert.ok(conversation.ended.aborted);
  await assert.rejects(conversation.query("b?", 1000), failure("lost"));
  await assert.rejects(conversation.settle(10, 100), failure("lost"));
});

Deno.test("conversation - closing ends the question in flight", async () => {
  await using here = await converse(() => undefined);
  const asked = assert.rejects(here.conversation.query("a?", 5000), failure("lost"));
  await here.conversation.close();
  await asked;
});

async function bytesOf(body: ReadableStream<Uint8Array>): Promise<string> {
  return String.fromCharCode(...new Uint8Array(await new Response(body).arrayBuffer()));
}

for (const end of ["", "\n", "\r\n"]) {
  Deno.test(`conversation - a block is given as it comes, with ${JSON.stringify(end)} behind it or nothing`, async () => {
    const payload = "\n;\u00ff\r\n".repeat(3000);
    await using here = await converse((line) =>
      line === "block?" ? `#515000${payload}${end}` : echo(line, 0)
    );
    const block = await here.conversation.block("block?", 1000);
    const next = here.conversation.query("a?", 1000);
    assert.equal(block.length, 15000);
    assert.equal(await bytesOf(block.body), payload);
    assert.equal(await next, "a?!");
  });
}

Deno.test("conversation - an aborted block is read to its end for nobody, and the next answer is right", async () => {
  await using here = await converse((line) => line === "block?" ? "#210start" : echo(line, 0));
  const controller = new AbortController();
  const block = await here.conversation.block("block?", 5000, controller.signal);
  const next = here.conversation.query("a?", 1000);
  controller.abort(new Error("no longer wanted"));
  await assert.rejects(bytesOf(block.body), /no longer wanted/);
  await here.device.say("and e");
  assert.equal(await next, "a?!");
});

Deno.test("conversation - a block that stops halfway is garbled, a slow one is not", async () => {
  await using here = await converse(() => "#210start");
  const stopped = await here.conversation.block("block?", 50);
  await assert.rejects(bytesOf(stopped.body), failure("garbled"));
  await here.conversation.settle(30, 1000);
  const slow = await here.conversation.block("block?", 80);
  const body = bytesOf(slow.body);
  for (const byte of "and e") {
    await new Promise((resolve) => setTimeout(resolve, 50));
    await here.device.say(byte);
  }
  assert.equal(await body, "startand e");
});

Deno.test("conversation - a line where a block should be is refused", async () => {
  await using here = await converse((line) => `${line}!\r\n`);
  await assert.rejects(here.conversation.block("a?", 1000), failure("garbled"));
});

Deno.test("conversation - unplugging errors the block that was coming", async () => {
  await using here = await converse(() => "#210start");
  const block = await here.conversation.block("block?", 5000);
  await Promise.all([assert.rejects(bytesOf(block.body), failure("lost")), here.device.unplug()]);
});
