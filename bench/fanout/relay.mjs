// @ts-check
// What the relays on Node share: they take readings from an agent over a WebSocket, as the relay does, and keep none.

import process from "node:process";

/** Where the agent connects. */
export const agentPath = "/api/v1/agent";

/**
 * Answers what an agent says, and hands on its readings as the relay would encode them.
 * @param {import("ws").WebSocket} agent
 * @param {(text: string) => void} broadcast
 */
export function takeFrom(agent, broadcast) {
  let seq = 0;
  agent.on("message", (bytes) => {
    const message = JSON.parse(String(bytes));
    if (message.type === "hello") return agent.send(JSON.stringify({ type: "welcome", through: null }));
    for (const item of message.items) {
      seq += 1;
      broadcast(JSON.stringify({ type: "data", ...item, cursor: `0123456789ab-${seq}` }));
    }
    agent.send(
      JSON.stringify({
        type: "ack",
        boot: message.boot,
        through: message.first + message.items.length - 1,
      }),
    );
  });
}

/**
 * Prints the port; the process collects its garbage on SIGUSR2, and ends with its standard input.
 * @param {import("node:http").Server} server
 */
export function serve(server) {
  server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
    const address = server.address();
    if (address === null || typeof address === "string") throw new Error("not listening on a port");
    console.log(address.port);
  });
  process.on("SIGUSR2", () => Reflect.get(globalThis, "gc")?.());
  process.stdin.resume().on("end", () => process.exit(0));
}
