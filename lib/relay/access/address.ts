// Whose request it is: the peer's address, or, behind a proxy that is trusted, the address that this one forwards.

/** Address of the client, for limits and logs. */
export function clientAddress(
  headers: Headers,
  peer: Deno.Addr,
  trustProxy: readonly string[],
): string {
  const own = peerAddress(peer);
  const proxies = plainAddresses(trustProxy);
  if (!proxies.includes(own)) return own;
  // Each proxy appends the peer that it saw: the last one that is no proxy of ours is the client. What stands before
  // something that is no address was not written by a proxy that can be believed.
  for (const part of (headers.get("x-forwarded-for") ?? "").split(",").reverse()) {
    const address = plainAddress(part.trim());
    if (address === null) return own;
    if (!proxies.includes(address)) return address;
  }
  return own;
}

/** Whether a request came over HTTPS, to here or to a proxy that is believed. */
export function isSecure(
  { url, headers }: Request,
  { remoteAddr }: Deno.ServeHandlerInfo,
  trustProxy: readonly string[],
): boolean {
  if (new URL(url).protocol === "https:") return true;
  const proxied = plainAddresses(trustProxy).includes(peerAddress(remoteAddr));
  // Of several proxies the first one says how the client came.
  return proxied && /^https *(,|$)/i.test(headers.get("x-forwarded-proto") ?? "");
}

function peerAddress(peer: Deno.Addr): string {
  return "hostname" in peer ? plainAddress(peer.hostname) ?? peer.hostname : "local";
}

function plainAddresses(addresses: readonly string[]): readonly string[] {
  return addresses.map((address) => plainAddress(address) ?? address);
}

/** An address in its one form, without a port; an IPv4 address in IPv6's clothes is itself. Null: it is none. */
function plainAddress(text: string): string | null {
  const mapped = /^\[?::ffff:(\d+\.\d+\.\d+\.\d+)\]?(?::\d+)?$/i.exec(text)?.[1];
  const v4 = mapped ?? /^(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/.exec(text)?.[1];
  const host = v4 ?? `[${/^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text}]`;
  if (v4 === undefined && !text.includes(":")) return null;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, "") : null;
}
