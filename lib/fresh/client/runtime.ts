/**
 * The door "fresh/runtime" in a browser; the builder puts it in the place of ../runtime.ts.
 */
import { withHash, withHashes } from "../hashes.ts";
import hashes from "fresh:hashes";

export { HttpError } from "../error.ts";
export { Partial } from "../left_out.ts";
export { Head, type HeadProps } from "./head.ts";

/** The address of a static file that changes with its content. */
export function asset(path: string): string {
  return withHash(path, hashes);
}

/** The same for each address of a `srcset`. */
export function assetSrcSet(srcset: string): string {
  return withHashes(srcset, hashes);
}

/** Whether this code runs in a browser. */
export const IS_BROWSER = true;
