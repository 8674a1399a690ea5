// Baseline (a): a loop over Deno.upgradeWebSocket sockets and a timer, and nothing else: nothing is received or stored.
// Argument: the rate in Hz. Every byte on standard input begins to send, or ends it.

import { readingAt } from "../../tests/support/reading.ts";
import { collectOnSignal } from "./collect.ts";

const sockets = new Set<WebSocket>();
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  return response;
});
console.log(server.addr.port);
collectOnSignal();
let seq = 0;

function send(): void {
  seq += 1;
  const text = JSON.stringify({
    type: "data",
    ...readingAt(Date.now() / 1000),
    cursor: `0123456789ab-${seq}`,
  });
  for (const socket of sockets) socket.send(text);
}

let timer: ReturnType<typeof setInterval> | undefined;
for await (const _ of Deno.stdin.readable) {
  clearInterval(timer);
  timer = timer === undefined ? setInterval(send, 1000 / Number(Deno.args[0])) : undefined;
}
// Who measured has gone.
Deno.exit(0);
