// Whose request it is: the peer's address, or, behind a proxy that is trusted, the address that this one forwards.

import { BlockList, isIP, isIPv6 } from "node:net";

/** The proxies whose word on where a request comes from is believed. */
export class Proxies {
  readonly #list = new BlockList();

  /**
   * `trusted`: addresses, and ranges as `10.0.0.0/8` and `fd00::/8`.
   * @throws {TypeError | RangeError} for anything else.
   */
  constructor(readonly trusted: readonly string[]) {
    for (const text of trusted) {
      const [address = "", bits] = (plainAddress(text) ?? text).split("/");
      const [family, whole] = isIPv6(address) ? ["ipv6", 128] as const : ["ipv4", 32] as const;
      this.#list.addSubnet(address, Number(bits ?? whole), family);
    }
  }

  /** Whether an address is one of theirs. */
  has(address: string): boolean {
    return isIP(address) !== 0 && this.#list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
  }
}

/** Address of the client, for limits and logs. */
export function clientAddress(headers: Headers, peer: Deno.Addr, proxies: Proxies): string {
  const own = peerAddress(peer);
  if (!proxies.has(own)) return own;
  // Each proxy appends the peer that it saw: the last one that is no proxy of ours is the client. What stands before
  // something that is no address was not written by a proxy that can be believed.
  for (const part of (headers.get("x-forwarded-for") ?? "").split(",").reverse()) {
    const address = plainAddress(part.trim());
    if (address === null) return own;
    if (!proxies.has(address)) return address;
  }
  return own;
}

/** Whether a request came over HTTPS, to here or to a proxy that is believed. */
export function isSecure(
  { url, headers }: Request,
  { remoteAddr }: Deno.ServeHandlerInfo,
  proxies: Proxies,
): boolean {
  if (new URL(url).protocol === "https:") return true;
  // Of several proxies the first one says how the client came.
  return proxies.has(peerAddress(remoteAddr)) &&
    /^https *(,|$)/i.test(headers.get("x-forwarded-proto") ?? "");
}

function peerAddress(peer: Deno.Addr): string {
  return "hostname" in peer ? plainAddress(peer.hostname) ?? peer.hostname : "local";
}

/** An address in its one form, without a port; an IPv4 address in IPv6's clothes is itself. Null: it is none. */
function plainAddress(text: string): string | null {
  const mapped = /^\[?::ffff:(\d+\.\d+\.\d+\.\d+)\]?(?::\d+)?$/i.exec(text)?.[1];
  const v4 = mapped ?? /^(\d+\.\d+\.\d+\.\d+)(?::\d+)?$/.exec(text)?.[1];
  const host = v4 ?? `[${/^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text}]`;
  if (v4 === undefined && !text.includes(":")) return null;
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, "") : null;
}
