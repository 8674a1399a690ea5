// @ts-check
// What the baselines share, on Deno and on Node: the reading that they send, and when.

import process from "node:process";

let seq = 0;

/** A reading as the relay would encode it. @returns {string} */
export function nextReading() {
  seq += 1;
  return JSON.stringify({
    type: "data",
    timestamp: Date.now() / 1000,
    module: 4,
    wavelength_nm: 1310,
    unit: "dBm",
    ch1_power: -17.85,
    ch2_power: -21.56,
    ch3_power: 6.94,
    ch4_power: -60.12,
    cursor: `0123456789ab-${seq}`,
  });
}

/**
 * Prints the port; every byte on standard input begins to send a reading `hz` times a second, or ends it.
 * @param {number} port
 * @param {AsyncIterable<Uint8Array>} input
 * @param {number} hz
 * @param {(text: string) => void} broadcast
 */
export async function runServer(port, input, hz, broadcast) {
  console.log(port);
  /** @type {ReturnType<typeof setInterval> | undefined} */
  let timer;
  for await (const _ of input) {
    clearInterval(timer);
    timer = timer === undefined ? setInterval(() => broadcast(nextReading()), 1000 / hz) : undefined;
  }
  // Who measured has gone.
  process.exit(0);
}
