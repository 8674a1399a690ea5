// The life of a connection as a pure function: (state, event) → [state, effects]. protocol.md, "The client's states".
// No timer, no socket and no clock in here: an event carries its time and its random number, the shell runs the effects
// and sends a `tick` at `wakeAt`. What is due is judged by timestamps, so late ticks (hidden tabs, sleep) do no harm.

import { afterClose } from "../protocol/browser.ts";
import { backoffMs, defaultPolicy, jittered, type Policy } from "./policy.ts";
import { duePoll, type Poll, polled, schedulePoll } from "./polling.ts";

/** Why there is no connection, and nobody tries. */
export type Why =
  /** `disconnect` was called. */
  | "asked"
  /** Too many failures in a row. A person, `online` or a tab becoming visible starts again; polls go on. */
  | "gave_up"
  /** The relay closed with a code that says not to return. Only a person starts again. */
  | "stopped"
  /** There is no WebSocket here, or no address for one; polls go on. */
  | "unsupported";

/** Where the connection stands. Times are milliseconds of the shell's clock. */
export type Link =
  /** Not asked to connect; `parked`: the page lies in the back-forward cache and connects when it comes back. */
  | { readonly name: "idle"; readonly parked: boolean }
  /** The first attempt, or one that a person asked for; failed at `dueAt`. */
  | { readonly name: "connecting"; readonly dueAt: number }
  | {
    readonly name: "connected";
    readonly openedAt: number;
    readonly heardAt: number;
    /** Has delivered a message. */
    readonly proven: boolean;
    /** When the next ping is due. */
    readonly pingAt: number;
    /** When the ping was sent that has no pong yet. */
    readonly pingedAt: number | null;
    /** When the relay, about to restart, wants this client back. */
    readonly returnAt: number | null;
  }
  /** Waits until `dueAt` for the next attempt, or is in it until `dueAt` at the latest. */
  | { readonly name: "reconnecting"; readonly phase: "waiting" | "opening"; readonly dueAt: number }
  | { readonly name: "disconnected"; readonly why: Why };

/** Everything that the machine knows. */
export interface State {
  readonly link: Link;
  /** When `link.name` last changed. */
  readonly since: number;
  /** Failures in a row. */
  readonly failures: number;
  /** How often a connection was opened. */
  readonly opened: number;
  /** The last failure in words. */
  readonly lastError: string | null;
  /** The last round trip, ping to pong. */
  readonly roundTripMs: number | null;
  /** What the browser says about its network. */
  readonly online: boolean;
  readonly visible: boolean;
  /** The polling that stands in while there is no connection. */
  readonly poll: Poll | null;
}

/** What happened. */
export type Cause =
  | { readonly type: "connect" | "disconnect" | "reconnect" }
  | { readonly type: "opened" }
  | { readonly type: "heard" | "pong" }
  /** The relay's `reconnect` message. */
  | { readonly type: "told"; readonly retryAfterMs: number }
  | { readonly type: "closed"; readonly code: number; readonly reason: string }
  /** No WebSocket here, or no address for one. */
  | { readonly type: "unsupported" }
  | { readonly type: "tick" }
  | { readonly type: PageEvent }
  | { readonly type: "polled"; readonly ok: boolean };

/** What a page lives through. */
export type PageEvent = "visible" | "hidden" | "online" | "offline" | "pagehide" | "pageshow";

/** What happened, when (ms of the shell's clock), and a number in [0, 1) drawn for it. */
export type Event = Cause & { readonly at: number; readonly random: number };

/** What the shell has to do: `open` a socket, `close` the one it has, send a `ping`, `poll` once, `abandon` the poll under way. */
export type Effect = "open" | "close" | "ping" | "poll" | "abandon";

/** The next state, and what to do, in order. */
export type Step = readonly [State, readonly Effect[]];

/** Before anything happened. */
export const initialState: State = {
  link: { name: "idle", parked: false },
  since: 0,
  failures: 0,
  opened: 0,
  lastError: null,
  roundTripMs: null,
  online: true,
  visible: true,
  poll: null,
};

/** What `event` makes of `state`. */
export function step(state: State, event: Event, policy: Policy = defaultPolicy): Step {
  const [next, effects] = react(state, event, policy);
  return [next.link.name === state.link.name ? next : { ...next, since: event.at }, effects];
}

