// Remembers, as long as the browser's session lasts, by which transport readings came: where sockets never open, the next page
// polls at once instead of waiting a second for one. A page does so for its feeds.

import type { Policy } from "./policy.ts";
import type { Socket } from "./door.ts";

/** What it needs of `sessionStorage`. */
export type SessionMemory = Pick<Storage, "getItem" | "setItem">;

/** Holds something while polls are the way. */
const key = "lightline-polls";

/** The browser's, or none where it keeps nothing for this site. */
export function sessionMemory(): SessionMemory | null {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}

/** The part of a policy that the last page of this session suggests. */
export function rememberedPolicy(memory: SessionMemory | null): Partial<Policy> {
  return memory?.getItem(key) ? { pollGraceMs: 0 } : {};
}

/** Remembers what works for `socket`, as long as that lives. */
export function rememberTransport(socket: Socket, memory: SessionMemory | null): void {
  socket.opened.subscribe((opened) => opened && memory?.setItem(key, ""));
  socket.polling.subscribe((polling) => polling && !socket.opened.peek() && memory?.setItem(key, "1"));
}
