// @ts-check
// Baseline (b): npm `ws` on Node.

import { createServer } from "node:http";
import { WebSocketServer } from "ws";
import { agentPath, serve, takeFrom } from "./relay.mjs";

const http = createServer();
/** @type {Set<import("ws").WebSocket>} */
const viewers = new Set();
new WebSocketServer({ server: http }).on("connection", (socket, request) => {
  if (request.url?.startsWith(agentPath)) {
    return takeFrom(socket, (text) => {
      for (const viewer of viewers) viewer.send(text);
    });
  }
  viewers.add(socket);
  socket.on("close", () => viewers.delete(socket));
});
serve(http);
