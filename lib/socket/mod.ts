/**
 * A connection that comes back by itself, and the polling that stands in meanwhile: for browsers and for the agent.
 *
 * A page takes {@linkcode createFeed}: one module's readings, in order, each once, whatever way they came. The agent takes
 * {@linkcode createSocket}. Both are a thin shell round one pure machine, {@linkcode step}.
 *
 * ```ts
 * const uplink = createSocket({
 *   url: "ws://127.0.0.1:8000/api/v1/agent?station=bench-1",
 *   connect: withHeaders({ authorization: "Bearer …" }),
 *   onOpen: () => uplink.send({ type: "hello", station: "bench-1" }),
 *   onMessage: (message) => console.log(message.type),
 * });
 * uplink.connect();
 * ```
 */
export * from "./black_box.ts";
export * from "./channels.ts";
export type * from "./door.ts";
export * from "./feed.ts";
export { withHeaders } from "./headers.ts";
export { step, wakeAt } from "./machine.ts";
export * from "./memory.ts";
export type { Page } from "./page.ts";
export * from "./page_feeds.ts";
export { defaultPolicy, type Policy } from "./policy.ts";
export * from "./receipt.ts";
export * from "./socket.ts";
export * from "./states.ts";
export * from "./tabs.ts";
