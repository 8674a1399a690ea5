// The life of a connection as a pure function: (state, event) → [state, effects]. protocol.md, "The client's states".
// No timer, no socket and no clock in here: an event carries its time and its random number, the shell runs the effects
// and sends a `tick` at `wakeAt`. What is due is judged by timestamps, so late ticks (hidden tabs, sleep) do no harm.

import { afterClose } from "../protocol/browser.ts";
import {
  backoffMs,
  defaultPolicy,
  firstPingMs,
  jittered,
  laterMs,
  openTimeoutMs,
  type Policy,
  pollGraceMs,
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

/** One step under way; it never leaves `step`. */
interface Turn {
  state: State;
  readonly event: Event;
  readonly policy: Policy;
  readonly effects: Effect[];
}

/** What `event` makes of `state`. */
export function step(state: State, event: Event, policy: Policy = defaultPolicy): Step {
  const turn: Turn = { state, event, policy, effects: [] };
  react(turn);
  return [turn.state, turn.effects];
}

/** When the machine wants its next `tick`; Infinity: never. */
export function wakeAt({ due }: State): number {
  return Object.values(due).reduce<number>((first, time = Infinity) => Math.min(first, time), Infinity);
}

function react(turn: Turn): void {
  const { state, event } = turn;
  const { name, why } = state;
  switch (event.type) {
    case "connect":
      if (name === "idle" || why) start(turn);
      break;
    case "reconnect":
      start(turn);
      break;
    case "disconnect":
      enter(turn, "disconnected", {}, "asked");
      break;
    case "opened":
      if (state.due.open) opened(turn);
      break;
    case "heard":
      if (name === "connected") heard(turn, event);
      break;
    case "closed":
      if (hasSocket(state)) closed(turn, event);
      break;
    case "unsupported":
      if (hasSocket(state)) enter(turn, "disconnected", {}, "unsupported");
      break;
    case "polled":
      if (state.due.answer) polled(turn, event.ok);
      break;
    case "tick":
      for (const what of deadlines) {
        if (event.at >= (turn.state.due[what] ?? Infinity)) expire(turn, what);
      }
      break;
    case "visible":
    case "hidden":
      change(turn, { visible: event.type === "visible" });
      if (event.type === "visible") wake(turn);
      break;
    case "online":
    case "offline":
      change(turn, { online: event.type === "online" });
      if (event.type === "online") wake(turn);
      else ping(turn);
      break;
    case "pagehide":
      if (name !== "idle" && !isOver(why)) enter(turn, "disconnected", {}, "parked");
      break;
    case "pageshow":
      if (why === "parked") start(turn);
  }
}

/** A deadline has passed. */
function expire(turn: Turn, what: Deadline): void {
  const { policy, effects, event: { at } } = turn;
  switch (what) {
    case "silence":
      return failed(turn, `nothing heard for ${policy.silenceTimeoutMs / 1000} s`);
    case "pong":
      return failed(turn, `no pong within ${policy.heartbeatTimeoutMs / 1000} s`);
    case "open":
      return failed(turn, `no connection within ${openTimeoutMs / 1000} s`);
    case "retry":
    case "back":
      return open(turn);
    case "stable":
      return change(turn, { failures: 0 }, { stable: undefined });
    case "ping":
      return ping(turn);
    case "poll":
      effects.push("poll");
      return change(turn, {}, { poll: undefined, answer: at + pollTimeoutMs });
    case "answer":
      effects.push("abandon");
      return polled(turn, false);
  }
}

function change(turn: Turn, changes: Partial<State>, due: Due = {}): void {
  turn.state = { ...turn.state, ...changes, due: { ...turn.state.due, ...due } };
}

/** Another state, with its own deadlines; what follows for socket and polls follows here, and only here. */
function enter(turn: Turn, name: StateName, due: Due, why: Why | null = null): void {
  const { state, event: { at, type }, effects } = turn;
  const { poll, answer } = state.due;
  const polls = turn.policy.polls && name !== "connected" && !isOver(why);
  if (hasSocket(state) && name !== "connected" && type !== "closed") effects.push("close");
  if (due.open) effects.push("open");
  if (answer && !polls) effects.push("abandon");
  turn.state = {
    ...state,
    name,
    why,
    since: name === state.name ? state.since : at,
    due: polls ? { ...due, answer, poll: answer ? undefined : poll ?? at + pollGraceMs } : due,
    polling: polls && state.polling,
    unanswered: polls ? state.unanswered : 0,
  };
}

function hasSocket({ name, due }: State): boolean {
  return name === "connected" || !!due.open;
}

/** Whether nobody wants a connection any more, nor polls in its place. */
function isOver(why: Why | null): boolean {
  return why === "asked" || why === "stopped" || why === "parked";
}

/** A fresh start, with no failure held against it. */
function start(turn: Turn): void {
  change(turn, { failures: 0 });
  open(turn);
}

function open(turn: Turn): void {
  const { state: { opened, failures }, event: { at } } = turn;
  enter(turn, opened || failures ? "reconnecting" : "connecting", { open: at + openTimeoutMs });
}

function opened(turn: Turn): void {
  const { state, policy, event: { at } } = turn;
  change(turn, { opened: state.opened + 1 });
  enter(turn, "connected", {
    silence: at + policy.silenceTimeoutMs,
    stable: at + stableMs,
    ping: at + firstPingMs,
  });
}

function heard(turn: Turn, { at, pong, retryAfterMs }: Event & { readonly type: "heard" }): void {
  const { policy, state: { due, roundTripMs } } = turn;
  change(
    turn,
    { failures: 0, roundTripMs: pong && due.pong ? at - due.pong + policy.heartbeatTimeoutMs : roundTripMs },
    {
      silence: at + policy.silenceTimeoutMs,
      stable: undefined,
      pong: pong ? undefined : due.pong,
      back: retryAfterMs === null ? due.back : at + retryAfterMs,
    },
  );
}

function failed(turn: Turn, lastError: string): void {
  const { state, policy, event: { at, random } } = turn;
  const failures = state.failures + 1;
  change(turn, { failures, lastError });
  if (failures < policy.maxReconnectAttempts) {
    enter(turn, "reconnecting", { retry: at + backoffMs(failures, random, policy) });
  } else enter(turn, "disconnected", {}, "gave_up");
}

/** The other side closed, or the network did: the code says what to do. */
function closed(turn: Turn, { at, random, code, reason }: Event & { readonly type: "closed" }): void {
  const { state, policy } = turn;
  const { back, stable = Infinity } = state.due;
  const lastError = `${reason || "connection lost"} (${code})`;
  const after = afterClose(code);
  change(turn, { lastError, failures: at < stable ? state.failures : 0 });
  switch (after) {
    case "stop":
      return enter(turn, "disconnected", {}, "stopped");
    case "at_once":
      return open(turn);
    case "later":
    case "backoff":
      if (after === "backoff" && !back) return failed(turn, lastError);
      return enter(turn, "reconnecting", { retry: back ?? at + jittered(laterMs, random, policy) });
  }
}

/** The poll under way was answered, or not: the next is due an interval after it was sent. */
function polled(turn: Turn, polling: boolean): void {
  const { state, event: { at } } = turn;
  const unanswered = polling ? 0 : state.unanswered + 1;
  const askedAt = (state.due.answer ?? at) - pollTimeoutMs;
  const poll = Math.max(at, askedAt + pollIntervalMs(unanswered));
  change(turn, { polling, unanswered }, { answer: undefined, poll });
}

/** A hidden tab sends no pings. */
function ping(turn: Turn): void {
  const { state: { name, visible }, event: { at }, policy, effects } = turn;
  if (name !== "connected") return;
  const ping = at + policy.heartbeatIntervalMs;
  if (visible) effects.push("ping");
  change(turn, {}, visible ? { ping, pong: at + policy.heartbeatTimeoutMs } : { ping });
}

/** Somebody looks, or the network is back: makes sure of the connection now, and of a poll where there is none. */
function wake(turn: Turn): void {
  const { state: { due, why }, event: { at } } = turn;
  if (due.poll) change(turn, {}, { poll: at });
  if (why === "gave_up") start(turn);
  else if (due.retry) open(turn);
  else ping(turn);
}
