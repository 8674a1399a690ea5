// The shell round the machine: runs its effects (sockets, one timer, polls), feeds it what happens, and shows its state as signals.
// It decides nothing; what agents and browsers differ in comes in as parameters.

import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import { step, wakeAt } from "./machine.ts";
import type { Message, Socket, SocketCounters, SocketLike, SocketOptions } from "./door.ts";
import { browserPage } from "./page.ts";
import { defaultPolicy, longPollWaitMs, type Policy } from "./policy.ts";
import { type Cause, type Effect, type Event, initialState, type State } from "./states.ts";

/** Makes a socket; nothing happens before `connect`. It never throws: what fails is in `lastError`. */
export function createSocket(options: SocketOptions): Socket {
  const { page = browserPage, now = neverBack(Date.now), random = Math.random, timer = oneShot } = options;
  const policy: Policy = { ...defaultPolicy, ...options.policy, polls: !!options.poll };
  const machine = signal(initialState);
  const counters = signal<SocketCounters>({ malformed: 0, dropped: 0 });
  const queue: string[] = [];
  let state = initialState;
  let socket: SocketLike | null = null;
  /** Names the newest attempt: what an older one brings is not heard. */
  let attempt = 0;
  let alarmAt = Infinity;
  let cancelAlarm = () => {};
  let asking: AbortController | null = null;
  let leavePage: (() => void) | null = null;

  function dispatch(cause: Cause): void {
    const event: Event = { ...cause, at: now(), random: random() };
    const [after, effects] = step(state, event, policy);
    state = after;
    options.record?.(event, after, policy);
    for (const effect of effects) run[effect]();
    arm();
    machine.value = after;
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
      if (at < Infinity) cancelAlarm = timer(tick, Math.max(0, Math.min(longestDelayMs, at - now())));
    }
  }

  function tick(): void {
    alarmAt = Infinity;
    dispatch({ type: "tick" });
  }

  /** No event comes of this before the effects of the step that wanted it are done: it always waits for the address. */
  async function open(): Promise<void> {
    const mine = ++attempt;
    try {
      const url = await (typeof options.url === "function" ? options.url() : options.url);
      if (mine !== attempt) return;
      const made = url === null || options.enabled === false ? null : connect(url);
      if (!made) return dispatch({ type: "unsupported" });
      socket = made;
      made.onopen = () => {
        options.onOpen?.();
        for (const text of queue.splice(0)) made.send(text);
        dispatch({ type: "opened" });
      };
      made.onmessage = ({ data }) => hear(data);
      made.onclose = ({ code, reason }) => {
        detach();
        dispatch({ type: "closed", code, reason });
      };
    } catch (error) {
      if (mine === attempt) dispatch({ type: "closed", code: 1006, reason: `${error}` });
    }
  }

  function connect(url: string): SocketLike | null {
    if (options.connect) return options.connect(url);
    return typeof WebSocket === "undefined" ? null : new WebSocket(url);
  }

  /** Forgets the socket, and hears nothing from it any more. */
  function detach(): SocketLike | null {
    const old = socket;
    if (old) old.onopen = old.onmessage = old.onclose = null;
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
    const polled = (ok: boolean | null) => {
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
      if (queue.length > queueLimit) {
        queue.shift();
        count("dropped");
      }
      return false;
    },
  };
}

/** Messages that wait for a connection; protocol.md, "The client's states". */
const queueLimit = 100;
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
