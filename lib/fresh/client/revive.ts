/**
 * Reads what props.ts writes: devalue's flat format. devalue's own reader would be 1.6 KB of a page's budget because it
 * distrusts its input; this one trusts it, since it comes from the same server as the script.
 */

/**
 * Makes a value of what stands for it, which `read` gives, by the tag under which props.ts wrote it. What may hold itself is
 * kept before that is read.
 */
export type Revivers = Readonly<
  Record<string, (read: () => unknown, keep: <Value>(value: Value) => Value) => unknown>
>;

/** The value that devalue wrote as `flat`. What was shared or cyclic is so again. */
export function revive(flat: readonly unknown[], revivers: Revivers): unknown {
  // By negative index: undefined, a hole, NaN, Infinity, -Infinity, -0.
  const special = [0, undefined, undefined, NaN, Infinity, -Infinity, -0];
  const done: unknown[] = [];

  const read = (index: unknown): unknown => {
    const at = Number(index);
    if (at < 0) return special[-at];
    if (at in done) return done[at];
    const raw = flat[at];
    if (typeof raw !== "object" || raw === null) return done[at] = raw;
    if (!Array.isArray(raw)) return entries(done[at] = {}, Object.entries(raw).flat());
    const [tag, ...rest]: unknown[] = raw;
    if (typeof tag !== "string") return array(done[at] = [], raw);
    const reviver = revivers[tag];
    if (reviver !== undefined) {
      return done[at] = reviver(() => read(rest[0]), (value) => {
        done[at] = value;
        return value;
      });
    }
    if (tag === "Map") {
      const map = new Map();
      done[at] = map;
      for (let i = 0; i < rest.length; i += 2) map.set(read(rest[i]), read(rest[i + 1]));
      return map;
    }
    if (tag === "Set") {
      const set = new Set();
      done[at] = set;
      for (const item of rest) set.add(read(item));
      return set;
    }
    if (tag === "null") return entries(done[at] = Object.create(null), rest);
    if (tag === "BigInt") return done[at] = BigInt(String(rest[0]));
    if (tag === "Object") return done[at] = Object(read(rest[0]));
    if (tag === "ArrayBuffer") return done[at] = bytes(String(rest[0]));
    // What is left is made by a constructor of its own name: of text (Date, URL, RegExp …) or of a buffer.
    const Kind: unknown = Reflect.get(globalThis, tag);
    return done[at] = Reflect.construct(Kind as never, typeof rest[0] === "number" ? [read(rest[0])] : rest);
  };

  const entries = (target: object, flatEntries: readonly unknown[]): object => {
    for (let i = 0; i < flatEntries.length; i += 2) {
      Reflect.set(target, String(flatEntries[i]), read(flatEntries[i + 1]));
    }
    return target;
  };

  const array = (target: unknown[], items: readonly unknown[]): unknown[] => {
    if (items[0] === -7) {
      target.length = Number(items[1]);
      for (let i = 2; i < items.length; i += 2) target[Number(items[i])] = read(items[i + 1]);
    } else {
      target.length = items.length;
      items.forEach((item, i) => {
        if (item !== -2) target[i] = read(item);
      });
    }
    return target;
  };

  return read(0);
}

function bytes(base64: string): ArrayBuffer {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)).buffer;
}
