// Many channels on one socket (`/ws`): handlers by message type, and subscriptions that come back after a reconnect, each power
// channel with the cursor that it had reached. For pages that show more than one module's stream; a feed needs none of it.

import type { Message, Socket, SocketOptions } from "./door.ts";
import { isFields } from "./guards.ts";
import { createSocket } from "./socket.ts";

/** What a subscription may say beside its channels. */
export interface SubscribeOptions {
  /** At most one reading per so many seconds, 0.01 to 10. */
  readonly interval?: number;
  /** The cursor to go on from, for power channels. */
  readonly since?: string;
}

/** A socket of many channels. */
export interface ChannelSocket extends Socket {
  /** Hears every message of a type; the answer ends that. */
  on(type: string, handler: (message: Message) => void): () => void;
  /** Subscribes now, and again after each reconnect. */
  subscribe(channels: readonly string[], options?: SubscribeOptions): void;
  /** Ends subscriptions. */
  unsubscribe(channels: readonly string[]): void;
}

/** What a socket of many channels is made of. Only `url` is needed. */
export interface ChannelSocketOptions extends SocketOptions {
  /** A viewer's token, asked for before each attempt, and sent as `token`. */
  readonly token?: () => string | Promise<string>;
  /** The connection is over, for now or for good. */
  readonly onClose?: () => void;
  /** An attempt or a connection has failed. */
  readonly onError?: (words: string) => void;
}

/** Makes a socket of many channels; nothing happens before `connect`. */
export function createChannelSocket(options: ChannelSocketOptions): ChannelSocket {
  const handlers = new Map<string, Set<(message: Message) => void>>();
  const subscriptions = new Map<string, SubscribeOptions>();

  let failures = 0;
  const socket = createSocket({
    ...options,
    record(event, state, policy) {
      options.record?.(event, state, policy);
      if (state.failures > failures) options.onError?.(state.lastError ?? "");
      failures = state.failures;
    },
    async url() {
      const address = typeof options.url === "function" ? await options.url() : options.url;
      if (address === null || !options.token) return address;
      const url = new URL(address);
      url.searchParams.set("token", await options.token());
      return url.href;
    },
    onOpen() {
      options.onOpen?.();
      for (const [channel, how] of subscriptions) ask(channel, how);
    },
    onMessage(message) {
      follow(message);
      options.onMessage?.(message);
      for (const handler of handlers.get(message.type) ?? []) handler(message);
    },
  });

  let connected = false;
  socket.state.subscribe((state) => {
    if (connected && state !== "connected") options.onClose?.();
    connected = state === "connected";
  });

  function ask(channel: string, how: SubscribeOptions): void {
    socket.send({ type: "subscribe", channels: [channel], ...how });
  }

  /** Keeps the cursor that a power channel has reached. */
  function follow({ type, module, readings, cursor }: Message): void {
    const channel = `power/${module}`;
    const how = subscriptions.get(channel);
    const newest: unknown = type === "replay" && Array.isArray(readings) ? readings.at(-1) : null;
    const since = type === "data" ? cursor : isFields(newest) ? newest.cursor : null;
    if (how && typeof since === "string") subscriptions.set(channel, { ...how, since });
  }

  return {
    ...socket,
    on(type, handler) {
      const all = handlers.get(type) ?? new Set();
      handlers.set(type, all.add(handler));
      return () => all.delete(handler);
    },
    subscribe(channels, how = {}) {
      for (const channel of channels) {
        subscriptions.set(channel, how);
        if (socket.state.peek() === "connected") ask(channel, how);
      }
    },
    unsubscribe(channels) {
      for (const channel of channels) subscriptions.delete(channel);
      if (socket.state.peek() === "connected") socket.send({ type: "unsubscribe", channels });
    },
  };
}
