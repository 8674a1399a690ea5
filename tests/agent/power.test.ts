import assert from "node:assert/strict";
import { agrees, judge } from "../../agent/belief.ts";
import { type ModulePower, parsePower, parseWavelengthNm } from "../../agent/ctp10/power.ts";

const values = (power: ModulePower | undefined) =>
  power?.channels.map((channel) => channel.type === "power" ? channel.value : channel.flag);
const dbm = (...numbers: number[]): ModulePower => {
  const power = parsePower(numbers.map((number) => `${number};0`).join(";"));
  assert.ok(power !== undefined);
  return power;
};

Deno.test("power - an answer is read whole, each number in its unit", () => {
  const power = parsePower("-17.850;0;-21.560;0;6.940;0;-60.120;0");
  assert.equal(power?.unit, "dBm");
  assert.deepEqual(values(power), [-17.85, -21.56, 6.94, -60.12]);
  const mw = parsePower("1.64E-002;1;7.0E-003;1;4.94E+000;1;9.7E-007;1");
  assert.equal(mw?.unit, "mW");
  assert.deepEqual(values(mw), [0.0164, 0.007, 4.94, 9.7e-7]);
});

Deno.test("power - where channels differ in unit, all are given in the first one's", () => {
  const power = parsePower("0.000;0;1.0E+000;1;1.0E-002;1;10.000;0");
  assert.equal(power?.unit, "dBm");
  assert.deepEqual(values(power), [0, 0, -20, 10]);
  assert.deepEqual(values(parsePower("1;1;0;0;-20;0;10;0")), [1, 1, 0.01, 10]);
});

Deno.test("power - stand-ins for a number become flags, in either unit", () => {
  assert.deepEqual(values(parsePower("9.91E+037;0;9.9E+037;0;-9.9E+037;0;-200;0")), [
    "invalid",
    "over_range",
    "under_range",
    "under_range",
  ]);
  assert.deepEqual(values(parsePower("9.91E+037;1;9.9E+037;1;-1.0E-009;1;0;1")), [
    "invalid",
    "over_range",
    "under_range",
    "under_range",
  ]);
});

Deno.test("power - whatever does not parse whole is refused", () => {
  const good = "-17.850;0;-21.560;0;6.940;0;-60.120;0";
  const broken = [
    "",
    good.slice(0, -1),
    good.slice(0, -2),
    `${good};`,
    `${good};0`,
    good.replace("-21", "-2\u00831"),
    good.replace("6.940", "6,940"),
    good.replace("6.940", ""),
    good.replace(";0;", ";2;"),
    good.replace("-17.850", "-17.850 dBm"),
    good.replace("-17.850", "-17.8.50"),
  ];
  for (const answer of broken) assert.equal(parsePower(answer), undefined, JSON.stringify(answer));
});

Deno.test("power - a wavelength is one of light, in nanometres", () => {
  assert.equal(parseWavelengthNm("1.55000000E-006"), 1550);
  assert.equal(parseWavelengthNm("1.31025000E-006"), 1310.25);
  for (const answer of ["1550", "0", "", "1.55E-009", "9.91E+037", "1.55E-006;0"]) {
    assert.equal(parseWavelengthNm(answer), undefined, answer);
  }
});

Deno.test("belief - what agrees with the reading before is believed at once", () => {
  const verdict = judge(dbm(-17.85, -21.56, 6.94, -60.12), [dbm(-17.8, -21.6, 6.9, -60.5)]);
  assert.equal(verdict.type, "believe");
});

Deno.test("belief - a number that lost a digit is not believed, the answer after it is", () => {
  const believed = dbm(-17.85, -21.56, 6.94, -60.12);
  for (const wrong of [dbm(-1.85, -21.56, 6.94, -60.12), dbm(-17.85, -21.56, 6.94, 60.12)]) {
    assert.deepEqual(judge(believed, [wrong]), { type: "doubt" });
    assert.deepEqual(judge(believed, [wrong, believed]), { type: "believe", power: believed });
  }
});

Deno.test("belief - light that really changed is believed at the second answer", () => {
  const believed = dbm(-17.85, -21.56, 6.94, -60.12);
  const changed = dbm(-17.85, -9.99, 6.94, -60.12);
  assert.deepEqual(judge(believed, [changed]), { type: "doubt" });
  assert.deepEqual(judge(believed, [changed, changed]), { type: "believe", power: changed });
});

Deno.test("belief - the first answer of all needs a second one", () => {
  const first = dbm(-17.85, -21.56, 6.94, -60.12);
  assert.deepEqual(judge(undefined, [first]), { type: "doubt" });
  assert.equal(judge(undefined, [first, first]).type, "believe");
});

Deno.test("belief - another unit, and a flag that comes or goes, are asked for again", () => {
  const before = dbm(1, 1, 1, 1);
  const otherUnit = parsePower("1;1;1;1;1;1;1;1");
  const flagged = dbm(1, 1, 9.91e37, 1);
  assert.ok(otherUnit !== undefined);
  assert.equal(agrees(before, otherUnit), false);
  assert.equal(agrees(before, flagged), false);
  assert.equal(agrees(flagged, flagged), true);
});

Deno.test("belief - noise in the dark is no jump", () => {
  assert.equal(agrees(dbm(-80, 0, 0, 0), dbm(-76, 0, 0, 0)), true);
  assert.equal(agrees(dbm(-80, 0, 0, 0), dbm(-60, 0, 0, 0)), false);
});

Deno.test("belief - of five answers that agree with nothing the middle of each channel is taken", () => {
  const answers = [10, 0, 4, 2, 8].map((first) => dbm(first, -first, 0, 0));
  assert.deepEqual(judge(undefined, answers.slice(0, 4)), { type: "doubt" });
  const verdict = judge(undefined, answers);
  assert.equal(verdict.type, "believe");
  assert.deepEqual(verdict.type === "believe" && values(verdict.power), [4, -4, 0, 0]);
});
