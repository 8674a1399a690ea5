// The life of a connection as a pure function: (state, event) → [state, effects]. protocol.md, "The client's states".
// No timer, no socket and no clock in here: an event carries its time and its random number, the shell runs the effects
// and sends a `tick` at `wakeAt`. What is due is judged by timestamps, so late ticks (hidden tabs, sleep) do no harm.

import { afterClose, closeCode } from "../protocol/browser.ts";
import {
  backoffMs,
  defaultPolicy,
  firstPingMs,
  jittered,
  laterMs,
  longPollGapMs,
  longPollTries,
  longPollWaitMs,
  openTimeoutMs,
  type Policy,
  pollIntervalMs,
  pollTimeoutMs,
  stableMs,
} from "./policy.ts";
import {
  type Deadline,
  deadlines,
  type Due,
  type Effect,
  type Event,
  type State,
  type StateName,
  type Step,
  type Why,
} from "./states.ts";

/** When the machine wants its next `tick`; Infinity: never. */
export function wakeAt({ due }: State): number {
  return Math.min(...Object.values(due).map((time = Infinity) => time));
}

/** The next state while it is being made; it leaves `step` finished. */
type Draft = { -readonly [Field in keyof State]: State[Field] };

/** What `event` makes of a state. The parts of a step are functions in here because they share its draft: fewest bytes, no plumbing. */
export function step(before: State, event: Event, policy: Policy = defaultPolicy): Step {
  const state: Draft = { ...before };
  const effects: Effect[] = [];
  const { at, random } = event;
  const { due } = before;

  /** Another state, with its own deadlines; what follows for the socket and the polls follows here, and only here. */
  function enter(name: StateName, next: Due, why: Why | null = null): void {
    const polls = policy.polls && name !== "connected" && !isOver(why);
    const { poll, answer } = state.due;
    if (hasSocket(state) && name !== "connected" && event.type !== "closed") effects.push("close");
    if (next.open) effects.push("open");
    if (answer && !polls) effects.push("abandon");
    state.due = polls
      ? { ...next, answer, poll: answer ? undefined : poll ?? at + policy.pollGraceMs }
      : next;
    if (!polls) state.polling = false, state.unanswered = 0;
    // whatever becomes of the attempts to come back: what counts is when the other side was last heard
    const heardAt = (due.silence ?? NaN) - policy.silenceTimeoutMs;
    state.since = name === "connected" ? at : heardAt || state.since || at;
    state.name = name;
    state.why = why;
  }

  function set(changes: Due): void {
    state.due = { ...state.due, ...changes };
  }

  /** A fresh start, with no failure held against it. */
  function start(): void {
    state.failures = 0;
    open();
  }

  function open(): void {
    enter(state.opened || state.failures ? "reconnecting" : "connecting", { open: at + openTimeoutMs });
  }

  function failed(what: string, forMs: number): void {
    state.lastError = `${what} for ${forMs / 1000} s`;
    giveUpOrWait();
  }

  function giveUpOrWait(): void {
    if (++state.failures <= policy.maxReconnectAttempts) wait(at + backoffMs(state.failures, random, policy));
    else enter("disconnected", {}, "gave_up");
  }

  function wait(retry: number): void {
    enter("reconnecting", { retry });
  }

  /** The other side closed, or the network did: the code says what to do. */
  function closed(code: number, reason: string): void {
    const after = afterClose(code);
    if (at >= (due.stable ?? Infinity)) state.failures = 0;
    state.lastError = `${reason || "connection lost"} (${code})`;
    if (after === "stop") {
      enter("disconnected", {}, code === closeCode.unauthenticated ? "unauthenticated" : "stopped");
    } else if (after === "at_once") open();
    else if (after === "later" || due.back) wait(due.back ?? at + jittered(laterMs, random, policy));
    else giveUpOrWait();
  }

  /** A hidden tab sends no pings. */
  function ping(): void {
    if (state.name !== "connected") return;
    set({ ping: at + policy.heartbeatIntervalMs });
    if (!state.visible) return;
    set({ pong: at + policy.heartbeatTimeoutMs });
    effects.push("ping");
  }

  /** Polls once: a long poll where the last one was answered, and they are not known to fail. */
  function ask(): void {
    const long = state.polling && state.patience > 0;
    effects.push(long ? "long_poll" : "poll");
    state.askedAt = at;
    state.askedLong = long;
    set({ poll: undefined, answer: at + pollTimeoutMs + (long ? longPollWaitMs : 0) });
  }

  /** The poll under way was answered, or not: the next is due an interval after it was sent. */
  function polled(ok: boolean | null): void {
    if (state.askedLong) state.patience = ok ? longPollTries : state.patience - 1;
    state.polling = ok === true;
    state.unanswered = ok ? 0 : state.unanswered + 1;
    const intervalMs = ok && state.patience ? longPollGapMs : pollIntervalMs(state.unanswered);
    set({ answer: undefined, poll: Math.max(at, state.askedAt + intervalMs) });
    if (ok === null) closed(closeCode.unauthenticated, "no token");
  }

  /** Somebody looks, or the network is back: makes sure of the connection now, and of a poll where there is none. */
  function wake(): void {
    if (due.poll) set({ poll: at });
    if (state.why === "gave_up") start();
    else if (due.retry) open();
    else ping();
  }

  /** A deadline has passed. */
  function expire(what: Deadline): void {
    switch (what) {
      case "silence":
        return failed("nothing heard", policy.silenceTimeoutMs);
      case "pong":
        return failed("no pong", policy.heartbeatTimeoutMs);
      case "open":
        return failed("no connection", openTimeoutMs);
      case "retry":
      case "back":
        return open();
      case "stable":
        state.failures = 0;
        return set({ stable: undefined });
      case "ping":
        return ping();
      case "poll":
        return ask();
      case "answer":
        effects.push("abandon");
        return polled(false);
    }
  }

  switch (event.type) {
    case "connect":
      if (state.name === "idle" || state.why) start();
      break;
    case "reconnect":
      start();
      break;
    case "disconnect":
      enter("disconnected", {}, "asked");
      break;
    case "opened":
      if (!due.open) break;
      state.opened++;
      enter("connected", {
        silence: at + policy.silenceTimeoutMs,
        stable: at + stableMs,
        ping: at + firstPingMs,
      });
      break;
    case "heard":
      if (state.name !== "connected") break;
      state.failures = 0;
      set({ silence: at + policy.silenceTimeoutMs, stable: undefined });
      if (event.pong && due.pong) {
        state.roundTripMs = at - due.pong + policy.heartbeatTimeoutMs;
        set({ pong: undefined });
      }
      if (event.retryAfterMs !== null) set({ back: at + event.retryAfterMs });
      break;
    case "closed":
      if (hasSocket(state)) closed(event.code, event.reason);
      break;
    case "unsupported":
      if (hasSocket(state)) enter("disconnected", {}, "unsupported");
      break;
    case "polled":
      if (due.answer) polled(event.ok);
      break;
    case "tick":
      for (const what of deadlines) if (at >= (state.due[what] ?? Infinity)) expire(what);
      break;
    case "visible":
      state.visible = true;
      wake();
      break;
    case "hidden":
      state.visible = false;
      break;
    case "online":
      state.online = true;
      wake();
      break;
    case "offline":
      state.online = false;
      ping();
      break;
    case "pagehide":
      if (state.name !== "idle" && !isOver(state.why)) enter("disconnected", {}, "parked");
      break;
    case "pageshow":
      if (state.why === "parked") start();
  }
  return [state, effects];
}

function hasSocket({ name, due }: State): boolean {
  return name === "connected" || !!due.open;
}

/** Whether nobody wants a connection any more, nor polls in its place. */
function isOver(why: Why | null): boolean {
  return why !== null && why !== "gave_up" && why !== "unsupported";
}
