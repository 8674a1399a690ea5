// Asking the relay once a second, as the instrument's pages do: what it answers keeps them and the lamp true, and where it
// does not answer they say so.

import { light } from "./lamp.ts";

/** Why nothing is known of the instrument now. */
export type Trouble =
  | { readonly type: "unanswered"; readonly words: string }
  /** Nobody asks any more: whoever looks has to log in. */
  | { readonly type: "logged_out" };

/** What came of asking once. */
export type Said<T> = { readonly type: "answer"; readonly answer: T } | Trouble;

const periodMs = 1000;
/** An answer that takes longer will not come. */
const patienceMs = 5000;

/** Asks for `path`, whose answers say which lasers shine, until the login has ended. */
export async function keepAsking<T extends { readonly lit: string }>(
  path: string,
  hear: (said: Said<T>) => void,
): Promise<void> {
  for (;;) {
    const said = await ask<T>(path);
    hear(said);
    if (said.type === "logged_out") return;
    if (said.type === "answer") light(said.answer.lit);
    await new Promise((resolve) => setTimeout(resolve, periodMs));
  }
}

async function ask<T>(path: string): Promise<Said<T>> {
  try {
    const response = await fetch(path, { signal: AbortSignal.timeout(patienceMs) });
    if (response.status === 401) return { type: "logged_out" };
    const answer = await response.json();
    return response.ok ? { type: "answer", answer } : { type: "unanswered", words: answer.detail };
  } catch {
    const words = "The relay does not answer: what stands here may not be true any more.";
    return { type: "unanswered", words };
  }
}
