// The servers that are compared: each is a process that prints its port, and sends readings to all of its viewers. The
// bare loop makes them itself, told when on its standard input; the relays take them from an agent.

/** A server to be measured. */
export interface Contender {
  readonly name: string;
  /** What to run; its arguments are the rate in Hz. */
  readonly command: readonly string[];
  /** Path that viewers connect to. */
  readonly path: string;
  /** What a viewer says after the upgrade. */
  readonly greeting: string | null;
  /** Whether the readings come from an agent, and not from the server itself. */
  readonly fed: boolean;
}

const here = new URL(".", import.meta.url).pathname;
const deno = [Deno.execPath(), "run", "-q", "-A", "--no-check"];
const node = ["node", "--expose-gc"];

/** The relay's flags for V8, as `deno task start` and `serve` give them. */
export const relayFlags = "--max-semi-space-size=4,--heap-growing-percent=30,--no-concurrent-recompilation";

/** Bare loop first: the others are given as ratios to it. */
export const contenders: readonly Contender[] = [
  {
    name: "bare loop",
    command: [...deno, "--v8-flags=--expose-gc", `${here}bare.ts`],
    path: "/",
    greeting: null,
    fed: false,
  },
  {
    name: "Lightline",
    command: [...deno, `--v8-flags=${relayFlags},--expose-gc`, `${here}lightline.ts`],
    path: "/api/v1/ws/v2/power?module=4&interval=0.01",
    greeting: null,
    fed: true,
  },
  { name: "ws on Node", command: [...node, `${here}ws.mjs`], path: "/", greeting: null, fed: true },
  {
    name: "Socket.IO on Node",
    command: [...node, `${here}socketio.mjs`],
    path: "/socket.io/?EIO=4&transport=websocket",
    greeting: "40",
    fed: true,
  },
];
