import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { type LineEvent, LineSplitter } from "../../../lib/scpi/mod.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const line = (text: string): LineEvent => ({ type: "line", text });

Deno.test("lines end with a line feed, with or without a carriage return before it", () => {
  const splitter = new LineSplitter(100);
  deepEqual(splitter.push(bytes("one\r\ntwo\n\nthr")), [line("one"), line("two"), line("")]);
  equal(splitter.pendingBytes, 3);
  deepEqual(splitter.push(bytes("ee\r")), []);
  deepEqual(splitter.push(bytes("\n")), [line("three")]);
});

Deno.test("the pieces in which a stream arrives do not change its lines", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 300 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
      (all, cuts) => {
        const pieces = new LineSplitter(50);
        const events: LineEvent[] = [];
        for (let start = 0; start < all.length;) {
          const end = start + cuts.next().value;
          events.push(...pieces.push(all.subarray(start, end)));
          start = end;
        }
        deepEqual(events, new LineSplitter(50).push(all));
      },
    ),
  );
});

Deno.test("a line beyond the limit is one overrun, and the line after it is whole", () => {
  const splitter = new LineSplitter(8);
  const events: LineEvent[] = [];
  for (let count = 0; count < 1000; count++) {
    events.push(...splitter.push(bytes("garbage")));
    equal(splitter.pendingBytes <= 8, true);
  }
  deepEqual(events, [{ type: "overrun" }]);
  deepEqual(splitter.push(bytes("\n*IDN?\n")), [line("*IDN?")]);
});

Deno.test("a line of exactly the limit is kept", () => {
  deepEqual(new LineSplitter(5).push(bytes("*IDN?\n")), [line("*IDN?")]);
});

Deno.test("bytes that are no text stay visible, one character each", () => {
  deepEqual(new LineSplitter(8).push(new Uint8Array([0x00, 0xff, 0x80, 0x0a])), [line("\u0000\u00ff\u0080")]);
});

Deno.test("what was not finished can be forgotten", () => {
  const splitter = new LineSplitter(8);
  splitter.push(bytes("*ID"));
  splitter.clear();
  deepEqual(splitter.push(bytes("*CLS\n")), [line("*CLS")]);
});
