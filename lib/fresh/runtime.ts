/**
 * The door "fresh/runtime" on the server: what pages, components and islands may use on both sides. A build for the browser
 * takes client/runtime.ts instead, which has the same exports.
 *
 * @module
 */
export { asset, assetSrcSet } from "./assets.ts";
export { HttpError } from "./error.ts";
export { Partial } from "./left_out.ts";
export { Head, type HeadProps } from "./head.ts";

/** Whether this code runs in a browser. Known when islands are built, so what is not for a browser is not shipped. */
export const IS_BROWSER: boolean = typeof document !== "undefined";
