/**
 * What registering does: an application collects registrations, and applies them, in order, once its files are known.
 */
import {
  componentOf,
  kindOf,
  type Manifest,
  middlewaresOf,
  patternOf,
  type RouteFile,
  routeOf,
  segmentNameOf,
} from "./files.ts";
import type { Method, Middleware } from "./handlers.ts";
import {
  compile,
  type Handle,
  linksOfFile,
  methodsOf,
  renderRoute,
  type Segment,
  segmentsOf,
  type Shared,
} from "./segments.ts";

/** Something registered, to be applied when the files of the application are known. */
export type Registration<State> = (to: Registering<State>) => void;

/** What a registration can change. */
export interface Registering<State> {
  readonly root: Segment<State>;
  readonly shared: Shared<State>;
  readonly manifest: Manifest;
  add(methods: readonly Method[] | "ALL", pattern: string, endpoint: Endpoint<State>): void;
}

/** What a pattern and method lead to. */
export interface Endpoint<State> {
  readonly chain: Handle<State>;
  readonly handle: Middleware<State>;
}

/** Registers a file of `routes/`; `prefix` stands before its pattern. */
export function registerFile<State>(
  { root, shared, add }: Registering<State>,
  file: RouteFile,
  prefix: string,
): void {
  const { kind, folder } = kindOf(file.id);
  const segments = folder.map(segmentNameOf);
  const segment = root.at(segments);
  switch (kind) {
    case "app":
      shared.app = componentOf(file);
      return;
    case "layout":
      segment.layout = { component: componentOf(file), config: routeOf<State>(file).config ?? {} };
      return;
    case "middleware":
      segment.middlewares.push(...middlewaresOf<State>(file));
      return;
    case "error":
      segment.errorRoute = routeOf(file);
      return;
    case "notFound":
      shared.notFound = routeOf(file);
      return;
    case "route": {
      const route = routeOf<State>(file);
      const pattern = route.config?.routeOverride ?? patternOf(file.id);
      const chain = compile(linksOfFile(root, segments, segmentsOf(pattern)), shared);
      add(methodsOf(route), below(prefix, pattern), { chain, handle: (ctx) => renderRoute(ctx, route) });
    }
  }
}

/** A pattern below a base path: `*` is everything there, and `/` the base itself. */
export function below(base: string, pattern: string): string {
  if (pattern === "*") return `${base}/*`;
  return base !== "" && pattern === "/" ? base : base + pattern;
}
