/** Addresses of static files that change with their content. Used on both sides, so it imports nothing. */

/** The query parameter that holds the hash; upstream's name. */
export const HASH_PARAMETER = "__frsh_c";

/** `path` with its hash in the query, before any fragment; unchanged when the file is not known. */
export function withHash(path: string, hashes: Readonly<Record<string, string>>): string {
  const [, pathname = "", query = "", fragment = ""] = /^([^?#]*)(\?[^#]*)?(#.*)?$/.exec(path) ?? [];
  const hash = Object.hasOwn(hashes, pathname) ? hashes[pathname] : undefined;
  if (hash === undefined || query.includes(`${HASH_PARAMETER}=`)) return path;
  return `${pathname}${query === "" ? "?" : query + "&"}${HASH_PARAMETER}=${hash}${fragment}`;
}

/** The same for each address of a `srcset`; unchanged where an address holds a comma or a parenthesis. */
export function withHashes(srcset: string, hashes: Readonly<Record<string, string>>): string {
  if (/[()]/.test(srcset)) return srcset;
  return srcset.split(",").map((part) => part.replace(/\S+/, (path) => withHash(path, hashes))).join(",");
}
