/**
 * Makes the islands of a page alive. The server marked where each stands, and left their properties and the addresses of
 * their code in one block of JSON. Runs once, as the page's only script.
 */
import { type ComponentType, type ContainerNode, h, render } from "preact";
import type { Extras, Props } from "./extras.ts";

// Not for this script: named here, signals travel in one file with preact, which is 170 bytes less than in two.
export { signal } from "@preact/signals-core";

const ISLAND = "frsh:island:";
const END = "/frsh:island";

const components = new Map<string, ComponentType<Props>>();
let allProps: Props[] = [];
let extras: Extras | undefined;

async function boot(state: string): Promise<void> {
  const [files, sent, extrasUrl]: [Record<string, string>, Props[], string?] = JSON.parse(state);
  await Promise.all(
    Object.entries(files).map(async ([file, url]) => {
      try {
        const module: Record<string, ComponentType<Props>> = await import(url);
        for (const name in module) {
          components.set(name === "default" ? file : `${file}.${name}`, module[name]!);
        }
      } catch (error) {
        // The page's other islands still work.
        console.error(error);
      }
    }),
  );
  if (extrasUrl !== undefined) extras = await import(extrasUrl);
  allProps = extras?.reviveProps(sent) ?? sent;

  const roots: Comment[] = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_COMMENT);
  let depth = 0;
  while (walker.nextNode()) {
    const node = walker.currentNode as Comment;
    if (node.data === END) depth--;
    // Islands inside of an island are part of what it renders.
    else if (node.data.startsWith(ISLAND) && depth++ === 0) roots.push(node);
  }
  for (const start of roots) mount(start);
}

function mount(start: Comment): void {
  const end = endOf(start);
  const island = islandAt(start);
  if (end === null || island === null) return;
  const parent = start.parentNode!;
  // Islands share their parent with other nodes, so what is rendered into is only what lies between the markers.
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
  render(island, root as unknown as ContainerNode);
}

/** The island that a marker begins, with its markup read from the page; null when its code could not be loaded. */
function islandAt(start: Comment) {
  const [name = "", index] = start.data.slice(ISLAND.length).split(":");
  const component = components.get(name);
  const props = allProps[Number(index)];
  if (component === undefined || props === undefined) return null;
  extras?.fillSlots(props, islandAt, endOf);
  return h(component, props);
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

boot(document.getElementById("__FRSH_STATE")!.textContent!);
