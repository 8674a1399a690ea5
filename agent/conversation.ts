// Questions and answers over a line: one question in flight, a time limit for each, and a strict notion of being in
// step. SCPI has no request numbers: once an answer is late or odd, nobody knows which question the next one belongs
// to, so everything is refused until `settle` has made the line quiet. What is said is the business of ctp10.ts.

import { LineSplitter } from "../lib/scpi/mod.ts";
import type { Clock } from "./clock.ts";
import { MeterFailure } from "./failure.ts";
import type { Line } from "./line.ts";

const longestAnswerBytes = 65_536;
const commandTimeoutMs = 1000;
const encoder = new TextEncoder();

/** What the bytes that come are taken for. */
type Mode =
  /** Nobody asked: whatever comes is out of step. */
  | { readonly type: "idle" }
  | { readonly type: "asking"; readonly answer: PromiseWithResolvers<string> }
  /** Whatever comes is thrown away. */
  | { readonly type: "settling" };

const idle: Mode = { type: "idle" };

/** One line's conversation. It owns the line. */
export class Conversation {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #splitter = new LineSplitter(longestAnswerBytes);
  readonly #listening: Promise<void>;
  #mode: Mode = idle;
  #turn: Promise<unknown> = Promise.resolve();
  /** Why nothing may be asked before `settle`. */
  #outOfStep: MeterFailure | undefined;
  /** Its reason is why nothing may be asked ever again. */
  readonly #ended = new AbortController();
  #heardAtMs = -Infinity;

  /** Begins to listen. */
  constructor(line: Line, clock: Clock) {
    this.#line = line;
    this.#clock = clock;
    this.#reader = line.readable.getReader();
    this.#writer = line.writable.getWriter();
    this.#listening = this.#listen();
  }

  /** Aborted, with a {@linkcode MeterFailure}, when the line is gone. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** The line's name, for messages. */
  get name(): string {
    return this.#line.name;
  }

  /**
   * Asks one question and gives its answer, one line without its end. Whoever asks meanwhile waits for his turn. An
   * aborted question still waits for its answer, which then is thrown away, so that the line stays in step.
   * @throws {MeterFailure} `silent` or `garbled`, after which `settle` has to be called, or `lost`; the signal's reason.
   */
  query(question: string, timeoutMs: number, signal?: AbortSignal): Promise<string> {
    return this.#inTurn(() => this.#ask(question, timeoutMs), signal);
  }

  /** Sends what has no answer. @throws {MeterFailure} as `query` does. */
  command(text: string, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(() => this.#tell(text), signal);
  }

  /**
   * Gets back into step: ends whatever the instrument may have half read, waits for `silenceMs` of silence, and forgets
   * what came.
   * @throws {MeterFailure} `garbled` where the line is not quiet after `limitMs`, or `lost`.
   */
  settle(silenceMs: number, limitMs: number): Promise<void> {
    return this.#inTurn(async () => {
      this.#mode = { type: "settling" };
      const startMs = this.#heardAtMs = this.#clock.monotonicMs();
      this.#send("\n");
      for (;;) {
        const nowMs = this.#clock.monotonicMs();
        const quietForMs = nowMs - this.#heardAtMs;
        this.ended.throwIfAborted();
        if (quietForMs >= silenceMs) break;
        if (nowMs - startMs > limitMs) {
          throw this.#fail("garbled", `${this.name} does not stop sending. Check its cable and its speed.`);
        }
        await this.#clock.sleep(silenceMs - quietForMs, this.ended);
      }
      this.#mode = idle;
      this.#outOfStep = undefined;
      this.#splitter.clear();
    });
  }

  /** Ends the line and every question. May be repeated. */
  async close(): Promise<void> {
    this.#lose(`${this.name} was closed.`);
    await this.#line.close();
    await this.#listening;
  }

  async #ask(question: string, timeoutMs: number): Promise<string> {
    this.#check();
    const answer = Promise.withResolvers<string>();
    this.#mode = { type: "asking", answer };
    const timer = setTimeout(() => answer.reject(this.#late(timeoutMs)), timeoutMs);
    this.#send(`${question}\r\n`);
    try {
      return await answer.promise;
    } finally {
      clearTimeout(timer);
      this.#mode = idle;
    }
  }

  async #tell(text: string): Promise<void> {
    this.#check();
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => late.reject(this.#late(commandTimeoutMs)), commandTimeoutMs);
    try {
      await Promise.race([this.#send(`${text}\r\n`), late.promise]);
    } finally {
      clearTimeout(timer);
    }
    this.#check();
  }

  #check(): void {
    this.ended.throwIfAborted();
    if (this.#outOfStep !== undefined) throw this.#outOfStep;
  }

  #late(timeoutMs: number): MeterFailure {
    const pending = this.#splitter.pendingBytes;
    return pending === 0
      ? this.#fail("silent", `${this.name} does not answer. Check the instrument's power and cable.`)
      : this.#fail(
        "garbled",
        `${this.name} sent ${pending} bytes and no end of line in ${timeoutMs} ms. Check its cable and its speed.`,
      );
  }

  /** Never rejects: a line that takes nothing any more is lost. */
  async #send(text: string): Promise<void> {
    try {
      await this.#writer.write(encoder.encode(text));
    } catch (error) {
      this.#lose(messageOf(error));
    }
  }

  async #listen(): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await this.#reader.read();
        if (done) break;
        this.#take(value);
      }
      this.#lose(`${this.name} was closed by the other side.`);
    } catch (error) {
      this.#lose(messageOf(error));
    }
  }

  #take(bytes: Uint8Array): void {
    this.#heardAtMs = this.#clock.monotonicMs();
    if (this.#mode.type === "settling") return;
    for (const event of this.#splitter.push(bytes)) {
      const mode = this.#mode;
      // At once, not when the asker wakes up: a second line in the same bytes is one too many.
      this.#mode = idle;
      if (mode.type !== "asking") this.#fail("garbled", `${this.name} sent what nobody had asked for.`);
      else if (event.type === "line") mode.answer.resolve(event.text);
      else mode.answer.reject(this.#fail("garbled", `${this.name} sent a line without an end.`));
    }
  }

  #fail(kind: "silent" | "garbled", message: string): MeterFailure {
    return this.#outOfStep ??= new MeterFailure(kind, message);
  }

  #lose(message: string): void {
    this.#ended.abort(new MeterFailure("lost", message));
    if (this.#mode.type === "asking") this.#mode.answer.reject(this.ended.reason);
  }

  #inTurn<T>(work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const mine = this.#turn.then(() => {
      signal?.throwIfAborted();
      return work();
    });
    this.#turn = mine.catch(() => {});
    return signal === undefined ? mine : unlessAborted(mine, signal);
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  return Promise.race([promise, aborted.promise]).finally(() => signal.removeEventListener("abort", abort));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
