import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { closeFrame, FrameReader, pingFrame, pongFrame, textFrame } from "../../../lib/relay/wire/frames.ts";

const limit = 16 * 1024;
const encoder = new TextEncoder();

/** A frame as a client sends it: `first` is the byte with the final bit and the kind. */
function clientFrame(first: number, payload: Uint8Array | string, mask = [1, 2, 3, 4]): Uint8Array {
  const bytes = typeof payload === "string" ? encoder.encode(payload) : payload;
  const { length } = bytes;
  const lengths = length < 126
    ? [length]
    : length < 65_536
    ? [126, length >> 8, length & 255]
    : [127, 0, 0, 0, 0, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  const [head = 0, ...rest] = lengths;
  return new Uint8Array([
    first,
    0x80 | head,
    ...rest,
    ...mask,
    ...bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0)),
  ]);
}

const text = (payload: string) => clientFrame(0x81, payload);
const joined = (...parts: readonly Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));

/** What a reader makes of these chunks, in order. */
function heard(chunks: readonly Uint8Array[], messageLength = limit): unknown[] {
  const events: unknown[] = [];
  const reader = new FrameReader({
    message: (message) => events.push(message),
    ping: (payload) => events.push({ ping: new TextDecoder().decode(payload) }),
    closing: (code) => events.push({ closing: code }),
    fault: (code) => events.push({ fault: code }),
  }, messageLength);
  for (const chunk of chunks) reader.push(chunk);
  return events;
}

const each = (bytes: Uint8Array) => Array.from(bytes, (byte) => new Uint8Array([byte]));

const conversations: readonly (readonly [string, readonly Uint8Array[], readonly unknown[]])[] = [
  ["a text", [text("true")], ["true"]],
  ["an empty text", [text("")], [""]],
  ["a text byte by byte", each(text("7.3 dBm, ±0.1")), ["7.3 dBm, ±0.1"]],
  ["two texts at once", [joined(text("a"), text("b"))], ["a", "b"]],
  ["a text whose length has two bytes", [text("x".repeat(126))], ["x".repeat(126)]],
  ["a text of just the limit", [text("x".repeat(limit))], ["x".repeat(limit)]],
  ["a binary message", [clientFrame(0x82, "a")], [null]],
  [
    "a text in three frames, a character cut in two, and a ping between them",
    [
      clientFrame(0x01, new Uint8Array([0xc2])),
      clientFrame(0x89, "hi"),
      clientFrame(0, ""),
      clientFrame(0x80, new Uint8Array([0xb1])),
    ],
    [{ ping: "hi" }, "±"],
  ],
  ["a pong", [clientFrame(0x8a, "x"), text("a")], ["a"]],
  ["a close without a code", [clientFrame(0x88, "")], [{ closing: null }]],
  ["a close with a code and a reason", [closing(4999, "done")], [{ closing: 4999 }]],
  ["nothing behind a close", [joined(closing(1000), text("a")), text("b")], [{ closing: 1000 }]],
  ["a reserved bit", [clientFrame(0xc1, "a")], [{ fault: 1002 }]],
  ["a frame that is not masked", [textFrame("a")], [{ fault: 1002 }]],
  ["an unknown kind", [clientFrame(0x83, "a")], [{ fault: 1002 }]],
  ["an unknown kind of control frame", [clientFrame(0x8b, "a")], [{ fault: 1002 }]],
  ["a ping that is too long", [clientFrame(0x89, "x".repeat(126))], [{ fault: 1002 }]],
  ["a ping in pieces", [clientFrame(0x09, "x")], [{ fault: 1002 }]],
  ["a continuation of nothing", [clientFrame(0x80, "x")], [{ fault: 1002 }]],
  ["a text within a text", [clientFrame(0x01, "x"), text("y")], [{ fault: 1002 }]],
  ["a text that is not UTF-8", [clientFrame(0x81, new Uint8Array([0xff]))], [{ fault: 1007 }]],
  ["a reason that is not UTF-8", [clientFrame(0x88, new Uint8Array([3, 232, 0xff]))], [{ fault: 1007 }]],
  ["half a close code", [clientFrame(0x88, new Uint8Array([3]))], [{ fault: 1002 }]],
  ...[0, 999, 1004, 1005, 1006, 1015, 2999, 5000].map((code) =>
    [`the close code ${code}`, [closing(code)], [{ fault: 1002 }]] as const
  ),
  ["nothing behind a fault", [joined(clientFrame(0x83, ""), text("a")), text("b")], [{ fault: 1002 }]],
  ["a text over the limit", [text("x".repeat(limit + 1))], [{ fault: 1009 }]],
  [
    "frames that are over the limit together",
    [clientFrame(0x01, "x".repeat(limit)), clientFrame(0, "x")],
    [{ fault: 1009 }],
  ],
  [
    "a text over the limit, before any of it has come",
    [text("x".repeat(limit + 1)).subarray(0, 4)],
    [{ fault: 1009 }],
  ],
  ["a length of 2 to the 63rd", [new Uint8Array([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0])], [{ fault: 1009 }]],
];

