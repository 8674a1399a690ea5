// What the shell takes and gives: the types of lib/socket's door.

import type { ReadonlySignal } from "@preact/signals-core";
import type { Page } from "./page.ts";
import type { Policy } from "./policy.ts";
import type { Event, State, StateName, Why } from "./states.ts";

/** A message from the relay: an object with a `type`; nothing else about it has been checked. */
export interface Message {
  /** What kind of message it is: protocol.md's names. */
  readonly type: string;
  /** The fields of that kind. */
  readonly [field: string]: unknown;
}

/** What the shell needs of a WebSocket; every WebSocket is one. */
export interface SocketLike {
  /** 1: open. */
  readonly readyState: number;
  /** Called when it opens. */
  onopen: ((event: globalThis.Event) => void) | null;
  /** Called with each message. */
  onmessage: ((event: MessageEvent) => void) | null;
  /** Called when it is over, or never came about. */
  onclose: ((event: CloseEvent) => void) | null;
  /** Sends a text. */
  send(text: string): void;
  /** Ends it. */
  close(code?: number): void;
}

/** Where an attempt goes; null: nowhere (the socket is `unsupported`, and the page only polls). */
export type Address = string | null;

/** What a socket is made of. Only `url` is needed. */
export interface SocketOptions {
  /** The address (ws: or wss:). A function is asked before each attempt: for the newest cursor, for a fresh token. */
  readonly url: Address | (() => Address | Promise<Address>);
  /** False: no socket at all, as where there is no address for one. Default true. */
  readonly enabled?: boolean;
  /** Opens a socket. Default: the global WebSocket; where there is none, the state is `disconnected`, `unsupported`. */
  readonly connect?: (url: string) => SocketLike;
  /** The socket is open; what is sent in here goes out before anything that was queued. */
  readonly onOpen?: () => void;
  /** Every message, `pong` and `reconnect` included. */
  readonly onMessage?: (message: Message) => void;
  /**
   * Asks once by HTTP, gives what came to whom it concerns, and says whether there was an answer; null: it was 401.
   * Without it nobody polls.
   */
  readonly poll?: (ask: PollRequest) => Promise<boolean | null>;
  /** What differs from protocol.md's numbers. */
  readonly policy?: Partial<Policy>;
  /** Hears every event with the state that came of it (the black box). */
  readonly record?: (event: Event, state: State, policy: Policy) => void;
  /** The page's life. Default: the browser's; in Deno nothing. */
  readonly page?: Page;
  /** Milliseconds, never going back. Default: the wall clock, held when it is set back. */
  readonly now?: () => number;
  /** A number in [0, 1). */
  readonly random?: () => number;
  /** Calls `wake` once after `delayMs` (at once where that is past), unless the function that it returns is called before. */
  readonly timer?: (wake: () => void, delayMs: number) => () => void;
}

/** One poll. */
export interface PollRequest {
  /** How long the answer may be held back until there is something to say, seconds (`wait`); 0: not at all. */
  readonly waitSeconds: number;
  /** Aborts when nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

/** What was counted. */
export interface SocketCounters {
  /** Messages that were not JSON, or had no `type`. */
  readonly malformed: number;
  /** Messages to send that found the queue full. */
  readonly dropped: number;
}

/** A connection that comes back by itself. All signals hold plain values; times are those of `now`. */
export interface Socket {
  /** The machine's state: idle, connecting, connected, reconnecting, disconnected. */
  readonly state: ReadonlySignal<StateName>;
  /** Why nobody tries any more; null while somebody does. */
  readonly why: ReadonlySignal<Why | null>;
  /** The number of the attempt that is waited for, or under way: 0 where the last one succeeded. */
  readonly attempt: ReadonlySignal<number>;
  /** When the next attempt begins (ms, see `now`); null: none is waited for. */
  readonly nextRetryAt: ReadonlySignal<number | null>;
  /** The last failure in words; it stays after the recovery. */
  readonly lastError: ReadonlySignal<string | null>;
  /** The last round trip, ping to pong, in milliseconds. */
  readonly roundTripMs: ReadonlySignal<number | null>;
  /** Readings come by polling: there is no connection, and the last poll was answered. */
  readonly polling: ReadonlySignal<boolean>;
  /** The browser believes that it has a network. */
  readonly online: ReadonlySignal<boolean>;
  /** Since when it is `connected`; where it is not, since when nothing was heard (ms, see `now`). */
  readonly since: ReadonlySignal<number>;
  /** How often a connection was opened: one more than the reconnects. */
  readonly opened: ReadonlySignal<number>;
  /** See {@linkcode SocketCounters}. */
  readonly counters: ReadonlySignal<SocketCounters>;
  /** The clock of every time in here, ms: for countdowns. */
  now(): number;
  /** Begins; does nothing where it has begun. */
  connect(): void;
  /** Ends: no socket, no timer, no listener, no poll is left. */
  disconnect(): void;
  /** Closes what there is and tries at once, with no failure held against it: the retry button. */
  reconnect(): void;
  /** Sends (objects as JSON) and answers true, or queues for the next connection and answers false. */
  send(message: object | string): boolean;
}
