// What the machine knows, hears and wants.

import { longPollTries } from "./policy.ts";

/** The states of protocol.md, "The client's states". */
export type StateName = "idle" | "connecting" | "connected" | "reconnecting" | "disconnected";

/** Why there is no connection, and nobody tries. */
export type Why =
  /** `disconnect` was called. */
  | "asked"
  /** Too many failed attempts in a row. A person, `online` or a tab becoming visible starts again; polls go on. */
  | "gave_up"
  /** The relay closed with a code that says not to return. Only a person starts again. */
  | "stopped"
  /** The relay does not know this viewer, or not any more: who has logged in again starts again. */
  | "unauthenticated"
  /** There is no WebSocket here, or no address for one; polls go on. */
  | "unsupported"
  /** The page lies in the back-forward cache; its return starts again. */
  | "parked";

/** What can be due, in the order in which it is looked at. */
export const deadlines = [
  /** The connection has held long enough to count as a success. */
  "stable",
  /** Nothing was heard for too long. */
  "silence",
  /** The ping sent last should have had its pong. */
  "pong",
  /** The attempt under way should have opened. */
  "open",
  /** The next attempt begins. */
  "retry",
  /** The relay, about to restart, wants this client back. */
  "back",
  /** The next ping. */
  "ping",
  /** The next poll. */
  "poll",
  /** The poll under way should have been answered. */
  "answer",
] as const;

/** See {@linkcode deadlines}. */
export type Deadline = typeof deadlines[number];

/** What is due when, in milliseconds of the shell's clock. */
export type Due = { readonly [what in Deadline]?: number | undefined };

/** Everything that the machine knows; it survives JSON. */
export interface State {
  /** Where the connection stands. */
  readonly name: StateName;
  /** Why it is `disconnected`. */
  readonly why: Why | null;
  /** Since when it is `connected`; where it is not, since when nothing was heard. */
  readonly since: number;
  /** What the machine waits for; `open` or `retry` tell an attempt under way from the wait for one. */
  readonly due: Due;
  /** Failures in a row: the loss of the connection, or of the first attempt at one, and every failed attempt since. */
  readonly failures: number;
  /** How often a connection was opened. */
  readonly opened: number;
  /** The last failure in words. */
  readonly lastError: string | null;
  /** The last round trip, ping to pong. */
  readonly roundTripMs: number | null;
  /** What the browser says about its network. */
  readonly online: boolean;
  /** Whether the tab can be seen; always true where there is none. */
  readonly visible: boolean;
  /** The last poll was answered: readings come this way. */
  readonly polling: boolean;
  /** Polls without an answer, in a row. */
  readonly unanswered: number;
  /** When the last poll was sent. */
  readonly askedAt: number;
  /** That was a long one. */
  readonly askedLong: boolean;
  /** How many long polls may still fail before they are given up: remembered as long as the page lives. */
  readonly patience: number;
}

/** Before anything happened. */
export const initialState: State = {
  name: "idle",
  why: null,
  since: 0,
  due: {},
  failures: 0,
  opened: 0,
  lastError: null,
  roundTripMs: null,
  online: true,
  visible: true,
  polling: false,
  unanswered: 0,
  askedAt: 0,
  askedLong: false,
  patience: longPollTries,
};

/** What a page lives through. */
export type PageEvent = "visible" | "hidden" | "online" | "offline" | "pagehide" | "pageshow";

/** What happened. */
export type Cause =
  /** Somebody asked for it. */
  | { readonly type: "connect" | "disconnect" | "reconnect" }
  /** The attempt under way succeeded. */
  | { readonly type: "opened" }
  /** A message came: maybe a `pong`, maybe the relay's `reconnect` with its `retry_after`. */
  | { readonly type: "heard"; readonly pong: boolean; readonly retryAfterMs: number | null }
  /** The attempt or the connection ended, and not by this side's will. */
  | { readonly type: "closed"; readonly code: number; readonly reason: string }
  /** No WebSocket here, or no address for one. */
  | { readonly type: "unsupported" }
  /** The poll under way was answered, or failed; null: it was refused, whoever this is must log in. */
  | { readonly type: "polled"; readonly ok: boolean | null }
  /** Time has passed. */
  | { readonly type: "tick" }
  | { readonly type: PageEvent };

/** What happened, when (ms of the shell's clock), and a number in [0, 1) drawn for it. */
export type Event = Cause & { readonly at: number; readonly random: number };

/**
 * What the shell has to do: `open` a socket, `close` the one it has, send a `ping`, `poll` once, or once by a `long_poll` that
 * is answered when there is something to tell, `abandon` the poll under way.
 */
export type Effect = "open" | "close" | "ping" | "poll" | "long_poll" | "abandon";

/** The next state, and what to do, in order. */
export type Step = readonly [State, readonly Effect[]];
