// Whose request it is: the peer's address, or, behind a proxy that is trusted, the address that this one forwards.

/** Address of the client, for limits and logs. */
export function clientAddress(
  headers: Headers,
  peer: Deno.Addr,
  trustProxy: readonly string[],
): string {
  const own = "hostname" in peer ? plain(peer.hostname) : "local";
  if (!trustProxy.includes(own)) return own;
  const forwarded = (headers.get("x-forwarded-for") ?? "").split(",").map((part) => plain(part.trim()));
  // Each proxy appends the peer that it saw: the last one that is no proxy of ours is the client.
  return forwarded.findLast((address) => address !== "" && !trustProxy.includes(address)) ?? own;
}

/** Whether a request came over HTTPS, to here or to a proxy that is believed. */
export function isSecure(
  { url, headers }: Request,
  { remoteAddr }: Deno.ServeHandlerInfo,
  trustProxy: readonly string[],
): boolean {
  if (new URL(url).protocol === "https:") return true;
  const proxied = "hostname" in remoteAddr && trustProxy.includes(plain(remoteAddr.hostname));
  return proxied && headers.get("x-forwarded-proto") === "https";
}

/** An IPv4 address in IPv6's clothes counts as itself. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, "");
}
