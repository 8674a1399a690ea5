import assert from "node:assert/strict";
import { createLogger } from "../../../lib/process/mod.ts";

const loggerTo = (lines: string[], format: "json" | "text", level: "info" | "warn" = "info") =>
  createLogger("relay", { LOG_LEVEL: level, LOG_FORMAT: format }, (line) => lines.push(line), () => 0);

function linesOf(format: "json" | "text", level: "info" | "warn"): string[] {
  const lines: string[] = [];
  const log = loggerTo(lines, format, level);
  log.debug("unseen");
  log.info("listening", { port: 8000 });
  log.warn("slow", { viewer: "v1" });
  return lines;
}

Deno.test("log - json is one object a line, with time, level and program", () => {
  assert.deepEqual(linesOf("json", "info").map((line) => JSON.parse(line)), [
    { time: "1970-01-01T00:00:00.000Z", level: "info", program: "relay", message: "listening", port: 8000 },
    { time: "1970-01-01T00:00:00.000Z", level: "warn", program: "relay", message: "slow", viewer: "v1" },
  ]);
});

Deno.test("log - text is for people", () => {
  assert.deepEqual(linesOf("text", "info"), [
    "00:00:00.000 relay     listening port=8000",
    "00:00:00.000 relay     warn: slow viewer=v1",
  ]);
});

Deno.test("log - lines below the level are not written", () => {
  assert.equal(linesOf("json", "warn").length, 1);
});

Deno.test("log - no value breaks a line of text, or colours it", () => {
  const lines: string[] = [];
  loggerTo(lines, "text").warn("a\r\nb", {
    reason: "it\n00:00:00.000 relay     listening\u001b[2K\u009b2K\u2028\u202e",
    list: ["\u0085"],
  });
  assert.deepEqual(lines, [
    "00:00:00.000 relay     warn: a\\r\\nb " +
    "reason=it\\n00:00:00.000 relay     listening\\u001b[2K\\u009b2K\\u2028\\u202e " +
    'list=["\\u0085"]',
  ]);
});

Deno.test("log - long texts are cut, wherever they stand", () => {
  const lines: string[] = [];
  const long = "x".repeat(501);
  const cut = `${"x".repeat(500)}…`;
  loggerTo(lines, "json").info(long, { long, list: [long, "short"] });
  const { message, long: field, list } = JSON.parse(lines[0] ?? "");
  assert.deepEqual([message, field, list], [cut, cut, [cut, "short"]]);
  loggerTo(lines, "text").info("m", { long, list: [long] });
  assert.equal(lines[1], `00:00:00.000 relay     m long=${cut} list=["${cut}"]`);
});
