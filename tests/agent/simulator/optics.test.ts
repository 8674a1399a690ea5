// The optical model: levels, noise, drift, responsivity, the ring.

import { deepEqual, equal, ok } from "node:assert/strict";
import { benchSource, pathGainDb } from "../../../agent/simulator/optics/channels.ts";
import { driftDb, responsivity, showMw } from "../../../agent/simulator/optics/detector.ts";
import { gaussians, uniform } from "../../../agent/simulator/optics/random.ts";
import { ringOf, ringTransmission, sampledTransmission } from "../../../agent/simulator/optics/ring.ts";
import { dbmFromMw, mwFromDbm, speedOfLightMps } from "../../../agent/simulator/optics/units.ts";

/** Standard deviation relative to the mean, of readings of one power. */
function spread(lightMw: number, averagingMs: number): number {
  const values = Array.from(
    { length: 4000 },
    (_, sample) => showMw(lightMw, { averagingMs, keys: [1, 4, 1, sample] }),
  );
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) / mean;
}

const near = (value: number, expected: number, part: number) =>
  ok(Math.abs(value - expected) <= part * Math.abs(expected), `${value} is not ${expected} within ${part}`);

Deno.test("module 4's channels have the reference system's levels", () => {
  deepEqual(
    [1, 2, 3, 4].map((channel) => Number((benchSource.powerDbm + pathGainDb(5, 4, channel)).toFixed(6))),
    [-17.85, -21.56, 6.94, -60.12],
  );
});

Deno.test("noise falls with the square root of the averaging time, in the light and in the dark", () => {
  for (const lightMw of [mwFromDbm(-17.85), 0]) {
    near(spread(lightMw, 1) / spread(lightMw, 100), 10, 0.1);
    near(spread(lightMw, 10) / spread(lightMw, 40), 2, 0.1);
  }
});

Deno.test("noise is a part of the reading in the light, and a floor in the dark", () => {
  near(spread(1, 10), 5e-4, 0.1);
  near(spread(1e-3, 10), 5e-4, 0.1);
  ok(spread(mwFromDbm(-60.12), 10) > 1.5e-3);
});

Deno.test("a detector shows overload above +10 dBm, and not at it", () => {
  equal(showMw(10.001, { averagingMs: 10, keys: [1] }), Infinity);
  near(showMw(10, { averagingMs: 10, keys: [1] }), 10, 0.01);
});

Deno.test("drift is slow, moves, and stays within a twentieth of a decibel", () => {
  const day = Array.from({ length: 8640 }, (_, index) => driftDb(1, 4, 1, index * 10_000));
  ok(Math.max(...day) <= 0.05 && Math.min(...day) >= -0.05);
  ok(Math.max(...day) - Math.min(...day) > 0.05);
  ok(Math.abs(driftDb(1, 4, 1, 1000) - driftDb(1, 4, 1, 0)) < 0.005);
});

Deno.test("responsivity is greatest at 1550 nm, and falls to both sides", () => {
  equal(responsivity(1550e-9), 1);
  equal(responsivity(1310e-9), 0.9);
  near(responsivity(1400e-9), 0.945, 1e-9);
  ok(responsivity(1680e-9) < responsivity(1640e-9));
  equal(responsivity(1100e-9), responsivity(1240e-9));
});

Deno.test("the ring's dips are one free spectral range apart, deep, and narrow", () => {
  const ring = ringOf(1, 4, 1);
  const benchHz = speedOfLightMps / benchSource.wavelengthM;
  const at = (hertz: number) => ringTransmission(ring, speedOfLightMps / hertz);
  near(at(benchHz), 1, 1e-9);
  for (const dip of [0, 1, -100]) {
    const centreHz = benchHz + (dip + 0.5) * ring.rangeHz;
    ok(dbmFromMw(at(centreHz)) < -13);
    ok(dbmFromMw(at(centreHz + 0.02 * ring.rangeHz)) > -3);
  }
});

Deno.test("a coarse sampling makes a dip shallower instead of missing it", () => {
  const ring = ringOf(1, 4, 1);
  const centreHz = speedOfLightMps / 1310e-9 - 100.5 * ring.rangeHz;
  const depth = (samplingM: number) =>
    dbmFromMw(sampledTransmission(ring, speedOfLightMps / centreHz, samplingM));
  ok(depth(1e-12) < -13);
  ok(depth(50e-12) > depth(1e-12) + 2);
  ok(depth(250e-12) > depth(50e-12));
  ok(depth(250e-12) < -0.3);
});

Deno.test("chance depends on its keys, all of them, and is evenly spread", () => {
  equal(uniform(1, 2, 3), uniform(1, 2, 3));
  const keys = [[1, 2, 3], [2, 2, 3], [1, 3, 3], [1, 2, 4], [3, 2, 1], [1, 2, 3 + 2 ** 33], [1, 2]];
  equal(new Set(keys.map((each) => uniform(...each))).size, keys.length);
  const tenths = new Array<number>(10).fill(0);
  for (let key = 0; key < 20_000; key++) {
    const tenth = Math.floor(uniform(9, key) * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  for (const count of tenths) near(count, 2000, 0.1);
  const normal = Array.from({ length: 20_000 }, (_, key) => gaussians(9, key)[key % 2] ?? NaN);
  near(normal.filter((value) => Math.abs(value) < 1).length / normal.length, 0.6827, 0.02);
});
