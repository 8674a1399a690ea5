import { deepEqual, equal, throws } from "node:assert/strict";
import {
  boolean,
  choice,
  command,
  createCommandTree,
  integer,
  number,
  optional,
  parseMessage,
  quantity,
  ScpiError,
} from "../../../lib/scpi/mod.ts";

const wavelength = quantity({ M: (m) => m, NM: (nm) => nm / 1e9, PM: (pm) => pm / 1e12 }, "M");

const tree = createCommandTree<string[], string>([
  command(":CTP:SENSe<1-20>:CHANnel<1-6>:POWer?", [], (log, [module, channel]) => {
    log.push("power");
    return `${module}/${channel}`;
  }),
  command(":CTP:SENSe<1-20>:CHANnel<1-6>:WAVelength", [wavelength], (_, [module], [m]) => `${module}@${m}`),
  command(":INITiate[:IMMediate]", [], () => "started"),
  command(":INITiate:STABilization", [boolean, number(0, 60)], (_, __, [on, seconds]) => `${on},${seconds}`),
  command(":UNIT:Y", [choice({ DBM: 0, MW: 1, "0": 0, "1": 1 })], (_, __, [unit]) => `unit ${unit}`),
  command(":TRIGger", [integer(0, 8)], (_, __, [port]) => `port ${port}`),
  command(":DATA?", [optional(choice({ BIN: "bin", ASCII: "ascii" }), "ascii")], (_, __, [form]) => form),
  command("*CLS", [], () => "cleared"),
]);

function run(line: string): string | number {
  const [unit] = parseMessage(line).units;
  if (unit === undefined) throw new Error(`no unit in ${line}`);
  try {
    return tree.run(unit, []);
  } catch (error) {
    if (error instanceof ScpiError) return error.code;
    throw error;
  }
}

const cases: readonly [string, string | number][] = [
  [":CTP:SENSe4:CHANnel2:POWer?", "4/2"],
  [":CTP:SENS4:CHAN2:POW?", "4/2"],
  ["ctp:sense4:chan2:power?", "4/2"],
  [":CTP:SENS:CHAN:POW?", "1/1"],
  [":CTP:SENSE20:CHAN6:POW?", "20/6"],
  [":CTP:SENSE21:CHAN6:POW?", -114],
  [":CTP:SENSE0:CHAN6:POW?", -114],
  [":CTP2:SENSE1:CHAN6:POW?", -114],
  [":CTP:SENSE21:CHAN6:POWR?", -113],
  [":CTP:SENSEx:CHAN6:POW?", -113],
  [":CTP:SENSe4:CHANnel2:POWer", -113],
  [":CTP:SEN4:CHAN2:POW?", -113],
  [":INIT", "started"],
  [":INITiate:IMMediate", "started"],
  [":INIT:IMM 1", -108],
  [":CTP:SENS4:CHAN1:WAV 1550NM", "4@0.00000155"],
  [":CTP:SENS4:CHAN1:WAV 1.55E-6", "4@0.00000155"],
  [":CTP:SENS4:CHAN1:WAV 1.55e+06 pm", "4@0.00000155"],
  [":CTP:SENS4:CHAN1:WAV 1550FURLONG", -131],
  [":CTP:SENS4:CHAN1:WAV 1550CONSTRUCTOR", -131],
  [":CTP:SENS4:CHAN1:WAV red", -104],
  [":CTP:SENS4:CHAN1:WAV", -109],
  [":CTP:SENS4:CHAN1:WAV 1,2", -108],
  [":INIT:STAB 1,12.3", "true,12.3"],
  [":INIT:STAB OFF,0", "false,0"],
  [":INIT:STAB MAYBE,0", -224],
  [":INIT:STAB 1,61", -222],
  [":INIT:STAB 1,6S", -138],
  [":UNIT:Y mw", "unit 1"],
  [":UNIT:Y 0", "unit 0"],
  [":UNIT:Y LUMEN", -224],
  [":TRIG 8", "port 8"],
  [":TRIG 7.6", "port 8"],
  [":TRIG 9", -222],
  [":DATA?", "ascii"],
  [":DATA? BIN", "bin"],
  ["*cls", "cleared"],
  ["*RST", -113],
];

for (const [line, expected] of cases) {
  Deno.test(`${line} gives ${expected}`, () => equal(run(line), expected));
}

Deno.test("a command that fails is not run", () => {
  const log: string[] = [];
  for (const unit of parseMessage(":CTP:SENS21:CHAN1:POW?;:CTP:SENS1:CHAN1:POW? 3").units) {
    throws(() => tree.run(unit, log), ScpiError);
  }
  deepEqual(log, []);
});

Deno.test("two commands with the same header are refused when the tree is made", () => {
  const twice = [":INITiate[:IMMediate]", ":INITiate:IMMediate"].map((p) => command(p, [], () => ""));
  throws(() => createCommandTree(twice), /already taken/);
});

Deno.test("a pattern that cannot be read is refused when the tree is made", () => {
  throws(() => createCommandTree([command(":sense", [], () => "")]), /Cannot read "sense"/);
});
