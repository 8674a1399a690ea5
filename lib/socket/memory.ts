// Remembers, as long as the browser's session lasts, by which transport readings came: where sockets never open, the next page
// polls at once instead of waiting a second for one. Optional: only who imports it ships it.

import type { Policy } from "./policy.ts";
import type { Socket } from "./door.ts";

/** What it needs of `sessionStorage`. */
export type SessionMemory = Pick<Storage, "getItem" | "setItem">;

const key = "lightline-transport";

/** The part of a policy that the last page of this session suggests. */
export function rememberedPolicy(memory: SessionMemory = sessionStorage): Partial<Policy> {
  return memory.getItem(key) === "poll" ? { pollGraceMs: 0 } : {};
}

/** Remembers what works for `socket` from now on; the answer ends that. */
export function rememberTransport(socket: Socket, memory: SessionMemory = sessionStorage): () => void {
  const ends = [
    socket.state.subscribe((state) => state === "connected" && memory.setItem(key, "socket")),
    socket.polling.subscribe((polling) =>
      polling && socket.opened.peek() === 0 && memory.setItem(key, "poll")
    ),
  ];
  return () => ends.forEach((end) => end());
}
