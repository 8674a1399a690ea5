// @ts-check
// Baseline (b): npm `ws` on Node.

import { WebSocketServer } from "ws";
import { runServer } from "./reading.mjs";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, backlog: 4096 });
server.on("listening", () => {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  runServer(address.port, process.stdin, Number(process.argv[2]), (text) => {
    for (const socket of server.clients) socket.send(text);
  });
});