/** When the machine wants its next `tick`; null: never. */
export function wakeAt({ link, poll, visible }: State, policy: Policy = defaultPolicy): number | null {
  const times = [poll?.dueAt, "dueAt" in link ? link.dueAt : null];
  if (link.name === "connected") {
    times.push(
      link.heardAt + policy.silenceTimeoutMs,
      link.returnAt,
      link.pingedAt !== null ? link.pingedAt + policy.heartbeatTimeoutMs : visible ? link.pingAt : null,
    );
  }
  const due = times.filter((time) => typeof time === "number");
  return due.length ? Math.min(...due) : null;
}

function react(state: State, event: Event, policy: Policy): Step {
  const { link } = state;
  const { at } = event;
  switch (event.type) {
    case "connect":
      return link.name === "idle" || link.name === "disconnected" ? start(state, at, policy) : [state, []];
    case "reconnect":
      return start(state, at, policy);
    case "disconnect":
      return stop(state, { name: "disconnected", why: "asked" });
    case "opened":
      return hasSocket(link) && link.name !== "connected"
        ? [{
          ...state,
          opened: state.opened + 1,
          poll: null,
          link: {
            name: "connected",
            openedAt: at,
            heardAt: at,
            proven: false,
            pingAt: at + policy.firstPingMs,
            pingedAt: null,
            returnAt: null,
          },
        }, abandoned(state)]
        : [state, []];
    case "heard":
      return link.name === "connected"
        ? [{ ...state, link: { ...link, heardAt: at, proven: true } }, []]
        : [state, []];
    case "pong":
      return link.name === "connected"
        ? [{
          ...state,
          roundTripMs: link.pingedAt === null ? state.roundTripMs : at - link.pingedAt,
          link: { ...link, heardAt: at, proven: true, pingedAt: null },
        }, []]
        : [state, []];
    case "told":
      return link.name === "connected"
        ? [{ ...state, link: { ...link, heardAt: at, proven: true, returnAt: at + event.retryAfterMs } }, []]
        : [state, []];
    case "closed":
      return hasSocket(link) ? closed(state, event, policy) : [state, []];
    case "unsupported":
      return hasSocket(link)
        ? [{ ...state, link: { name: "disconnected", why: "unsupported" } }, []]
        : [state, []];
    case "tick": {
      const [next, effects] = dueLink(state, event, policy);
      const [poll, asked] = duePoll(next.poll, at, policy);
      return [{ ...next, poll }, [...effects, ...asked]];
    }
    case "polled":
      return [{ ...state, poll: polled(state.poll, event.ok, at, policy) }, []];
    case "visible":
      return wake({ ...state, visible: true }, at, policy);
    case "hidden":
      return [{ ...state, visible: false }, []];
    case "online":
      return wake({ ...state, online: true }, at, policy);
    case "offline":
      return ping({ ...state, online: false }, at, policy);
    case "pagehide":
      return isWanted(link) ? stop(state, { name: "idle", parked: true }) : [state, []];
    case "pageshow":
      return link.name === "idle" && link.parked ? start(state, at, policy) : [state, []];
  }
}

function hasSocket(link: Link): boolean {
  return link.name === "connecting" || link.name === "connected" ||
    link.name === "reconnecting" && link.phase === "opening";
}

function isWanted(link: Link): boolean {
  return link.name === "disconnected"
    ? link.why === "gave_up" || link.why === "unsupported"
    : link.name !== "idle";
}

function abandoned({ poll }: State): readonly Effect[] {
  return poll?.phase === "asking" ? ["abandon"] : [];
}

/** An end that nothing but a person, or the page's return, changes. */
function stop(state: State, link: Link): Step {
  const effects: Effect[] = hasSocket(state.link) ? ["close"] : [];
  return [{ ...state, link, poll: null }, [...effects, ...abandoned(state)]];
}

/** A fresh start, with no failure held against it. */
function start(state: State, at: number, policy: Policy): Step {
  return open(
    { ...state, failures: 0 },
    { name: "connecting", dueAt: at + policy.openTimeoutMs },
    at,
    policy,
  );
}

/** The next attempt in a row. */
function retry(state: State, at: number, policy: Policy): Step {
  return open(
    state,
    { name: "reconnecting", phase: "opening", dueAt: at + policy.openTimeoutMs },
    at,
    policy,
  );
}

