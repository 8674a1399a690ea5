/**
 * Which components are islands. An island is any function that a file of `islands/` exports: the server marks where it
 * renders one, and the browser makes that place alive.
 */
import type { ComponentType, FunctionComponent } from "preact";

/** One exported component of an island file. */
export interface Island {
  /** As the page's markers name it: the file's name, and `.Export` unless it is the default export. */
  readonly name: string;
  /** The file's name, under which the build knows its JavaScript. */
  readonly file: string;
  readonly component: ComponentType<Record<string, unknown>>;
}

/** From a component, as it stands in a tree of nodes, to its island. */
export type IslandRegistry = ReadonlyMap<unknown, Island>;

/** A file of `islands/`, as `fresh.gen.ts` lists it. */
export interface IslandFile {
  readonly name: string;
  readonly module: Readonly<Record<string, unknown>>;
}

/** Every component of every island file. */
export function registerIslands(files: readonly IslandFile[]): IslandRegistry {
  const registry = new Map<unknown, Island>();
  for (const { name: file, module } of files) {
    for (const [exported, component] of Object.entries(module)) {
      if (!isComponent(component)) continue;
      registry.set(component, {
        name: exported === "default" ? file : `${file}.${exported}`,
        file,
        component,
      });
    }
  }
  return registry;
}

function isComponent(value: unknown): value is FunctionComponent<Record<string, unknown>> {
  return typeof value === "function";
}
