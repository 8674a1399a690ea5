/**
 * Every message on every wire, as zod schemas and the types inferred from them.
 * Code for browsers takes types from here, and values only from `browser.ts`, which brings no zod along.
 */
export * from "./agent.ts";
export * from "./browser.ts";
export * from "./commands.ts";
export * from "./history.ts";
export * from "./problem.ts";
export * from "./publication.ts";
export * from "./reading.ts";
export * from "./subscription.ts";
export * from "./viewer.ts";
