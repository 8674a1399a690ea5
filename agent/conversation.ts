// Questions and answers over a line: one question in flight, a time limit for each, and a strict notion of being in
// step. SCPI has no request numbers: once an answer is late or odd, nobody knows which question the next one belongs
// to, so everything is refused until `settle` has made the line quiet. What is said is the business of ctp10/.

import { type Answer, type Block, BlockAnswer, LineAnswer, withoutLineEnds } from "./answer.ts";
import type { Clock } from "./clock.ts";
import { MeterFailure } from "./failure.ts";
import type { Line } from "./line.ts";

/** How long an answer may take: from the question to its end, or from one byte to the next. */
type Patience = { readonly type: "whole" | "pause"; readonly ms: number };

const commandTimeoutMs = 1000;
const checkTheLine = "Check its cable and its speed.";
const encoder = new TextEncoder();

/** One line's conversation. It owns the line. */
export class Conversation {
  readonly #line: Line;
  readonly #clock: Clock;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #listening: Promise<void>;
  /** Its reason is why nothing may be asked ever again. */
  readonly #ended = new AbortController();
  /** What is waited for. Without one, whatever comes is out of step. */
  #answer: Answer | undefined;
  /** A block's end may be followed by a line end, or may not: instruments differ. */
  #afterBlock = false;
  #turn: Promise<unknown> = Promise.resolve();
  /** Why nothing may be asked before `settle`. */
  #outOfStep: MeterFailure | undefined;
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
    return this.#inTurn(async () => {
      const answer = new LineAnswer();
      await this.#ask(question, answer, { type: "whole", ms: timeoutMs });
      return answer.text;
    }, signal);
  }

  /**
   * Asks one question and gives the block that answers it as soon as its header is there; nobody else gets a turn before
   * its last byte. `pauseMs` is the longest pause between its bytes.
   * @throws {MeterFailure} as `query` does.
   */
  block(question: string, pauseMs: number, signal?: AbortSignal): Promise<Block> {
    const answer = new BlockAnswer();
    const abandon = () => answer.abandon(signal?.reason);
    signal?.addEventListener("abort", abandon);
    this.#inTurn(() => {
      signal?.throwIfAborted();
      return this.#ask(question, answer, { type: "pause", ms: pauseMs });
    })
      .catch((error) => answer.abandon(error))
      .finally(() => signal?.removeEventListener("abort", abandon));
    return answer.opened;
  }

  /** Sends what has no answer. @throws {MeterFailure} as `query` does. */
  command(text: string, signal?: AbortSignal): Promise<void> {
    return this.#inTurn(async () => {
      this.#check();
      const late = Promise.withResolvers<never>();
      const timer = setTimeout(() => late.reject(this.#silent()), commandTimeoutMs);
      try {
        await Promise.race([this.#send(text), late.promise]);
      } finally {
        clearTimeout(timer);
      }
      this.#check();
    }, signal);
  }

  /**
   * Gets back into step: ends whatever the instrument may have half read, waits for `silenceMs` of silence, and forgets
   * what came.
   * @throws {MeterFailure} `garbled` where the line is not quiet after `limitMs`, or `lost`.
   */
  settle(silenceMs: number, limitMs: number): Promise<void> {
    return this.#inTurn(async () => {
      const startMs = this.#heardAtMs = this.#clock.monotonicMs();
      this.#send("");
      for (;;) {
        const heardAtMs = this.#heardAtMs;
        await this.#clock.sleep(heardAtMs + silenceMs - this.#clock.monotonicMs(), this.ended);
        this.ended.throwIfAborted();
        if (heardAtMs === this.#heardAtMs) break;
        if (this.#clock.monotonicMs() - startMs > limitMs) {
          throw new MeterFailure("garbled", `${this.name} does not stop sending. ${checkTheLine}`);
        }
      }
      this.#outOfStep = undefined;
    });
  }

  /** Ends the line and every question. May be repeated. */
  async close(): Promise<void> {
    this.#lose(`${this.name} was closed.`);
    await this.#line.close();
    await this.#listening;
  }

  async #ask(question: string, answer: Answer, patience: Patience): Promise<void> {
    this.#check();
    this.#answer = answer;
    const startMs = this.#heardAtMs = this.#clock.monotonicMs();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = () => {
      const sinceMs = patience.type === "whole" ? startMs : this.#heardAtMs;
      const leftMs = sinceMs + patience.ms - this.#clock.monotonicMs();
      if (leftMs > 0) timer = setTimeout(look, leftMs);
      else answer.fail(answer.receivedBytes === 0 ? this.#silent() : this.#incomplete(answer.receivedBytes));
    };
    look();
    this.#send(question);
    try {
      await answer.complete;
    } finally {
      clearTimeout(timer);
      this.#answer = undefined;
    }
  }

  #check(): void {
    this.ended.throwIfAborted();
    if (this.#outOfStep !== undefined) throw this.#outOfStep;
  }

  /** Never rejects: a line that takes nothing any more is lost. */
  async #send(text: string): Promise<void> {
    try {
      await this.#writer.write(encoder.encode(`${text}\r\n`));
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

  #take(received: Uint8Array): void {
    this.#heardAtMs = this.#clock.monotonicMs();
    const bytes = this.#afterBlock ? withoutLineEnds(received) : received;
    if (bytes.length === 0) return;
    const answer = this.#answer;
    const taken = answer?.push(bytes) ?? bytes;
    this.#afterBlock = answer instanceof BlockAnswer && typeof taken !== "string";
    if (taken === "more") return;
    // At once, not when the asker wakes up: what comes behind an answer belongs to nobody.
    this.#answer = undefined;
    if (taken === "invalid") {
      answer?.fail(this.#fail("garbled", `${this.name} sent no answer, but something else. ${checkTheLine}`));
    } else if ((this.#afterBlock ? withoutLineEnds(taken) : taken).length > 0) {
      this.#fail("garbled", `${this.name} sent what nobody had asked for. ${checkTheLine}`);
    }
  }

  #silent(): MeterFailure {
    return this.#fail("silent", `${this.name} does not answer. Check the instrument's power and cable.`);
  }

  #incomplete(bytes: number): MeterFailure {
    return this.#fail(
      "garbled",
      `${this.name} sent ${bytes} bytes, which are no whole answer. ${checkTheLine}`,
    );
  }

  #fail(kind: "silent" | "garbled", message: string): MeterFailure {
    return this.#outOfStep ??= new MeterFailure(kind, message);
  }

  #lose(message: string): void {
    this.#ended.abort(new MeterFailure("lost", message));
    this.#answer?.fail(this.ended.reason);
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
