// @ts-check
// Baseline (c): Socket.IO on Node, over WebSocket alone.

import { createServer } from "node:http";
import { Server } from "socket.io";
import { WebSocketServer } from "ws";
import { agentPath, serve, takeFrom } from "./relay.mjs";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], serveClient: false });
const agents = new WebSocketServer({ noServer: true });
http.on("upgrade", (request, socket, head) => {
  if (!request.url?.startsWith(agentPath)) return;
  agents.handleUpgrade(request, socket, head, (agent) => takeFrom(agent, (text) => io.emit("data", text)));
});
serve(http);
