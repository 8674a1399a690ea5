/**
 * The script of a page whose islands come in files of their own: imports those, and the extras where they are needed.
 */
import type { ComponentType } from "preact";
import { boot, extrasUrl, files, sent } from "./boot.ts";
import type { Extras, Props } from "./extras.ts";

// Not for this script: named here, signals travel in one file with preact, which is 170 bytes less than in two.
export { signal } from "@preact/signals-core";

const components: Record<string, ComponentType<Props>> = {};
await Promise.all(
  Object.entries(files ?? {}).map(async ([file, url]) => {
    try {
      const module: Record<string, ComponentType<Props>> = await import(url);
      for (const name in module) components[name === "default" ? file : `${file}.${name}`] = module[name]!;
    } catch (error) {
      // The page's other islands still work.
      console.error(error);
    }
  }),
);
const extras: Extras | undefined = extrasUrl === undefined ? undefined : await import(extrasUrl);
await extras?.loadMakers(sent);
boot(components, extras);
