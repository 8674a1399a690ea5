// Whatever is sent, the instrument neither throws nor grows: it answers, or has an error for it.

import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { execute } from "../../../agent/simulator/instrument.ts";
import { type InstrumentState, powerUp } from "../../../agent/simulator/state.ts";
import { parseMessage } from "../../../lib/scpi/mod.ts";
import { connectTcp, startTestSimulator } from "./clients.ts";

const environment = { averagingMs: 10, disturbanceDb: () => 0 };

const word = fc.constantFrom(
  ":CTP",
  ":SENS4",
  ":SENSe21",
  ":CHAN1",
  ":POW?",
  ":POW",
  ":WAV",
  ":UNIT:Y",
  ":INIT",
  ":TLS1",
  ":TRAC",
  ":TYPE1",
  ":TYPE11",
  ":DATA?",
  ":X?",
  ":RLAS2",
  ":STAT",
  ":REF",
  ":ABOR",
  "*CLS",
  "*OPC?",
  "*WAI",
  "*RST",
  ";",
  ";:",
  " ",
  ",",
  "?",
  "1550NM",
  "1e999",
  "-5DBM",
  "ON",
  "BIN",
  '"',
  "#3",
);
const message = fc.array(fc.oneof(word, fc.string({ maxLength: 4 })), { maxLength: 12 }).map((parts) =>
  parts.join("")
);

Deno.test("no message makes the instrument throw, and its error queue stays within thirty", () => {
  fc.assert(fc.property(fc.array(message, { maxLength: 60 }), (messages) => {
    let state: InstrumentState = powerUp(1);
    messages.forEach((text, index) => {
      const execution = execute(state, parseMessage(text), index * 1000, environment);
      state = execution.state;
      ok(state.errors.length <= 30);
    });
  }));
});

Deno.test("after any bytes, a line feed and *CLS the instrument answers as if nothing had been", async () => {
  await using test = await startTestSimulator();
  await using client = await connectTcp(test.simulator.tcp ?? { hostname: "", port: 0 });
  let bytes = 0;
  for (let round = 0; round < 50; round++) {
    // Without a question mark nothing is a query, so that nothing is answered.
    const garbage = crypto.getRandomValues(new Uint8Array(500)).map((byte) => byte === 0x3f ? 0x40 : byte);
    bytes += garbage.length;
    await client.send(String.fromCharCode(...garbage));
    await client.send("");
    equal(await client.ask("*CLS;:SYST:ERR?"), `0,"No error"`, `after ${bytes} bytes`);
  }
});
