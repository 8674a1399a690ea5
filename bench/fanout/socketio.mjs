// @ts-check
// Baseline (c): Socket.IO on Node, over WebSocket alone.

import { createServer } from "node:http";
import { Server } from "socket.io";
import { runServer } from "./reading.mjs";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
http.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  const address = http.address();
  if (address === null || typeof address === "string") throw new Error("not listening on a port");
  runServer(address.port, process.stdin, Number(process.argv[2]), (text) => io.emit("data", text));
});
