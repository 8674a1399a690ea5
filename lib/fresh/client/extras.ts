/**
 * What the islands of some pages need and those of most do not: properties that are more than JSON (signals among them) and
 * markup as properties. The boot script loads it where the server says so.
 */
import { type ComponentChildren, h, type VNode } from "preact";
import { computed, signal } from "@preact/signals";
import { revive } from "./revive.ts";

/** Properties of an island. */
export type Props = Record<string, unknown>;

/** This module, as the boot script sees it. */
export interface Extras {
  /** Loads the functions of computed signals, which are modules: properties have their addresses. */
  loadMakers(flat: readonly unknown[]): Promise<void>;
  /** Properties from devalue's flat format. */
  reviveProps(flat: readonly unknown[]): Props[];
  /** Puts markup that the page holds in the place of what stands for it. */
  fillSlots(props: Props, islandAt: IslandAt): void;
}

/** Makes the function of a computed signal of what its names stand for. */
type Maker = (this: unknown, scope: object) => () => unknown;
type IslandAt = (start: Comment) => VNode<Props> | null;

/** Stands in properties for markup that the page holds already. */
class Slot {
  constructor(readonly id: string) {}
}

const ISLAND = "frsh:island:";
const END = "/frsh:island";
const SLOT = "frsh:slot:";

/** Where the markup of each slot begins, as the server sent it: islands that become alive leave no such mark. */
const slots = new Map<string, Node | null>();

const makers = new Map<unknown, Maker>();

export const loadMakers: Extras["loadMakers"] = async (flat) => {
  await Promise.all(flat.map(async (entry) => {
    if (!Array.isArray(entry) || entry[0] !== "F") return;
    const url = String(flat[entry[1]]);
    try {
      makers.set(url, (await import(url)).default);
    } catch (error) {
      // The signal keeps its value, and the page's islands still work.
      console.error(error);
    }
  }));
};

export const reviveProps: Extras["reviveProps"] = (flat) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) {
    const { data, nextSibling } = walker.currentNode as Comment;
    if (data.startsWith(SLOT)) slots.set(data.slice(SLOT.length), nextSibling);
  }
  return revive(flat, {
    S: (read, keep) => {
      const made = keep(signal<unknown>());
      made.value = (read() as unknown[])[0];
      return made;
    },
    F: (read) => makers.get(read()),
    C: (read) => {
      const [last, make, scope = {}] = read() as [unknown, Maker?, { this?: unknown }?];
      return computed(make?.call(scope.this, scope) ?? (() => last));
    },
    M: (read) => new Slot(String(read())),
    V: (read) => read(),
    O: (read) => Object.fromEntries(read() as [string, unknown][]),
  }) as Props[];
};

export const fillSlots: Extras["fillSlots"] = (props, islandAt) => {
  for (const key in props) {
    const value = props[key];
    if (value instanceof Slot) {
      const template = document.getElementById(`frsh-${value.id}`) as HTMLTemplateElement | null;
      props[key] = read(slots.get(value.id) ?? template?.content.firstChild ?? null, islandAt);
    }
  }
};

/** Markup that the server rendered, as nodes for Preact: from `node` to the end of its slot, or of its parent. */
function read(node: Node | null, islandAt: IslandAt): ComponentChildren[] {
  const children: ComponentChildren[] = [];
  for (; node !== null; node = node.nextSibling) {
    if (node.nodeType === 3) children.push((node as Text).data);
    else if (node.nodeType === 1) children.push(readElement(node as Element, islandAt));
    else if (node.nodeType === 8) {
      const { data } = node as Comment;
      if (data === `/${SLOT.slice(0, -1)}`) break;
      if (data.startsWith(ISLAND)) {
        children.push(islandAt(node as Comment));
        node = endOf(node as Comment);
        if (node === null) break;
      }
    }
  }
  return children;
}

function readElement(element: Element, islandAt: IslandAt): ComponentChildren {
  const props: Props = {};
  for (const { name, value } of element.attributes) {
    // The presence of a boolean attribute is its value.
    props[name] = typeof Reflect.get(element, name) === "boolean" && value !== "false" ? true : value;
  }
  return h(element.localName, props, ...read(element.firstChild, islandAt));
}

/** The comment that ends the island that `start` begins; null when the browser's parser tore them apart. */
function endOf(start: Comment): Node | null {
  let depth = 0;
  for (let node: Node | null = start; node !== null; node = node.nextSibling) {
    if (node.nodeType !== 8) continue;
    const { data } = node as Comment;
    if (data.startsWith(ISLAND)) depth++;
    if (data === END && --depth === 0) return node;
  }
  console.error("Invalid HTML around", start);
  return null;
}
