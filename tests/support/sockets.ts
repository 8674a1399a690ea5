// The far ends of a process's TCP sockets, as Linux's /proc shows them.

/** Remote addresses of the process's connected TCP sockets, IPv4 and IPv6, in /proc's hexadecimal form. */
export function remoteAddresses(pid: number): readonly string[] {
  const own = new Set(
    [...Deno.readDirSync(`/proc/${pid}/fd`)].flatMap(({ name }) => inodeOf(`/proc/${pid}/fd/${name}`) ?? []),
  );
  return ["tcp", "tcp6"].flatMap((family) =>
    Deno.readTextFileSync(`/proc/${pid}/net/${family}`).trim().split("\n").slice(1).flatMap((line) => {
      const [, , remote, , , , , , , inode] = line.trim().split(/\s+/);
      return remote !== undefined && inode !== undefined && own.has(inode)
        ? [remote.split(":")[0] ?? ""]
        : [];
    })
  ).filter((address) => !/^0+$/.test(address));
}

/** Whether an address in that form is this machine's loopback. */
export function isLoopback(address: string): boolean {
  return /^......7F$/.test(address) || /^0{16}FFFF0000......7F$/.test(address) ||
    address === `${"0".repeat(24)}01000000`;
}

function inodeOf(descriptor: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(Deno.readLinkSync(descriptor))?.[1];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
