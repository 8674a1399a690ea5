/**
 * The file conventions: what the path of a file below `routes/` means, in which order files count, and what such a file
 * must export. Knows paths and modules, not file systems.
 */
import type { IslandFile } from "./islands.ts";
import type { Middleware } from "./handlers.ts";
import { type Route, segmentsOf } from "./segments.ts";

/** What `fresh.gen.ts` exports. */
export interface Manifest {
  readonly routes: readonly RouteFile[];
  readonly islands: readonly IslandFile[];
}

/** A file of `routes/`: its path without extension, with a slash before it and percent-encoded as in an address. */
export interface RouteFile {
  readonly id: string;
  readonly module: Readonly<Record<string, unknown>>;
}

/** What a file is for. */
export type FileKind = "app" | "layout" | "middleware" | "error" | "notFound" | "route";

const KINDS: Readonly<Record<string, FileKind>> = {
  _app: "app",
  _layout: "layout",
  _middleware: "middleware",
  _error: "error",
  _500: "error",
  _404: "notFound",
};

/** The kind of a file, and the names of the folders that it is in. */
export function kindOf(id: string): { kind: FileKind; folder: readonly string[]; name: string } {
  const parts = id.split("/").slice(1);
  const name = parts.pop() ?? "";
  return { kind: KINDS[name] ?? "route", folder: parts, name };
}

/**
 * The pattern of a route file: `/blog/[id]` gives `/blog/:id`, `[...rest]` gives `:rest*`, `[[id]]` makes its segment
 * optional, `(group)` counts for nothing, `index` stands for its folder.
 *
 * @throws {SyntaxError} when the path cannot be a pattern.
 */
export function patternOf(id: string): string {
  const fail = (why: string): never => {
    throw new SyntaxError(`Cannot make a route of "routes${id}": ${why}.`);
  };
  const parts = id.split("/").slice(1);
  if (parts.at(-1) === "index") parts.pop();
  let pattern = "";
  let required = false;
  for (const part of parts) {
    if (isGroup(part)) continue;
    const rest = /^\[\.\.\.(\w+)\]$/.exec(part);
    const optional = /^\[\[(\w+)\]\]$/.exec(part);
    if (rest !== null) {
      pattern += `/:${rest[1]}*`;
    } else if (optional !== null) {
      pattern += `{/:${optional[1]}}?`;
    } else {
      if (part.includes("][")) fail("a parameter must be followed by something before the next one");
      required = true;
      const plain = part.replaceAll(/\[(\w+)\]/g, ":$1");
      if (/[[\]]/.test(plain)) {
        fail(`"${part}" is no parameter; they are written [name], [...name] or [[name]]`);
      }
      pattern += `/${plain}`;
    }
  }
  // Where nothing is required, "/" itself must match.
  return pattern === "" ? "/" : required ? pattern : pattern.replace(/^\{\//, "/{");
}

/** `(name)` is a folder that addresses do not show. */
export function isGroup(part: string): boolean {
  return part.startsWith("(") && part.endsWith(")");
}

/** The segment that a folder stands for, named as in patterns: middleware on "/users/:id" is that of `users/[id]/`. */
export function segmentNameOf(part: string): string {
  return isGroup(part) ? part : segmentsOf(patternOf(`/${part}/index`)).join("/");
}

/** Files in the order in which they count: the more exact a route, the earlier; everything else before any route. */
export function inOrder(files: readonly RouteFile[]): RouteFile[] {
  return files.toSorted((a, b) => {
    const [x, y] = [a.id.split("/"), b.id.split("/")];
    const [routeX, routeY] = [kindOf(a.id).kind === "route", kindOf(b.id).kind === "route"];
    if (routeX !== routeY) return routeX ? 1 : -1;
    for (let i = 0; i < Math.max(x.length, y.length); i++) {
      const difference = vagueness(x[i]) - vagueness(y[i]);
      if (difference !== 0) return difference;
      const [partX, partY] = [x[i] ?? "", y[i] ?? ""];
      if (partX !== partY) return partX < partY ? -1 : 1;
    }
    return 0;
  });
}

/** Exact names come first, then names with a parameter in them, parameters, optional ones, and catch-alls. */
function vagueness(part: string | undefined): number {
  if (part === undefined) return 0;
  if (part.startsWith("[...")) return 5;
  if (part.startsWith("[[")) return 4;
  if (/^\[\w+\]$/.test(part)) return 3;
  return part.includes("[") ? 2 : 1;
}

const HINT = 'a route exports a default component, "handler" or "handlers", or "config"';

/**
 * What a route file, an error page, a layout or the app wrapper exports.
 *
 * @throws {TypeError} when it exports nothing of use, or a handler of Fresh 1, which takes two arguments.
 */
export function routeOf<State>({ id, module }: RouteFile): Route<State> {
  const component = module.default;
  const handler = module.handlers ?? module.handler;
  const config = module.config;
  if (typeof component !== "function" && handler === undefined && typeof config !== "object") {
    throw new TypeError(`Cannot use routes${id}: ${HINT}.`);
  }
  if (typeof handler === "function" && handler.length > 1) {
    throw new TypeError(
      `Cannot use routes${id}: its handler takes ${handler.length} arguments; handlers take one, the context.`,
    );
  }
  // Checked as far as values can be; the file's own type annotations hold the rest.
  return { component, handler, config, css: module.css } as Route<State>;
}

/** The middleware that a `_middleware` file exports: as default, or as `handler` or `handlers`; one, or several in order. */
export function middlewaresOf<State>({ id, module }: RouteFile): readonly Middleware<State>[] {
  const exported: unknown = module.handlers ?? module.handler ?? module.default;
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  for (const one of list) {
    if (typeof one !== "function") {
      throw new TypeError(
        `Cannot use routes${id}: middleware is a default export, a function of the context or an array of them.`,
      );
    }
  }
  return list as readonly Middleware<State>[];
}

/** The component that a file must have. */
export function componentOf<State>(file: RouteFile): NonNullable<Route<State>["component"]> {
  const { component } = routeOf<State>(file);
  if (component === undefined) {
    throw new TypeError(`Cannot use routes${file.id}: it has no default export, a component.`);
  }
  return component;
}
