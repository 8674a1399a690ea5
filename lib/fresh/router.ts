/**
 * From a method and a path to what was registered for it, on Hono's router. Patterns are those of `URLPattern`'s
 * pathname. What Hono's syntax cannot say (`:rest*`, `{/:id}?`, `v:major-:minor`) is found by its literal beginning and
 * then decided by `URLPattern` itself.
 */
import { RegExpRouter } from "hono/router/reg-exp-router";
import { SmartRouter } from "hono/router/smart-router";
import { TrieRouter } from "hono/router/trie-router";
import { type Method, METHODS } from "./handlers.ts";

/** Everything registered for one pattern. */
interface Entry<T> {
  readonly pattern: string;
  readonly byMethod: Map<Method, T>;
  /** Decides, and names the parameters, where the router's own syntax does not suffice. */
  readonly decide: URLPattern | null;
}

/** What a path led to. `item` is null when the pattern is known, but not with this method. */
export interface Match<T> {
  readonly pattern: string;
  readonly params: Record<string, string>;
  readonly item: T | null;
  /** Some item of the pattern, whatever its method. */
  readonly any: T;
  readonly methods: readonly Method[];
}

const DYNAMIC = /[*:{}+?()]/;
const WHOLE_PARAMETER = /^:\w+$/;

/** The first pattern registered wins, but an exact path always wins over a dynamic one. */
export class Router<T> {
  readonly #entries = new Map<string, Entry<T>>();
  #dynamic: SmartRouter<Entry<T>> | null = null;

  /** The first item for a pattern and method stays. */
  add(method: Method | "ALL", pattern: string, item: T): void {
    let entry = this.#entries.get(pattern);
    if (entry === undefined) {
      const simple = pattern.split("/").every((part) => !DYNAMIC.test(part) || WHOLE_PARAMETER.test(part));
      entry = { pattern, byMethod: new Map(), decide: simple ? null : new URLPattern({ pathname: pattern }) };
      this.#entries.set(pattern, entry);
      this.#dynamic = null;
    }
    for (const one of method === "ALL" ? METHODS : [method]) {
      if (!entry.byMethod.has(one)) entry.byMethod.set(one, item);
    }
  }

  /** Null when no pattern fits the path. A trailing slash more or less does not matter to exact paths. */
  match(method: Method, pathname: string): Match<T> | null {
    const other = pathname.endsWith("/") ? pathname.slice(0, -1) : pathname + "/";
    for (const path of [pathname, other]) {
      const entry = this.#entries.get(path);
      if (entry !== undefined && !DYNAMIC.test(entry.pattern)) return found(entry, method, {});
    }
    this.#dynamic ??= this.#compile();
    const [candidates, stash] = this.#dynamic.match("GET", pathname);
    for (const [entry, names] of candidates) {
      const params: Record<string, string> = {};
      if (entry.decide === null) {
        for (const [name, value] of Object.entries(names)) {
          params[name] = decode(typeof value === "number" ? stash?.[value] : value);
        }
      } else {
        const groups = entry.decide.exec({ pathname })?.pathname.groups;
        if (groups === undefined) continue;
        for (const [name, value] of Object.entries(groups)) params[name] = decode(value);
      }
      return found(entry, method, params);
    }
    return null;
  }

  #compile(): SmartRouter<Entry<T>> {
    const router = new SmartRouter<Entry<T>>({ routers: [new RegExpRouter(), new TrieRouter()] });
    for (const entry of this.#entries.values()) {
      if (DYNAMIC.test(entry.pattern)) {
        router.add("GET", entry.decide === null ? entry.pattern : beginning(entry.pattern), entry);
      }
    }
    return router;
  }
}

/** `/files/:path*` begins with `/files/*`. */
function beginning(pattern: string): string {
  const literal: string[] = [];
  for (const part of pattern.split("/").slice(1)) {
    if (DYNAMIC.test(part)) break;
    literal.push(part);
  }
  // `/a{/:b}?` is split as `a{` and `:b}?`, so its literal part ends before `a{`.
  return ["", ...literal, "*"].join("/");
}

function found<T>(entry: Entry<T>, method: Method, params: Record<string, string>): Match<T> | null {
  const any = entry.byMethod.values().next();
  if (any.done) return null;
  const item = entry.byMethod.get(method) ?? (method === "HEAD" ? entry.byMethod.get("GET") : undefined) ??
    null;
  // As URLPattern writes it: `/:lang?/docs` for `{/:lang}?/docs`.
  const pattern = entry.decide?.pathname ?? entry.pattern;
  return { pattern, params, item, any: any.value, methods: [...entry.byMethod.keys()] };
}

/** A path that is not valid UTF-8 keeps its percent signs; it is data of a stranger, not an error of ours. */
function decode(value: string | undefined): string {
  if (value === undefined) return "";
  try {
    return decodeURI(value);
  } catch {
    return value;
  }
}