function closing(code: number, reason = ""): Uint8Array {
  return clientFrame(0x88, joined(new Uint8Array([code >> 8, code & 255]), encoder.encode(reason)));
}

for (const [name, chunks, events] of conversations) {
  Deno.test(`the reader of frames: ${name}`, () => assert.deepEqual(heard(chunks), events));
}

Deno.test("what is kept of a chunk is a copy: the chunk may be overwritten", () => {
  const bytes = Buffer.from(text("7.3 dBm"));
  const first = Buffer.from(bytes.subarray(0, 4));
  const events: unknown[] = [];
  const ignore = () => {};
  const reader = new FrameReader(
    { message: (message) => events.push(message), ping: ignore, closing: ignore, fault: ignore },
    limit,
  );
  reader.push(first);
  first.fill(0);
  reader.push(bytes.subarray(4));
  assert.deepEqual(events, ["7.3 dBm"]);
});

Deno.test("the limit is for messages: a ping may be longer, also within a message", () => {
  const ping = clientFrame(0x89, "x".repeat(125));
  const chunks = [clientFrame(0x01, "x".repeat(50)), ping, clientFrame(0x80, "x".repeat(50))];
  assert.deepEqual(heard(chunks, 100), [{ ping: "x".repeat(125) }, "x".repeat(100)]);
});

Deno.test("texts arrive whole and in order, however they are cut into frames and chunks", () => {
  fc.assert(fc.property(
    fc.array(fc.array(fc.string({ unit: "grapheme", maxLength: 300 }), { minLength: 1, maxLength: 4 })),
    fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }),
    (texts, cuts) => {
      const bytes = joined(
        ...texts.flatMap((parts) =>
          parts.map((part, index) =>
            clientFrame((index === parts.length - 1 ? 0x80 : 0) | (index === 0 ? 1 : 0), part)
          )
        ),
      );
      const chunks: Uint8Array[] = [];
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const length = cuts[turn % cuts.length] ?? 1;
        chunks.push(bytes.subarray(at, at + length));
        at += length;
      }
      assert.deepEqual(heard(chunks), texts.map((parts) => parts.join("")));
    },
  ));
});

Deno.test("whatever bytes come, the reader says at most one end, and nothing after it", () => {
  fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
    const events = heard(chunks, 30);
    const end = events.findIndex((event) =>
      typeof event === "object" && event !== null && !("ping" in event)
    );
    assert.ok(end === -1 || end === events.length - 1);
  }));
});

Deno.test("frames of the relay have the shortest form that holds their length", () => {
  const head = (length: number) => [...textFrame("x".repeat(length)).subarray(0, 10)];
  assert.deepEqual(head(0), [0x81, 0]);
  assert.deepEqual(head(125).slice(0, 3), [0x81, 125, 120]);
  assert.deepEqual(head(126).slice(0, 5), [0x81, 126, 0, 126, 120]);
  assert.deepEqual(head(65_535).slice(0, 5), [0x81, 126, 255, 255, 120]);
  assert.deepEqual(head(65_536), [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
  assert.deepEqual([...textFrame("±")], [0x81, 2, 0xc2, 0xb1]);
  assert.deepEqual([...pingFrame], [0x89, 0]);
  assert.deepEqual([...pongFrame(new Uint8Array([7]))], [0x8a, 1, 7]);
  assert.deepEqual([...closeFrame(null)], [0x88, 0]);
  assert.deepEqual([...closeFrame(1000, "ok")], [0x88, 4, 3, 232, 111, 107]);
});

Deno.test("a reason that is too long for a close frame is cut between characters", () => {
  const frame = closeFrame(1008, "±".repeat(100));
  assert.equal(frame.length, 2 + 2 + 122);
  assert.equal(frame.subarray(4).toString(), "±".repeat(61));
});
