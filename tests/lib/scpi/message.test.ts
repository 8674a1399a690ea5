import { deepEqual, equal } from "node:assert/strict";
import { joinUnits, parseMessage, type ProgramMessage, splitReply } from "../../../lib/scpi/mod.ts";

/** Spells a message's units from the root, so that a test shows what it means. */
function spell({ units, error }: ProgramMessage): (string | number)[] {
  const spelled = units.map(({ header, query, parameters }) =>
    header.map(({ mnemonic, suffix }) => `${mnemonic}${suffix ?? ""}`).join(":") + (query ? "?" : "") +
    parameters.map((text) => ` <${text}>`).join("")
  );
  return error === undefined ? spelled : [...spelled, error];
}

const cases: readonly [string, readonly (string | number)[]][] = [
  ["*IDN?", ["*IDN?"]],
  ["  *cls  ", ["*CLS"]],
  ["", []],
  [";;", []],
  [":ctp:sense4:channel1:power?", ["CTP:SENSE4:CHANNEL1:POWER?"]],
  ["SYST:ERR?", ["SYST:ERR?"]],
  [":INIT:STAB 1,12.3", ["INIT:STAB <1> <12.3>"]],
  [":INIT:STAB 1 , 12.3 ", ["INIT:STAB <1> <12.3>"]],
  [":A:B:C?;D?", ["A:B:C?", "A:B:D?"]],
  [":A:B:C?;D:E?;F?", ["A:B:C?", "A:B:D:E?", "A:B:D:F?"]],
  [":A:B?;:C:D?", ["A:B?", "C:D?"]],
  [":A:B 1;*CLS;C 2", ["A:B <1>", "*CLS", "A:C <2>"]],
  [`:A "x;y,z",'p"q'`, [`A <"x;y,z"> <'p"q'>`]],
  [":A:B?;:C::D?;:E?", ["A:B?", -102]],
  [":A:B 1,,2", [-102]],
  [":A \u00e9", [-101]],
  ["\u0000*IDN?", [-101]],
  [":A$B?", [-101]],
  [":A?x", [-103]],
  [`:A "open`, [-151]],
  [":INIT:STABILIZATION?", ["INIT:STABILIZATION?"]],
];

for (const [line, expected] of cases) {
  Deno.test(`the message ${JSON.stringify(line)} is ${JSON.stringify(expected)}`, () => {
    deepEqual(spell(parseMessage(line)), expected);
  });
}

Deno.test("a reply to a compound query is split outside its strings", () => {
  deepEqual(splitReply(`-17.850;0,"No error; really";1`), ["-17.850", `0,"No error; really"`, "1"]);
});

Deno.test("a reply with a string that has no end is not split", () => {
  equal(splitReply(`1;"No err`), undefined);
});

Deno.test("units joined into one message leave out what they share, and mean what they meant alone", () => {
  const messages: readonly [readonly string[], string][] = [
    [[":A:B1:IDN?", ":A:B1:WAV?", ":A:B1:POW:STAT?", ":A:B1:POW?"], ":A:B1:IDN?;WAV?;POW:STAT?;:A:B1:POW?"],
    [[":A:B:C 1", ":A:B:D 2:3", ":A:BC:D?"], ":A:B:C 1;D 2:3;:A:BC:D?"],
    [["*CLS", ":A?", ":B?"], "*CLS;:A?;B?"],
    [[":A:B:C? X:Y", ":A:B:D?"], ":A:B:C? X:Y;D?"],
    [[], ""],
  ];
  for (const [units, message] of messages) {
    equal(joinUnits(units), message);
    deepEqual(parseMessage(message), parseMessage(units.join(";")));
  }
});
