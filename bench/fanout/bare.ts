// Baseline (a): a loop over Deno.upgradeWebSocket sockets, and nothing else.

import { runServer } from "./reading.mjs";

const sockets = new Set<WebSocket>();
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, (request) => {
  const { socket, response } = Deno.upgradeWebSocket(request);
  socket.onopen = () => sockets.add(socket);
  socket.onclose = () => sockets.delete(socket);
  return response;
});
runServer(server.addr.port, Deno.stdin.readable, Number(Deno.args[0]), (text: string) => {
  for (const socket of sockets) socket.send(text);
});
