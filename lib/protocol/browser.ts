/** The part of the protocol that is small enough to be shipped to a browser: no zod at run time. */
export * from "./channels.ts";
export * from "./close.ts";
export * from "./cursor.ts";
