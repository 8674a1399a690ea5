// One socket for all tabs of a browser: who holds a Web Lock opens it and passes its frames on by BroadcastChannel; to the
// others' machines the channel looks like a WebSocket. Lock and channel live as long as an attempt and its connection, so a tab
// that is closed, left or frozen gives way to the next, which goes on from its own cursor. Optional: only who imports it ships it.

import type { SocketLike } from "./door.ts";

/** One stream, as a tab wants it. */
export interface SharedStream {
  /** The same in every tab, and another for every stream. */
  readonly name: string;
  /** The address of everything after the tab's cursor as it is now. */
  readonly address: () => Promise<string>;
  /** Brings by HTTP what lies between the tab's cursor and now; false: that failed. */
  readonly fill: (signal: AbortSignal) => Promise<boolean>;
  /** Opens the real socket. */
  readonly open: (url: string) => SocketLike;
}

/** What tabs say to each other: followers `join` and `send`, the rest is the leader's. */
interface Word {
  /** The leader: another one has another number. */
  readonly from?: number;
  readonly join?: true;
  readonly send?: string;
  /** The state of the leader's socket, as a WebSocket's. */
  readonly state?: number;
  readonly frame?: string;
  readonly over?: { readonly code: number; readonly reason: string };
}

const tickMs = 150;
/** A leader of whom nothing was heard for so many ticks is asked whether it lives … */
const askTicks = 2;
/** … and loses its lock where it does not answer. */
const stealTicks = 4;
/** RFC 6455: closed without a close frame. */
const abnormal = 1006;
/** protocol.md: come back at once, with your cursor. */
const atOnce = 4008;

/** A socket that shares one connection with every other of its `name`; without locks or channels, one of its own. */
export function sharedSocket({ name, address, fill, open }: SharedStream): SocketLike {
  const { locks } = navigator;
  const channel = locks && typeof BroadcastChannel !== "undefined" ? new BroadcastChannel(name) : null;
  const me = Math.random();
  const claim = new AbortController();
  let release = () => {};
  const held = new Promise<void>((resolve) => release = resolve);
  /** The real socket, where this tab leads. */
  let real: SocketLike | null = null;
  let leader: number | undefined;
  /** Frames that came while this tab fetches what went before them; null: it does not. */
  let waiting: string[] | null = null;
  /** Another tab was heard: until then nobody needs this one's frames. */
  let followed = false;
  let ticks = 0;
  let over = false;

  const socket = {
    readyState: 0,
    onopen: null,
    onmessage: null,
    onclose: null,
    send: (text) => real ? real.send(text) : say({ send: text }),
    close: end,
  } as SocketLike & { readyState: number };
  const watch = channel ? setInterval(tick, tickMs) : undefined;
  if (channel) {
    channel.onmessage = ({ data }) => hear(data);
    say({ join: true });
    queue({ signal: claim.signal });
  } else void lead();
  return socket;

  function say(word: Word): void {
    channel?.postMessage(word);
  }

  function queue(how: LockOptions): void {
    locks.request(name, how, async () => {
      // word of the last leader's end may come after its lock: one more way to the browser and back lets it pass
      await locks.query();
      if (!over) void lead();
      return held;
    }).catch(({ name }: Error) => {
      if (name !== "AbortError") void lead();
      else if (!how.signal?.aborted) finish(atOnce, "another tab leads");
    });
  }

  async function lead(): Promise<void> {
    try {
      const url = await address();
      if (over) return;
      clearInterval(watch);
      leader = me;
      real = open(url);
      real.onopen = opened;
      real.onmessage = ({ data }) => {
        if (followed) say({ from: me, frame: data });
        deliver(data);
      };
      real.onclose = ({ code, reason }) => {
        say({ from: me, over: { code, reason } });
        finish(code, reason);
      };
      say({ from: me, state: 0 });
    } catch (error) {
      finish(abnormal, `${error}`);
    }
  }

  function opened(): void {
    if (real) say({ from: me, state: 1 });
    if (socket.readyState !== 0) return;
    socket.readyState = 1;
    socket.onopen?.(new Event("open"));
  }

  function deliver(data: string): void {
    socket.onmessage?.(new MessageEvent("message", { data }));
  }

  function hear({ from, join, send, state, frame, over }: Word): void {
    followed = true;
    if (real) {
      if (join) say({ from: me, state: real.readyState });
      if (send && real.readyState === 1) real.send(send);
    } else if (from !== undefined) {
      ticks = 0;
      if (over) finish(over.code, over.reason);
      else if (from !== leader && state !== 0) void follow(from);
      if (frame !== undefined && from === leader) waiting ? waiting.push(frame) : deliver(frame);
    }
  }

  async function follow(from: number): Promise<void> {
    leader = from;
    const frames: string[] = waiting = [];
    const filled = await fill(claim.signal).catch(() => false);
    if (over || leader !== from) return;
    if (!filled) return finish(abnormal, "cannot fill");
    opened();
    waiting = null;
    frames.forEach(deliver);
  }

  function tick(): void {
    ticks++;
    if (ticks === askTicks) say({ join: true });
    if (ticks === stealTicks) {
      claim.abort();
      queue({ steal: true });
    }
  }

  /** Nothing is left of it: no lock, no channel, no timer, no socket. */
  function end(): void {
    over = true;
    clearInterval(watch);
    if (real) real.onopen = real.onmessage = real.onclose = null;
    real?.close(1000);
    claim.abort();
    release();
    channel?.close();
  }

  function finish(code: number, reason: string): void {
    if (over) return;
    end();
    socket.onclose?.(new CloseEvent("close", { code, reason }));
  }
}
