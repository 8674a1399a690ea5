// How long bytes take on a serial line, without a timer for each: a budget of line time that says when a reply may be
// complete. Timers wake early or late by part of a millisecond; the error is carried into the next exchange, so that
// the rate is exact on average.

/** Start bit, eight data bits, stop bit. */
const bitsPerByte = 10;
/** More than this much lateness is not made up for: the process was stopped, and a line has no memory. */
const largestCarryMs = 5;

/** Milliseconds that so many bytes take at a baud rate. */
export function lineTimeMs(bytes: number, baudRate: number): number {
  return bytes * bitsPerByte * 1000 / baudRate;
}

/** Keeps account of one half-duplex exchange after the other. Times are milliseconds of one clock. */
export class Pacer {
  #busyUntilMs = 0;
  #latenessMs = 0;

  /** Bytes were handed over at `nowMs`, all at once, which on a line would have taken their time. */
  received(bytes: number, baudRate: number, nowMs: number): void {
    this.#begin(nowMs);
    this.#busyUntilMs += lineTimeMs(bytes, baudRate);
  }

  /** The moment at which so many bytes, sent as soon as the line is free, have all arrived. */
  due(bytes: number, baudRate: number, nowMs: number): number {
    // What was received, or sent, just before is still on the line: only after a pause does the line begin anew.
    if (this.#busyUntilMs < nowMs - largestCarryMs) this.#begin(nowMs);
    this.#busyUntilMs += lineTimeMs(bytes, baudRate);
    return this.#busyUntilMs;
  }

  /** The bytes of the last `due` were handed over at `nowMs`. */
  sent(nowMs: number): void {
    const lateMs = nowMs - this.#busyUntilMs;
    this.#latenessMs = Math.min(largestCarryMs, Math.max(-largestCarryMs, lateMs));
  }

  #begin(nowMs: number): void {
    this.#busyUntilMs = Math.max(this.#busyUntilMs, nowMs - this.#latenessMs);
    this.#latenessMs = 0;
  }
}
