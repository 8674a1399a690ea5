import assert from "node:assert/strict";
import { meterAddress } from "../../agent/address.ts";

Deno.test("address - METER names a serial device or a TCP port", () => {
  const cases = [
    ["serial:/dev/ttyUSB0?baud=9600", { type: "serial", path: "/dev/ttyUSB0", baudRate: 9600 }],
    ["serial:/dev/ttyUSB0", { type: "serial", path: "/dev/ttyUSB0", baudRate: 115200 }],
    ["tcp:ctp10.example:5025", { type: "tcp", host: "ctp10.example", port: 5025 }],
    ["tcp:ctp10.example", { type: "tcp", host: "ctp10.example", port: 5025 }],
    ["tcp:[::1]:5026", { type: "tcp", host: "::1", port: 5026 }],
  ] as const;
  for (const [text, address] of cases) assert.deepEqual(meterAddress.parse(text), address, text);
});

Deno.test("address - anything else is refused", () => {
  const cases = [
    "",
    "/dev/ttyUSB0",
    "serial:",
    "serial:/dev/x?baud=0",
    "serial:/dev/x?speed=1",
    "tcp:",
    "tcp:a:0",
    "tcp:a:65536",
    "tcp:a:b",
  ];
  for (const text of cases) assert.equal(meterAddress.safeParse(text).success, false, text);
});
