// The shell round the machine: runs its effects (sockets, one timer, polls), feeds it what happens, and shows its state as signals.
// It decides nothing; what agents and browsers differ in comes in as parameters.

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { step, wakeAt } from "./machine.ts";
import { browserPage, type Page } from "./page.ts";
import { defaultPolicy, longPollWaitMs, type Policy } from "./policy.ts";
import {
  type Cause,
  type Effect,
  type Event,
  initialState,
  type State,
  type StateName,
  type Why,
} from "./states.ts";

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
  /** Called before `onclose` when it failed. */
  onerror: ((event: globalThis.Event) => void) | null;
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
  /** Opens a socket. Default: the global WebSocket; where there is none, the state is `disconnected`, `unsupported`. */
  readonly connect?: (url: string) => SocketLike;
  /** The socket is open; what is sent in here goes out before anything that was queued. */
  readonly onOpen?: () => void;
  /** Every message, `pong` and `reconnect` included. */
  readonly onMessage?: (message: Message) => void;
  /** Asks once by HTTP, gives what came to whom it concerns, and says whether there was an answer. Without it nobody polls. */
  readonly poll?: (ask: PollRequest) => Promise<boolean>;
  /** What differs from protocol.md's numbers. */
  readonly policy?: Partial<Policy>;
  /** At most this many messages wait for the socket; the oldest is dropped, and counted. Default 100. */
  readonly queueLimit?: number;
  /** Hears every event with the state that came of it (the black box). */
  readonly record?: (event: Event, state: State, policy: Policy) => void;
  /** The page's life. Default: the browser's; in Deno nothing. */
  readonly page?: Page;
  /** Milliseconds, never going back. Default: the wall clock, held when it is set back. */
  readonly now?: () => number;
  /** A number in [0, 1). */
  readonly random?: () => number;
  /** Calls `wake` once after `delayMs`, unless the function that it returns is called before. */
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
  /** `attempt` never gets beyond this. */
  readonly maxAttempts: number;
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
  /** When `state` last changed (ms, see `now`). */
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

