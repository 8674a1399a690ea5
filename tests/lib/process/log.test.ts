import assert from "node:assert/strict";
import { createLogger } from "../../../lib/process/mod.ts";

function linesOf(format: "json" | "text", level: "info" | "warn"): string[] {
  const lines: string[] = [];
  const log = createLogger(
    "relay",
    { LOG_LEVEL: level, LOG_FORMAT: format },
    (line) => lines.push(line),
    () => 0,
  );
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
