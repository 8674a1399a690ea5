// Every row of the instrument's table as a scripted session, over the pseudo-terminal and over TCP.

import { equal, match } from "node:assert/strict";
import { connectSerial, connectTcp, type ScpiClient, startTestSimulator } from "./clients.ts";

/** What is sent, and what comes back: a text, a pattern, or nothing. */
type Step = readonly [string, (string | RegExp)?];

const noError = `0,"No error"`;
const errorOf = (line: string, error: string): readonly Step[] => [
  ["*CLS"],
  [line],
  [":SYST:ERR?", error],
  [":SYST:ERR?", noError],
];

const sessions: Readonly<Record<string, readonly Step[]>> = {
  "says who it is, by long and short forms in any case": [
    ["*IDN?", "EXFO,CTP10,12345,1.0.0"],
    ["*idn?", "EXFO,CTP10,12345,1.0.0"],
    [":SYSTem:VERSion?", "1999.0"],
    ["syst:vers?", "1999.0"],
    ["*TST?", "0"],
    ["*OPT?", "0"],
    ["*OPC?", "1"],
  ],
  "has an error queue": [
    ["*CLS"],
    [":SYSTem:ERRor?", noError],
    [":NOPE"],
    [":SYSTem:ERRor:COUNt?", "1"],
    [":SYSTem:ERRor:NEXT?", `-113,"Undefined header"`],
    [":SYSTem:ERRor?", noError],
    [":SYSTem:ERRor:COUNt?", "0"],
  ],
  "sets the bits of its status registers": [
    ["*CLS"],
    ["*ESR?", "0"],
    ["*STB?", "0"],
    [":NOPE"],
    ["*STB?", "4"],
    ["*ESE 32"],
    ["*ESE?", "32"],
    ["*STB?", "36"],
    ["*SRE 32"],
    ["*SRE?", "32"],
    ["*STB?", "100"],
    ["*ESR?", "32"],
    ["*ESR?", "0"],
    ["*STB?", "4"],
    [":CTP:SENS4:CHAN1:WAV 900NM"],
    ["*ESR?", "16"],
    ["*CLS"],
    ["*OPC"],
    ["*ESR?", "1"],
    ["*ESE 0;*SRE 0"],
    ["*ESE 256"],
    [":SYST:ERR?", `-222,"Data out of range"`],
    [":STATus:OPERation:CONDition?", "0"],
    [":STATus:OPERation:EVENt?", /^\d+$/],
    [":STATus:OPERation?", "0"],
    [":STATus:OPERation:ENABle 4"],
    [":STATus:OPERation:ENABle?", "4"],
    ["*WAI"],
  ],
  "reads power in the channel's unit": [
    ["*RST"],
    [":CTP:SENSe4:CHANnel1:POWer?", /^-17\.[789]\d\d$/],
    [":CTP:SENSe4:CHANnel2:POWer?", /^-21\.[456]\d\d$/],
    [":CTP:SENSe4:CHANnel3:POWer?", /^(6\.[89]|7\.0)\d\d$/],
    [":CTP:SENSe4:CHANnel4:POWer?", /^-60\.[01]\d\d$/],
    [":CTP:SENSe4:CHANnel1:UNIT:Y?", "0"],
    [":CTP:SENSe4:CHANnel1:UNIT:Y MW"],
    [":CTP:SENSe4:CHANnel1:UNIT:Y?", "1"],
    [":CTP:SENSe4:CHANnel1:POWer?", /^1\.6\d{7}E-002$/],
    [":CTP:SENSe4:CHANnel2:POWer?", /^-21\.[456]\d\d$/],
    [":CTP:SENSe4:CHANnel1:UNIT:Y 0"],
    [":CTP:SENSe4:CHANnel1:UNIT:Y?", "0"],
    [":CTP:SENSe20:CHANnel6:POWer?", /^-3\d\.\d{3}$/],
    [":CTP:SENSe:CHANnel:POWer?", /^-\d\d\.\d{3}$/],
  ],
  "answers a compound query in one line": [
    [":CTP:SENS4:CHAN1:POW?;:CTP:SENS4:CHAN2:UNIT:Y?", /^-17\.\d{3};0$/],
    [":CTP:SENS4:CHAN1:POW?;UNIT:Y?;X?;:SYST:ERR?", /^-17\.\d{3};0;0;0,"No error"$/],
    ["*IDN?;*OPC?", "EXFO,CTP10,12345,1.0.0;1"],
    [":INIT:TLS1:POW 4DBM;POW?;SPE 60;SPE?", "4.00000000E+000;60"],
  ],
  "shares a wavelength among a module's channels": [
    ["*RST"],
    [":CTP:SENSe4:CHANnel1:WAVelength?", "1.31000000E-006"],
    [":CTP:SENSe4:CHANnel1:WAVelength 1550NM"],
    [":CTP:SENSe4:CHANnel2:WAVelength?", "1.55000000E-006"],
    [":CTP:SENSe5:CHANnel1:WAVelength?", "1.31000000E-006"],
    [":CTP:SENSe4:CHANnel1:WAVelength 193.4THZ"],
    [":CTP:SENSe4:CHANnel1:WAVelength?", "1.55011612E-006"],
    [":CTP:SENSe4:CHANnel1:WAVelength 193400GHZ"],
    [":CTP:SENSe4:CHANnel1:WAVelength?", "1.55011612E-006"],
    [":CTP:SENSe4:CHANnel1:WAVelength 1.5e+06PM"],
    [":CTP:SENSe4:CHANnel1:WAVelength?", "1.50000000E-006"],
    [":CTP:SENSe4:CHANnel1:WAVelength 1.55E-6"],
    [":CTP:SENSe4:CHANnel1:WAVelength?", "1.55000000E-006"],
    [":CTP:SENSe4:CHANnel1:UNIT:X?", "0"],
    [":CTP:SENSe4:CHANnel1:UNIT:X FREQ"],
    [":CTP:SENSe4:CHANnel1:UNIT:X?", "1"],
    [":CTP:SENSe4:CHANnel1:UNIT:X WAV"],
    [":CTP:SENSe4:CHANnel1:UNIT:X?", "0"],
    [":CTP:SENSe4:CHANnel3:FUNCtion:TRIGger 5"],
    [":CTP:SENSe4:CHANnel3:FUNCtion:TRIGger?", "5"],
    [":CTP:SENSe4:CHANnel2:FUNCtion:TRIGger?", "0"],
  ],
  "controls its reference lasers": [
    [":CTP:RLASer2:IDN?", "EXFO,T100S-HP,0,6.06"],
    [":CTP:RLASer2:POWer 1.5DBM"],
    [":CTP:RLASer2:POWer?", "1.50000000E+000"],
    [":CTP:RLASer3:POWer 2.5MW"],
    [":CTP:RLASer3:POWer?", "2.50000000E+000"],
    [":CTP:RLASer10:WAVelength 1547.5NM"],
    [":CTP:RLASer10:WAVelength?", "1.54750000E-006"],
    [":CTP:RLASer2:POWer:STATe?", "0"],
    [":CTP:RLASer2:POWer:STATe ON"],
    [":CTP:RLASer2:POWer:STATe?", "1"],
    [":CTP:RLASer1:POWer:STATe?", "0"],
    [":CTP:RLASer2:POWer:STATe 0"],
    [":CTP:RLASer2:POWer:STATe?", "0"],
  ],
  "keeps the settings of its tunable lasers": [
    [":INIT:TLS1:WAVelength:STARt 1550NM"],
    [":INIT:TLS1:WAVelength:STARt?", "1.55000000E-006"],
    [":INIT:TLS1:WAVelength:STOP 1580NM"],
    [":INIT:TLS1:WAVelength:STOP?", "1.58000000E-006"],
    [":INIT:TLS2:WAVelength:STARt?", "1.52000000E-006"],
    [":INIT:TLS1:SPEed 50"],
    [":INIT:TLS1:SPEed?", "50"],
    [":INIT:TLS1:POWer 5DBM"],
    [":INIT:TLS1:POWer?", "5.00000000E+000"],
    [":INIT:TLS1:POWer 10MW"],
    [":INIT:TLS1:POWer?", "1.00000000E+001"],
    [":INIT:TLS4:TRIGin 3"],
    [":INIT:TLS4:TRIGin?", "3"],
    [":INIT:TLS4:IDentifier 4"],
    [":INIT:TLS4:IDentifier?", "4"],
    [":INIT:WAVelength:SAMPling 10PM"],
    [":INIT:WAVelength:SAMPling?", "1.00000000E-011"],
    [":INIT:STABilization 1,12.3"],
    [":INIT:STABilization?", "1,12.3"],
    [":INIT:STABilization OFF,0"],
    [":INIT:STABilization?", "0,0"],
    ["*RST"],
    [":INIT:TLS1:WAVelength:STARt?", "1.52000000E-006"],
    [":INIT:STABilization?", "1,0"],
    [":SYST:ERR?", noError],
  ],
  "sets the whole scan's range by its lasers": [
    ["*RST;*CLS"],
    [":INIT:WAVelength:STARt 1540NM"],
    [":INIT:WAVelength:STOP 1560NM"],
    [":INIT:WAVelength:STARt?;STOP?", "1.54000000E-006;1.56000000E-006"],
    [":INIT:TLS1:WAVelength:STARt?;STOP?", "1.54000000E-006;1.56000000E-006"],
    [":INIT:WAV:STAR 1570NM;STAR?;STOP?", "1.57000000E-006;1.57000000E-006"],
    [":INIT:WAV:STOP 1550NM;STAR?;STOP?", "1.55000000E-006;1.55000000E-006"],
    // two lasers, one after the other
    [":INIT:TLS2:IDentifier 2;:INIT:TLS2:WAV:STAR 1550NM;STOP 1600NM"],
    [":INIT:WAV:STAR 1530NM;STAR?;STOP?", "1.53000000E-006;1.60000000E-006"],
    [":INIT:WAV:STOP 1620NM;:INIT:TLS1:WAV:STOP?;:INIT:TLS2:WAV:STOP?", "1.55000000E-006;1.62000000E-006"],
    [":INIT:WAV:STAR 1000NM"],
    [":SYST:ERR?", `-222,"Data out of range"`],
    [":INIT:TLS1:ID 0;:INIT:TLS2:ID 0"],
    [":INIT:WAV:STOP 1600NM"],
    [":SYST:ERR?", `-221,"Settings conflict"`],
  ],
  "sweeps, and has traces of it": [
    ["*RST;*CLS"],
    [":TRACe:SENSe4:CHANnel1:TYPE1:DATA:LENGth?", "0"],
    [":INIT:TLS1:WAV:STAR 1550NM;STOP 1560NM;:INIT:TLS1:SPE 200;:INIT:WAV:SAMP 250PM"],
    [":INITiate:IMMediate;:STATus:OPERation:CONDition?", "4"],
    ["*OPC?;:STATus:OPERation:CONDition?", "1;0"],
    [":TRACe:SENSe4:CHANnel1:TYPE1:DATA:LENGth?", "41"],
    [":TRACe:SENSe4:CHANnel1:TYPE1:DATA:SAMPling?", "2.50000000E-010"],
    [":TRACe:SENSe4:CHANnel1:TYPE1:DATA:STARt?", "1.55000000E-006"],
    [":TRACe:SENSe4:CHANnel1:TYPE11:DATA? ASCII,DB", /^(-\d+\.\d{4},){40}-\d+\.\d{4}$/],
    [
      ":TRACe:SENSe4:CHANnel1:TYPE1:DATA:X? ASCII,M",
      /^1\.55000000E-006,1\.55025000E-006,.*1\.56000000E-006$/,
    ],
    [":TRACe:SENSe4:CHANnel1:TYPE1:SAVE"],
    [":REFerence:SENSe4:CHANnel1:RESult?", "0"],
    [":REFerence:SENSe4:CHANnel1:INITiate;:STATus:OPERation:CONDition?", "64"],
    ["*WAI;:REFerence:SENSe4:CHANnel1:RESult?", /^1,0,\d{8},\d{6}$/],
    [":REFerence:SENSe4:CHANnel2:RESult?", "0"],
    [":TRACe:SENSe4:CHANnel1:TYPE12:DATA:LENGth?", "41"],
    [":TRACe:SENSe4:CHANnel1:TYPE13:DATA? ASCII,DB", /^(-\d+\.\d{4},){40}-\d+\.\d{4}$/],
    [":SYST:ERR?", noError],
  ],
  "aborts a sweep": [
    ["*RST;*CLS"],
    [":INITiate;:STATus:OPERation:CONDition?", "4"],
    [":INITiate"],
    [":SYST:ERR?", `-213,"Init ignored"`],
    [":ABORt;:STATus:OPERation:CONDition?", "16"],
    [":SYST:ERR?", noError],
  ],
  "refuses an unknown header": errorOf(":CTP:SENSe4:CHANnel1:POWR?", `-113,"Undefined header"`),
  "refuses a form between the long and the short": errorOf(
    ":CTP:SENSE4:CHANN1:POW?",
    `-113,"Undefined header"`,
  ),
  "refuses a query of what can only be set": errorOf("*WAI?", `-113,"Undefined header"`),
  "refuses a slot that is not there": errorOf(
    ":CTP:SENSe21:CHANnel1:POWer?",
    `-114,"Header suffix out of range"`,
  ),
  "refuses a channel that is not there": errorOf(
    ":CTP:SENSe4:CHANnel7:POWer?",
    `-114,"Header suffix out of range"`,
  ),
  "refuses a trace type that it has not": errorOf(
    ":TRAC:SENS4:CHAN1:TYPE2:DATA:LENG?",
    `-114,"Header suffix out of range"`,
  ),
  "refuses what is no text": errorOf("*IDN\u00ff?", `-101,"Invalid character"`),
  "refuses text where a number belongs": errorOf(":INIT:TLS1:SPE fast", `-104,"Data type error"`),
  "refuses a parameter too many": errorOf("*CLS;:INIT:TLS1:SPE 50,60", `-108,"Parameter not allowed"`),
  "refuses a missing parameter": errorOf(":INIT:TLS1:SPE", `-109,"Missing parameter"`),
  "refuses an unknown unit": errorOf(":CTP:SENS4:CHAN1:WAV 5FURLONG", `-131,"Invalid suffix"`),
  "refuses a value beyond its range": errorOf(":INIT:TLS1:SPE 201", `-222,"Data out of range"`),
  "refuses a word that is no choice": errorOf(
    ":CTP:SENS4:CHAN1:UNIT:Y LUX",
    `-224,"Illegal parameter value"`,
  ),
  "refuses a sweep that goes nowhere": errorOf(
    ":INIT:TLS1:WAV:STAR 1600NM;STOP 1500NM;:INIT",
    `-221,"Settings conflict"`,
  ),
  "refuses a trace that it has not": errorOf(
    ":TRAC:SENS9:CHAN1:TYPE12:DATA? ASCII,DB",
    `-230,"Data corrupt or stale"`,
  ),
  "loses a command that is too long": errorOf(`:CTP:${"X".repeat(5000)}`, `-363,"Input buffer overrun"`),
  "keeps thirty errors, and says in the last place that there were more": [
    ["*CLS"],
    ...Array.from({ length: 31 }, (): Step => [":NOPE"]),
    [":SYST:ERR:COUN?", "30"],
    ...Array.from({ length: 29 }, (): Step => [":SYST:ERR?", `-113,"Undefined header"`]),
    [":SYST:ERR?", `-350,"Queue overflow"`],
    [":SYST:ERR?", noError],
  ],
  "goes on with a message after what could not be executed, not after what could not be read": [
    ["*CLS"],
    [":INIT:TLS1:SPE 999;SPE?", /^\d+$/],
    [":NOPE;*IDN?"],
    [":SYST:ERR?;:SYST:ERR?", `-222,"Data out of range";-113,"Undefined header"`],
  ],
};

async function play(client: ScpiClient, steps: readonly Step[]): Promise<void> {
  for (const [line, expected] of steps) {
    if (expected === undefined) await client.send(line);
    else if (typeof expected === "string") equal(await client.ask(line), expected, line);
    else match(await client.ask(line), expected, line);
  }
}

for (const [name, steps] of Object.entries(sessions)) {
  Deno.test(`over the serial line, the instrument ${name}`, async () => {
    await using test = await startTestSimulator();
    await using client = await connectSerial(test.link);
    await play(client, steps);
  });

  Deno.test(`over TCP, the instrument ${name}`, async () => {
    await using test = await startTestSimulator();
    await using client = await connectTcp(test.simulator.tcp ?? { hostname: "", port: 0 });
    await play(client, steps);
  });
}
