// Where the simulator listens, and the texts that say it.

/** Where to listen; port 0 takes any that is free. */
export interface TcpAddress {
  /** Name or address of an interface. */
  readonly hostname: string;
  /** 0 to 65535. */
  readonly port: number;
}

/** Where to listen for control commands. */
export type ControlAddress =
  | { readonly type: "unix"; readonly path: string }
  | { readonly type: "tcp" } & TcpAddress;

/** Reads `host:port`, whether or not there is such a port. */
export function parseTcpAddress(text: string): TcpAddress | undefined {
  const [, hostname, port] = /^(\[[0-9a-fA-F:]+\]|[^/:]+):(\d{1,5})$/.exec(text) ?? [];
  return hostname && port ? { hostname: hostname.replace(/^\[|\]$/g, ""), port: Number(port) } : undefined;
}

/** Reads `host:port`, or the path of a unix socket. */
export function parseControlAddress(text: string): ControlAddress {
  const address = parseTcpAddress(text);
  return address === undefined ? { type: "unix", path: text } : { type: "tcp", ...address };
}

/** Writes `host:port`. */
export function formatAddress({ hostname, port }: TcpAddress): string {
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** How an agent's METER names it. */
export function formatMeter(address: TcpAddress): string {
  return `tcp:${formatAddress(address)}`;
}