function open(state: State, link: Link, at: number, policy: Policy): Step {
  const poll = state.poll ?? schedulePoll(at, policy);
  return [{ ...state, link, poll }, hasSocket(state.link) ? ["close", "open"] : ["open"]];
}

function wait(state: State, dueAt: number, at: number, policy: Policy): Step {
  const poll = state.poll ?? schedulePoll(at, policy);
  return [{ ...state, poll, link: { name: "reconnecting", phase: "waiting", dueAt } }, []];
}

/** A socket that proved itself ends the row of failures. */
function settled(state: State, at: number, policy: Policy): State {
  const { link } = state;
  return link.name === "connected" && (link.proven || at - link.openedAt >= policy.stableMs)
    ? { ...state, failures: 0 }
    : state;
}

/** The socket is gone, or was never there: counts, and backs off or gives up. */
function failed(state: State, { at, random }: Event, policy: Policy): Step {
  const before = settled(state, at, policy);
  const failures = before.failures + 1;
  if (failures < policy.maxReconnectAttempts) {
    return wait({ ...before, failures }, at + backoffMs(failures, random, policy), at, policy);
  }
  const poll = state.poll ?? schedulePoll(at, policy);
  return [{ ...before, failures, poll, link: { name: "disconnected", why: "gave_up" } }, []];
}

/** The machine itself takes the socket for dead. */
function dropped(state: State, event: Event, policy: Policy, lastError: string): Step {
  const [next, effects] = failed({ ...state, lastError }, event, policy);
  return [next, ["close", ...effects]];
}

/** The socket was closed from elsewhere: the code says what to do. */
function closed(state: State, event: Event & { readonly type: "closed" }, policy: Policy): Step {
  const { at, random, code, reason } = event;
  const told: State = { ...state, lastError: `${reason || "connection lost"} (${code})` };
  const returnAt = state.link.name === "connected" ? state.link.returnAt : null;
  const after = afterClose(code);
  switch (after) {
    case "stop":
      return [{ ...told, link: { name: "disconnected", why: "stopped" }, poll: null }, abandoned(state)];
    case "at_once":
      return retry(wait(settled(told, at, policy), at, at, policy)[0], at, policy);
    case "later":
    case "backoff":
      if (after === "backoff" && returnAt === null) return failed(told, event, policy);
      return wait(
        settled(told, at, policy),
        returnAt ?? at + jittered(policy.laterMs, random, policy),
        at,
        policy,
      );
  }
}

/** What is due of the link at the time of a tick. */
function dueLink(state: State, event: Event, policy: Policy): Step {
  const { link } = state;
  const { at } = event;
  switch (link.name) {
    case "idle":
    case "disconnected":
      return [state, []];
    case "reconnecting":
    case "connecting":
      if (at < link.dueAt) return [state, []];
      return hasSocket(link)
        ? dropped(state, event, policy, `no connection within ${seconds(policy.openTimeoutMs)}`)
        : retry(state, at, policy);
    case "connected":
      if (at >= link.heardAt + policy.silenceTimeoutMs) {
        return dropped(state, event, policy, `nothing heard for ${seconds(policy.silenceTimeoutMs)}`);
      }
      if (link.pingedAt !== null && at >= link.pingedAt + policy.heartbeatTimeoutMs) {
        return dropped(state, event, policy, `no pong within ${seconds(policy.heartbeatTimeoutMs)}`);
      }
      if (link.returnAt !== null && at >= link.returnAt) return retry(settled(state, at, policy), at, policy);
      return at >= link.pingAt && link.pingedAt === null ? ping(state, at, policy) : [state, []];
  }
}

/** A hidden tab sends no pings. */
function ping(state: State, at: number, policy: Policy): Step {
  const { link } = state;
  return link.name === "connected" && state.visible
    ? [{ ...state, link: { ...link, pingedAt: at, pingAt: at + policy.heartbeatIntervalMs } }, ["ping"]]
    : [state, []];
}

/** Somebody looks, or the network is back: makes sure of a connection now, and of a poll where there is none. */
function wake(state: State, at: number, policy: Policy): Step {
  const { link, poll } = state;
  const woken: State = poll?.phase === "waiting" ? { ...state, poll: { ...poll, dueAt: at } } : state;
  if (link.name === "disconnected" && link.why === "gave_up") return start(woken, at, policy);
  if (link.name === "reconnecting" && link.phase === "waiting") return retry(woken, at, policy);
  return ping(woken, at, policy);
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}