/** Makes a socket; nothing happens before `connect`. It never throws: what fails is in `lastError`. */
export function createSocket(options: SocketOptions): Socket {
  const { page = browserPage, now = neverBack(Date.now), random = Math.random, timer = oneShot } = options;
  const policy: Policy = { ...defaultPolicy, ...options.policy, polls: !!options.poll };
  const machine = signal(initialState);
  const counters = signal<SocketCounters>({ malformed: 0, dropped: 0 });
  const causes: Cause[] = [];
  const queue: string[] = [];
  let state = initialState;
  let running = false;
  let socket: SocketLike | null = null;
  /** Names the newest attempt: what an older one brings is not heard. */
  let attempt = 0;
  let alarmAt = Infinity;
  let cancelAlarm = () => {};
  let asking: AbortController | null = null;
  let leavePage: (() => void) | null = null;

  /** One event at a time: what an effect brings about waits for its turn. */
  function dispatch(cause: Cause): void {
    causes.push(cause);
    if (running) return;
    running = true;
    for (let next = causes.shift(); next; next = causes.shift()) {
      const event: Event = { ...next, at: now(), random: random() };
      const [after, effects] = step(state, event, policy);
      state = after;
      options.record?.(event, after, policy);
      for (const effect of effects) run[effect]();
    }
    running = false;
    arm();
    machine.value = state;
  }

  const run: Record<Effect, () => void> = {
    open,
    close: () => detach()?.close(1000),
    ping: () => socket?.send('{"type":"ping"}'),
    poll: () => ask(0),
    long_poll: () => ask(longPollWaitMs / 1000),
    abandon() {
      asking?.abort();
      asking = null;
    },
  };

  /** One timer, never later than the machine wishes; a tick too early costs nothing. */
  function arm(): void {
    const at = wakeAt(state);
    if (at < alarmAt || at === Infinity) {
      cancelAlarm();
      alarmAt = at;
      if (at < Infinity) cancelAlarm = timer(tick, Math.min(longestDelayMs, Math.max(0, at - now())));
    }
  }

  function tick(): void {
    alarmAt = Infinity;
    dispatch({ type: "tick" });
  }

  async function open(): Promise<void> {
    const mine = ++attempt;
    let problem = "";
    try {
      const url = typeof options.url === "function" ? await options.url() : options.url;
      if (mine !== attempt) return;
      const made = url === null ? null : connect(url);
      if (!made) return dispatch({ type: "unsupported" });
      socket = made;
      made.onopen = () => {
        options.onOpen?.();
        for (const text of queue.splice(0)) made.send(text);
        dispatch({ type: "opened" });
      };
      made.onmessage = ({ data }) => hear(data);
      made.onerror = (event) => {
        problem = "message" in event && typeof event.message === "string" ? event.message : "";
      };
      made.onclose = ({ code, reason }) => {
        detach();
        dispatch({ type: "closed", code, reason: reason || problem });
      };
    } catch (error) {
      if (mine === attempt) {
        dispatch({ type: "closed", code: 1006, reason: error instanceof Error ? error.message : `${error}` });
      }
    }
  }

  function connect(url: string): SocketLike | null {
    if (options.connect) return options.connect(url);
    return typeof WebSocket === "undefined" ? null : new WebSocket(url);
  }

  /** Forgets the socket, and hears nothing from it any more. */
  function detach(): SocketLike | null {
    const old = socket;
    if (old) {
      old.onopen =
        old.onmessage =
        old.onerror =
        old.onclose =
          null;
    }
    attempt++;
    socket = null;
    return old;
  }

  function hear(text: unknown): void {
    const message = parse(text);
    const seconds = message?.type === "reconnect" ? message.retry_after : null;
    dispatch({
      type: "heard",
      pong: message?.type === "pong",
      retryAfterMs: typeof seconds === "number" ? seconds * 1000 : null,
    });
    if (message) options.onMessage?.(message);
    else count("malformed");
  }

  function count(name: keyof SocketCounters): void {
    counters.value = { ...counters.peek(), [name]: counters.peek()[name] + 1 };
  }

  function ask(waitSeconds: number): void {
    const mine = asking = new AbortController();
    const polled = (ok: boolean) => {
      if (asking !== mine) return;
      asking = null;
      dispatch({ type: "polled", ok });
    };
    options.poll?.({ waitSeconds, signal: mine.signal }).then(polled, () => polled(false));
  }

  function pick<Value>(of: (state: State) => Value): ReadonlySignal<Value> {
    return computed(() => of(machine.value));
  }

  function begin(type: "connect" | "reconnect"): void {
    leavePage ??= page((event) => dispatch({ type: event }));
    dispatch({ type });
  }

  return {
    state: pick(({ name }) => name),
    why: pick(({ why }) => why),
    attempt: pick(({ name, failures }) => name === "reconnecting" ? failures || 1 : 0),
    maxAttempts: policy.maxReconnectAttempts,
    nextRetryAt: pick(({ due }) => due.retry ?? null),
    lastError: pick(({ lastError }) => lastError),
    roundTripMs: pick(({ roundTripMs }) => roundTripMs),
    polling: pick(({ polling }) => polling),
    online: pick(({ online }) => online),
    since: pick(({ since }) => since),
    opened: pick(({ opened }) => opened),
    counters,
    now,
    connect: () => begin("connect"),
    disconnect() {
      dispatch({ type: "disconnect" });
      leavePage?.();
      leavePage = null;
    },
    reconnect: () => begin("reconnect"),
    send(message) {
      const text = typeof message === "string" ? message : JSON.stringify(message);
      if (socket?.readyState === openState) {
        socket.send(text);
        return true;
      }
      queue.push(text);
      if (queue.length > (options.queueLimit ?? 100)) {
        queue.shift();
        count("dropped");
      }
      return false;
    },
  };
}

/** WebSocket.OPEN, where the constructor may be missing. */
const openState = 1;
/** What timers can wait for: 2³¹ − 1 ms (HTML, "timer initialization steps"); the machine judges by time, so waking early is well. */
const longestDelayMs = 2 ** 31 - 1;

function oneShot(wake: () => void, delayMs: number): () => void {
  const id = setTimeout(wake, delayMs);
  return () => clearTimeout(id);
}

/** A wall clock that stands still when it is set back: a deadline never moves away. */
function neverBack(clock: () => number): () => number {
  let shift = 0;
  let last = 0;
  return () => {
    const time = clock() + shift;
    shift += Math.max(0, last - time);
    return last = Math.max(last, time);
  };
}

function parse(text: unknown): Message | null {
  try {
    const message = typeof text === "string" ? JSON.parse(text) : null;
    return typeof message?.type === "string" ? message : null;
  } catch {
    return null;
  }
}
