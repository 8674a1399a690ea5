import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  eventStatusBit,
  formatBlock,
  formatErrorReply,
  formatFixed,
  formatInteger,
  formatReal,
  parseErrorReply,
  parseNumber,
  readBlockHeader,
  ScpiError,
} from "../../../lib/scpi/mod.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

Deno.test("numbers are written as the instrument's manual shows them", () => {
  equal(formatReal(1.55e-6), "1.55000000E-006");
  equal(formatReal(1.5), "1.50000000E+000");
  equal(formatReal(-2.5e-11), "-2.50000000E-011");
  equal(formatReal(0), "0.00000000E+000");
  equal(formatFixed(-5.25, 2), "-5.25");
  equal(formatInteger(50), "50");
});

Deno.test("what is not a number, or infinite, has the standard's stand-ins", () => {
  equal(formatReal(NaN), "9.91000000E+037");
  equal(formatReal(Infinity), "9.90000000E+037");
  equal(formatFixed(-Infinity, 2), "-9.90000000E+037");
  equal(parseNumber("9.91E37"), NaN);
  equal(parseNumber("9.9E37"), Infinity);
  equal(parseNumber("-9.90000000E+037"), -Infinity);
});

Deno.test("a number is read whole or not at all", () => {
  for (
    const text of ["", " ", "-", "1.2.3", "1,2", "-17.8x", "E5", "1e", "0x10", "Infinity", "NaN", "1 2", "."]
  ) {
    equal(parseNumber(text), undefined, JSON.stringify(text));
  }
  equal(parseNumber(" -17.85 "), -17.85);
  equal(parseNumber("+.5E+1"), 5);
  equal(parseNumber("5."), 5);
});

Deno.test("every finite number survives being written and read, to nine digits", () => {
  fc.assert(fc.property(fc.double({ noNaN: true, min: -1e30, max: 1e30 }), (value) => {
    const read = parseNumber(formatReal(value));
    return read !== undefined && Math.abs(read - value) <= Math.abs(value) * 1e-8;
  }));
});

Deno.test("errors are written and read as the queue says them", () => {
  equal(formatErrorReply(-113), `-113,"Undefined header"`);
  equal(formatErrorReply(undefined), `0,"No error"`);
  deepEqual(parseErrorReply(`-113,"Undefined header"`), { code: -113, message: "Undefined header" });
  deepEqual(parseErrorReply(`+0,"No ""real"" error"`), { code: 0, message: `No "real" error` });
  for (const text of ["", "0", `-113,"Undefined`, `0,"No error"0`, "0,No error", `;0,"No error"`]) {
    equal(parseErrorReply(text), undefined, text);
  }
});

Deno.test("an error sets the bit of its class", () => {
  deepEqual(([-113, -222, -350, -410] as const).map(eventStatusBit), [32, 16, 8, 4]);
  equal(new ScpiError(-222).message, "Data out of range");
});

Deno.test("a block says its length, and is read back from it", () => {
  deepEqual(formatBlock(bytes("0123456789abcdef")), bytes("#2160123456789abcdef"));
  deepEqual(readBlockHeader(bytes("#216012")), { type: "block", headerBytes: 4, length: 16 });
  deepEqual(readBlockHeader(formatBlock(new Uint8Array())), { type: "block", headerBytes: 3, length: 0 });
});

Deno.test("the header of a block may come byte by byte", () => {
  for (const text of ["", "#", "#7", "#7376000"]) {
    deepEqual(readBlockHeader(bytes(text)), { type: "incomplete" });
  }
  deepEqual(readBlockHeader(bytes("#73760004")), { type: "block", headerBytes: 9, length: 3760004 });
});

Deno.test("what opens no definite-length block is said to be none", () => {
  for (const text of ["-5.25", "#0abc", "#x", "#2x6", "\r\n#216"]) {
    deepEqual(readBlockHeader(bytes(text)), { type: "invalid" }, text);
  }
});
