/**
 * The door "fresh/dev": builds a project, and serves it while it is worked on. Never part of what runs in production.
 *
 * @module
 */
export { Builder, type BuildOptions } from "./builder.ts";
