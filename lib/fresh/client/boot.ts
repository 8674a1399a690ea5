/**
 * Makes the islands of a page alive. The server marked where each stands, and left their properties and the addresses of
 * their code in one block of JSON. What calls `boot`, once, is the page's only script: split.ts, or the page's own bundle.
 */
import { type ComponentType, type ContainerNode, h, render } from "preact";
import type { Extras, Props } from "./extras.ts";

/** Components by the names that the markers have. */
export type Components = Readonly<Record<string, ComponentType<Props>>>;

const ISLAND = "frsh:island:";
const END = "/frsh:island";

/** What the server left: properties, then, for split.ts, the addresses of the islands' files and of the extras. */
export const [sent, files, extrasUrl]: readonly [Props[], Record<string, string>?, string?] = JSON.parse(
  document.getElementById("__FRSH_STATE")!.textContent!,
);

/** Renders each of the page's islands in its place. */
export function boot(components: Components, extras?: Extras): void {
  const allProps = extras?.reviveProps(sent) ?? sent;

  /** The island that a marker begins, with its markup read from the page; null when its code could not be loaded. */
  function islandAt(start: Comment) {
    const [name = "", index] = start.data.slice(ISLAND.length).split(":");
    const component = components[name];
    const props = allProps[Number(index)];
    if (component === undefined || props === undefined) return null;
    extras?.fillSlots(props, islandAt);
    return h(component, props);
  }

  const open: Comment[] = [];
  const places: [start: Comment, end: Comment][] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
  while (walker.nextNode()) {
    const node = walker.currentNode as Comment;
    if (node.data.startsWith(ISLAND)) open.push(node);
    else if (node.data === END) {
      const start = open.pop();
      // Islands inside of an island are part of what it renders.
      if (start && open.length === 0) places.push([start, node]);
    }
  }
  for (const [start, end] of places) {
    const island = islandAt(start);
    if (start.parentNode !== end.parentNode) console.error("Invalid HTML around", start);
    else if (island !== null) render(island, rootBetween(start, end));
  }
}

/** Islands share their parent with other nodes, so what is rendered into is only what lies between the markers. */
function rootBetween(start: Comment, end: Node): ContainerNode {
  const parent = start.parentNode!;
  const root = {
    nodeType: 1,
    namespaceURI: (parent as Element).namespaceURI,
    parentNode: parent,
    get firstChild() {
      return this.childNodes[0] ?? null;
    },
    get childNodes() {
      const nodes: ChildNode[] = [];
      for (let node = start.nextSibling; node !== null && node !== end; node = node.nextSibling) {
        nodes.push(node);
      }
      return nodes;
    },
    contains: (node: Node | null) => parent.contains(node),
    insertBefore: (node: Node, before: Node | null) => parent.insertBefore(node, before ?? end),
    appendChild: (node: Node) => parent.insertBefore(node, end),
    removeChild: (node: Node) => parent.removeChild(node),
  };
  return root as unknown as ContainerNode;
}
