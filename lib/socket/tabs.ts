// One socket for all tabs of a browser: who holds a Web Lock opens it and passes its frames on by BroadcastChannel; to the
// others the channel looks like a WebSocket, so that machine and feed know nothing of this. Optional: only who imports it ships it.
// When the leading tab ends, the lock goes to the next, which opens a socket with its own cursor: no sequence number is lost.

import { isFields } from "./guards.ts";
import type { SocketLike } from "./door.ts";

/** Sockets that are shared. */
export interface Tabs {
  /** The `connect` option of the feed that is shared. */
  connect(url: string): SocketLike;
  /** Leaves the others to themselves: no lock, no channel is left. Call it after the feed's `disconnect`. */
  close(): void;
}

/** What a share is made of; a browser needs nothing. */
export interface TabsOptions {
  /** Opens the one real socket. Default: the global WebSocket. */
  readonly open?: (url: string) => SocketLike;
  /** Default: the browser's. Undefined: each tab opens its own socket. */
  readonly locks?: LockManager | undefined;
}

/** What tabs say to each other. */
type Word =
  /** A tab wants to follow. */
  | { readonly type: "join" }
  /** The leader lives, but its socket is not open yet. */
  | { readonly type: "wait" }
  /** The leader's socket is open: whoever waits may fill up and follow. */
  | { readonly type: "open" }
  /** The leader's socket brought this. */
  | { readonly type: "frame"; readonly text: string }
  /** The leader's socket is over. */
  | { readonly type: "over"; readonly code: number; readonly reason: string }
  /** A follower sends this. */
  | { readonly type: "send"; readonly text: string };

interface TabSocket extends SocketLike {
  readyState: number;
  readonly url: string;
  /** Frames that came while the follower fetches what went before them; null: it does not. */
  filling: string[] | null;
}

/** RFC 6455: closed without a close frame. */
const abnormal = 1006;
/** protocol.md: come back at once, with your cursor. */
const atOnce = 4008;

/** Shares the stream called `name`, which is the same in every tab and another for every stream. */
export function shareBetweenTabs(name: string, options: TabsOptions = { locks: navigator.locks }): Tabs {
  const { open = (url) => new WebSocket(url), locks } = options;
  if (!locks || typeof BroadcastChannel === "undefined") return { connect: open, close() {} };

  let channel: BroadcastChannel | null = null;
  let claim: AbortController | null = null;
  let release: (() => void) | null = null;
  /** What this tab's machine sees. */
  let current: TabSocket | null = null;
  /** The one real socket, in the tab that leads. */
  let real: SocketLike | null = null;
  /** No leader has been heard since this tab asked for one. */
  let unheard = false;

  function say(word: Word): void {
    channel?.postMessage(word);
  }

  /** Queues for the lock; by `steal` takes it from a tab that holds it and does not answer (a frozen one). */
  function queue(steal: boolean): void {
    claim?.abort();
    const mine = claim = new AbortController();
    const held = () =>
      new Promise<void>((resolve) => {
        if (mine.signal.aborted) return resolve();
        release = resolve;
        unheard = false;
        if (current?.readyState === 0 && !current.filling) lead(current);
        else end(atOnce, "this tab takes over");
      });
    locks?.request(name, steal ? { steal } : { signal: mine.signal }, held).catch(() => {
      if (claim !== mine) return;
      drop();
      end(atOnce, "another tab took over");
      queue(false);
    });
  }

  function lead(socket: TabSocket): void {
    const made = real = open(socket.url);
    made.onopen = (event) => {
      socket.readyState = 1;
      socket.onopen?.(event);
      say({ type: "open" });
    };
    made.onmessage = ({ data }) => {
      say({ type: "frame", text: data });
      deliver(socket, data);
    };
    made.onclose = ({ code, reason }) => {
      real = null;
      say({ type: "over", code, reason });
      end(code, reason);
    };
  }

  /** Gives up the real socket, if this tab has it. */
  function drop(): void {
    release?.();
    release = null;
    hangUp();
  }

  function hangUp(): void {
    if (!real) return;
    real.onopen = real.onmessage = real.onclose = null;
    real.close(1000);
    real = null;
    say({ type: "over", code: atOnce, reason: "the leading tab closed its socket" });
  }

  function end(code: number, reason: string): void {
    const socket = current;
    current = null;
    socket?.onclose?.(new CloseEvent("close", { code, reason }));
  }

  function deliver(socket: TabSocket, data: string): void {
    socket.onmessage?.(new MessageEvent("message", { data }));
  }

  function hear(word: Word): void {
    const leads = release !== null;
    if (word.type === "join" && leads) say({ type: real?.readyState === 1 ? "open" : "wait" });
    if (word.type === "send" && leads && real?.readyState === 1) real.send(word.text);
    if (leads || !current) return;
    if (word.type !== "join" && word.type !== "send") unheard = false;
    if (word.type === "open" && current.readyState === 0 && !current.filling) void fill(current);
    else if (word.type === "frame" && current.filling) current.filling.push(word.text);
    else if (word.type === "frame" && current.readyState === 1) deliver(current, word.text);
    else if (word.type === "over" && (current.filling || current.readyState === 1)) {
      end(word.code, word.reason);
    }
  }

  /** What lies between this tab's cursor and the leader's next frame comes by HTTP, and goes before it. */
  async function fill(socket: TabSocket): Promise<void> {
    const frames: string[] = [];
    socket.filling = frames;
    const replays: string[] = [];
    const url = new URL(socket.url.replace("ws", "http"));
    url.pathname = "/api/v1/readings";
    url.searchParams.delete("interval");
    try {
      for (let more = url.searchParams.has("since"); more && current === socket;) {
        const page: unknown = await (await fetch(url, { cache: "no-store" })).json();
        if (!isFields(page) || !Array.isArray(page.readings)) throw new Error("no page of readings");
        const { readings, missing, cursor } = page;
        replays.push(JSON.stringify({ type: "replay", readings, missing }));
        more = readings.length > 0 && `${cursor}` !== url.searchParams.get("since");
        url.searchParams.set("since", `${cursor}`);
      }
    } catch {
      if (current === socket) end(abnormal, "cannot fetch what this tab missed");
    }
    if (current !== socket) return;
    socket.readyState = 1;
    socket.onopen?.(new Event("open"));
    for (const text of [...replays, ...frames]) deliver(socket, text);
    socket.filling = null;
  }

  function begin(): void {
    if (channel) {
      if (!release && unheard) queue(true);
      return;
    }
    channel = new BroadcastChannel(name);
    channel.onmessage = ({ data }) => hear(data);
    addEventListener("pagehide", close);
    queue(false);
  }

  function close(): void {
    removeEventListener("pagehide", close);
    drop();
    claim?.abort();
    claim = null;
    channel?.close();
    channel = null;
  }

  return {
    connect(url) {
      const socket: TabSocket = {
        url,
        readyState: 0,
        filling: null,
        onopen: null,
        onmessage: null,
        onclose: null,
        send: (text) => release ? real?.send(text) : say({ type: "send", text }),
        close() {
          if (current === socket) current = null;
          if (release) hangUp();
        },
      };
      current = socket;
      begin();
      if (release) lead(socket);
      else {
        unheard = true;
        say({ type: "join" });
      }
      return socket;
    },
    close,
  };
}
