// Connections byte by byte, for what no client would send.

/** The request that asks for a WebSocket. */
export function handshake(
  host: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${btoa("0123456789abcdef")}`,
    "Sec-WebSocket-Version: 13",
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    "\r\n",
  ].join("\r\n");
}

/** A connection that has shaken hands as a WebSocket, and reads nothing unless the test does. */
export async function rawSocket(
  host: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Deno.TcpConn> {
  const [hostname = "", port] = host.split(":");
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(handshake(host, path, headers)));
  return connection;
}

/** A frame of a client, with a mask that changes nothing. */
export function frame(
  first: number,
  payload: string | Uint8Array,
  announced = payload.length,
): Uint8Array<ArrayBuffer> {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const length = announced < 126
    ? [0x80 | announced]
    : [0xff, 0, 0, 0, 0, announced >>> 24, (announced >> 16) & 255, (announced >> 8) & 255, announced & 255];
  return new Uint8Array([first, ...length, 0, 0, 0, 0, ...bytes]);
}

/** The first bytes of the answer to a request with just these headers, of which those without a value are left out. */
export async function rawRequest(
  host: string,
  path: string,
  headers: Readonly<Record<string, string>>,
): Promise<string> {
  const lines = Object.entries({ host, ...headers }).filter(([, value]) => value !== "")
    .map((pair) => pair.join(": "));
  return await rawText(host, [`GET ${path} HTTP/1.1`, ...lines, "\r\n"].join("\r\n"));
}

/** The first bytes of the answer to just this text. */
export async function rawText(host: string, request: string): Promise<string> {
  const [hostname = "", port] = host.split(":");
  using connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(4096);
  return new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
}

/** What a connection still brings before the other end closes it. */
export async function rest(connection: Deno.TcpConn): Promise<Uint8Array> {
  return new Uint8Array(await new Response(connection.readable).arrayBuffer());
}

/** Everything that comes back for these bytes, until the other end closes. */
export async function exchange(host: string, sent: string | Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const [hostname = "", port] = host.split(":");
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(typeof sent === "string" ? new TextEncoder().encode(sent) : sent);
  return await rest(connection);
}
