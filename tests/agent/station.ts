// A bench for tests: the simulated instrument, the agent as a process under its own permissions, and a relay on a real port.

import { formatMeter } from "../../agent/simulator/mod.ts";
import type { RelayOptions } from "../../lib/relay/mod.ts";
import { agentToken, type ServedRelay, serveRelay } from "../lib/relay/support.ts";
import { until } from "../support/until.ts";
import { connectTcp, startTestSimulator, type TestSimulator } from "./simulator/clients.ts";

const root = new URL("../../", import.meta.url);

/** What a request was answered with. */
export interface Answer {
  readonly status: number;
  // deno-lint-ignore no-explicit-any -- tests look at whatever came
  readonly body: any;
  readonly headers: Headers;
}

export interface Station extends AsyncDisposable {
  readonly served: ServedRelay;
  readonly simulated: TestSimulator;
  readonly api: string;
  get(path: string, headers?: Record<string, string>): Promise<Answer>;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
}

/** The simulated instrument's TCP port, as METER is written. */
export function tcpOf({ simulator: { tcp } }: TestSimulator): string {
  return formatMeter(tcp ?? { hostname: "", port: 0 });
}

/** What the instrument answers to somebody at its front panel. */
export async function atThePanel({ simulated }: Station, question: string): Promise<string> {
  await using client = await connectTcp(simulated.simulator.tcp ?? { hostname: "", port: 0 });
  return await client.ask(question);
}

/** Starts all three, and waits until the relay knows of the instrument's lasers. */
export async function startStation(
  { env = () => ({}), relay = {} }: {
    /** For the agent, whose METER is the serial line otherwise. */
    env?: (simulated: TestSimulator) => Record<string, string>;
    relay?: Partial<RelayOptions>;
  } = {},
): Promise<Station> {
  const simulated = await startTestSimulator();
  const served = await serveRelay(relay);
  const agent = new Deno.Command(Deno.execPath(), {
    args: ["run", "-q", "--no-prompt", "-P=agent", "agent/main.ts"],
    cwd: root,
    env: {
      LOG_FORMAT: "json",
      METER: `serial:${simulated.link}`,
      AGENT_TOKEN: agentToken,
      RELAY_URL: `ws://${served.host}`,
      ...env(simulated),
    },
    stdout: "null",
    stderr: "null",
  }).spawn();
  let ended = false;
  agent.status.then(() => ended = true);
  const dispose = async () => {
    if (!ended) agent.kill("SIGTERM");
    await agent.status;
    await served[Symbol.asyncDispose]();
    await simulated[Symbol.asyncDispose]();
  };
  const api = `http://${served.host}/api/v1/`;
  const send = async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const response = await fetch(api + path, {
      method,
      headers: body === undefined ? headers : { "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json");
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  };
  const station: Station = {
    served,
    simulated,
    api,
    get: (path, headers) => send("GET", path, undefined, headers),
    send,
    [Symbol.asyncDispose]: dispose,
  };
  try {
    await until(
      "the instrument's lasers",
      () => served.relay.instruments.all().some(({ lasers }) => lasers !== null),
      { timeoutMs: 20_000 },
    );
    return station;
  } catch (error) {
    await dispose();
    throw error;
  }
}
