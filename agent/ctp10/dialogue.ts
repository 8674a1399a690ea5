// Typed questions and checked commands over a conversation: what the parts of the instrument are made of. It knows no
// command of its own but the error queue's.

import { joinUnits, parseErrorReply, splitReply } from "../../lib/scpi/mod.ts";
import type { Block } from "../answer.ts";
import type { Conversation } from "../conversation.ts";
import { MeterFailure } from "../failure.ts";

const queryTimeoutMs = 500;
const blockPauseMs = 1000;

/** Reads an answer, whole; undefined where it is not one. */
export type Read<T> = (answer: string) => T | undefined;

/** The values that some readers give, in order. */
export type Answers<R extends readonly Read<unknown>[]> = {
  readonly [K in keyof R]: R[K] extends Read<infer T> ? T : never;
};

/** Asks and tells. */
export class Dialogue {
  readonly #conversation: Conversation;

  /** Says nothing yet. */
  constructor(conversation: Conversation) {
    this.#conversation = conversation;
  }

  /** Asks `question` and reads its answer. @throws {MeterFailure} `silent`, `garbled` or `lost`; the signal's reason. */
  async ask<T>(question: string, read: Read<T>, signal?: AbortSignal): Promise<T> {
    const answer = await this.#conversation.query(question, queryTimeoutMs, signal);
    const value = read(answer);
    if (value === undefined) throw this.garbled(question, answer);
    return value;
  }

  /** Asks several questions in one message, each with its reader. */
  async askAll<const R extends readonly Read<unknown>[]>(
    questions: { readonly [K in keyof R]: readonly [string, R[K]] },
    signal?: AbortSignal,
  ): Promise<Answers<R>> {
    const pairs: readonly (readonly [string, Read<unknown>])[] = questions;
    const readAll = (answer: string): Answers<R> | undefined => {
      const parts = splitReply(answer);
      if (parts?.length !== pairs.length) return undefined;
      const values = pairs.map(([, read], index) => read(parts[index] ?? ""));
      // One value of its reader's type for each question, in order.
      return values.includes(undefined) ? undefined : values as unknown as Answers<R>;
    };
    return await this.ask(joinUnits(pairs.map(([question]) => question)), readAll, signal);
  }

  /**
   * Gives commands, one after the other, and makes sure that the instrument took them.
   * @throws {MeterFailure} `refused`, in the instrument's words, and as `ask` does.
   */
  async tell(commands: readonly string[], signal?: AbortSignal): Promise<void> {
    for (const command of commands) {
      await this.#conversation.command(command, signal);
      const complaint = await this.nextError(signal);
      if (complaint === null) continue;
      while (await this.nextError(signal) !== null);
      throw new MeterFailure("refused", `The instrument refused ${command} (${complaint}).`);
    }
  }

  /** Takes the oldest error out of the instrument's queue, as its text; null when there is none. */
  async nextError(signal?: AbortSignal): Promise<string | null> {
    const error = await this.ask(":SYST:ERR?", parseErrorReply, signal);
    return error.code === 0 ? null : `${error.code}, ${error.message}`;
  }

  /** Asks for a block. @throws {MeterFailure} as `ask` does, before the block or in its body. */
  block(question: string, signal?: AbortSignal): Promise<Block> {
    return this.#conversation.block(question, blockPauseMs, signal);
  }

  /** What to throw for an answer that is none. */
  garbled(question: string, answer: string): MeterFailure {
    const words = `${this.#conversation.name} answered ${question} with ${
      JSON.stringify(answer.slice(0, 80))
    }`;
    return new MeterFailure("garbled", `${words}, which is no answer. Check its cable and its speed.`);
  }
}
