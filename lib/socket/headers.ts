// Sockets with headers of their own, which Deno can open and browsers cannot. Not for pages.

import type { SocketLike } from "./door.ts";

/**
 * A `connect` that sends `headers` with the upgrade. Deno's WebSocket takes `{ headers }` as its second argument; the DOM's
 * types, under which this project is checked, do not know it.
 */
export function withHeaders(headers: Readonly<Record<string, string>>): (url: string) => SocketLike {
  return (url) => Reflect.construct(WebSocket, [url, { headers }]);
}
