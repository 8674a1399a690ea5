/**
 * From a tree of nodes to a document: marks islands and their slots with comments, collects what `<Head>` adds, and ends
 * the body with the islands' properties and one external module script. No inline script ever, so that a strict
 * Content-Security-Policy needs no exception. A page without islands gets no script at all.
 *
 * Rendering is synchronous, which is why one module-wide `current` suffices.
 */
import {
  type ComponentChildren,
  type ComponentType,
  Fragment,
  h,
  isValidElement,
  options,
  type VNode,
} from "preact";
import { jsxTemplate } from "preact/jsx-runtime";
import { renderToString } from "preact-render-to-string";
import { Signal } from "@preact/signals";
import type { Site } from "./context.ts";
import { setHeadCollector } from "./head.ts";
import type { IslandChunk } from "./assets.ts";
import type { Island } from "./islands.ts";
import { type SentProps, SlotReference, stringifyProps } from "./props.ts";

/** What rendering needs to know about the application and the request. */
export interface RenderOptions {
  readonly site: Site;
  readonly basePath: string;
  /** Put on inline scripts and styles, when a policy asks for one. */
  readonly nonce: string | null;
  /** What an error page is about; shown over the page in development. */
  readonly error: unknown;
}

interface Slot {
  readonly id: number;
  readonly name: string;
  readonly markup: ComponentChildren;
  rendered: boolean;
}

interface RenderState extends RenderOptions {
  readonly used: Set<Island>;
  readonly sent: SentProps[];
  readonly slots: Slot[];
  /** The islands' properties are more than JSON. */
  extras: boolean;
  /** What `<Head>` collected and no `<head>` has shown yet, by what makes it the same element. */
  readonly head: Map<string, VNode>;
  /** How many islands the current node is inside of; its siblings in a slot are back at 0. */
  islandDepth: number;
  inHead: boolean;
  /** The children of a `<Head>` are being looked at. */
  collecting: boolean;
  hasHtml: boolean;
  hasHead: boolean;
  hasBody: boolean;
}

let current: RenderState | null = null;

/** The document, and the `Link` header that fetches its scripts early ("" when it has none). */
export function renderDocument(
  content: ComponentChildren,
  wrap: ((page: ComponentChildren) => ComponentChildren) | null,
  options: RenderOptions,
): { html: string; link: string } {
  const state: RenderState = {
    ...options,
    used: new Set(),
    extras: false,
    sent: [],
    slots: [],
    head: new Map(),
    islandDepth: 0,
    inHead: false,
    collecting: false,
    hasHtml: false,
    hasHead: false,
    hasBody: false,
  };
  current = state;
  try {
    let html = renderToString(h(Fragment, null, content));
    if (wrap !== null) html = renderToString(h(Fragment, null, wrap(raw(html))));
    if (!state.hasBody) html = `<body>${html}${renderToString(h(BodyEnd, null))}</body>`;
    if (!state.hasHead) {
      html = `<head><meta charset="utf-8">${renderToString(h(HeadEnd, null))}</head>${html}`;
    }
    if (!state.hasHtml) html = `<html>${html}</html>`;
    return { html: `<!DOCTYPE html>${html}`, link: linkHeader(state) };
  } finally {
    current = null;
  }
}

/** Markup that is a string already. */
function raw(html: string): VNode {
  return jsxTemplate([html]);
}

// Preact's options are how a renderer sees every node just before it is rendered.
const hooks: typeof options & {
  __b?: (vnode: VNode) => void;
  attr?: (name: string, value: unknown) => string | void;
} = options;
const previousDiff = hooks.__b;
hooks.__b = (vnode) => {
  if (current !== null) visit(current, vnode);
  previousDiff?.(vnode);
};

const previousAttr = hooks.attr;
hooks.attr = (name, value) => {
  // Precompiled markup leaves `aria-expanded={false}` out, which means something else than "false".
  const plain = value instanceof Signal ? value.peek() : value;
  if (typeof plain === "boolean" && /^(aria|data)-/.test(name)) return `${name}="${plain}"`;
  return previousAttr?.(name, value) ?? undefined;
};

function visit(state: RenderState, vnode: VNode): void {
  if (typeof vnode.type === "function") {
    const island = state.islandDepth === 0 ? state.site.islands.get(vnode.type) : undefined;
    if (island !== undefined) vnode.type = markedIsland(island);
    return;
  }
  switch (vnode.type) {
    case "html":
      state.hasHtml = true;
      return;
    case "head":
      if (state.hasHead) return;
      state.hasHead = true;
      vnode.props = {
        children: [h(InHead, { now: true }), childrenOf(vnode), h(HeadEnd, null), h(InHead, { now: false })],
        ...attributesOf(vnode),
      };
      return;
    case "body":
      if (state.hasBody) return;
      state.hasBody = true;
      vnode.props = { ...attributesOf(vnode), children: [childrenOf(vnode), h(BodyEnd, null)] };
      return;
    case "script":
    case "style":
      if (state.nonce !== null && !("nonce" in vnode.props)) {
        Object.assign(vnode.props, { nonce: state.nonce });
      }
      visitHeadElement(state, vnode);
      return;
    case "title":
    case "meta":
    case "link":
    case "base":
    case "noscript":
    case "template":
      visitHeadElement(state, vnode);
      return;
  }
}

// ---- islands

const marked = new WeakMap<Island, ComponentType<Record<string, unknown>>>();

/** A component that renders the island between its markers and keeps its properties for the browser. */
function markedIsland(island: Island): ComponentType<Record<string, unknown>> {
  let component = marked.get(island);
  if (component === undefined) {
    component = (props: Record<string, unknown>) => {
      const state = current;
      // A node that was marked in an earlier rendering may now stand inside another island, which renders it itself.
      if (state === null || state.islandDepth > 0) return h(island.component, props);
      const sent: Record<string, unknown> = {};
      const shown: Record<string, unknown> = {};
      for (const [name, value] of Object.entries(props)) {
        if (isMarkup(value)) {
          const slot: Slot = { id: state.slots.length, name, markup: value, rendered: false };
          state.slots.push(slot);
          sent[name] = new SlotReference(slot.id);
          shown[name] = h(SlotPlace, { slot });
        } else {
          sent[name] = shown[name] = value;
        }
      }
      state.used.add(island);
      const index = state.sent.push({ island: island.name, props: sent }) - 1;
      return [
        comment(`frsh:island:${island.name}:${index}`),
        h(Depth, { to: 1 }),
        h(island.component, shown),
        h(Depth, { to: 0 }),
        comment("/frsh:island"),
      ];
    };
    marked.set(island, component);
  }
  return component;
}

/** Markup cannot be sent as data: it stays where the server rendered it, and the browser reads it from there. */
function isMarkup(value: unknown): value is ComponentChildren {
  if (Array.isArray(value)) return value.some(isMarkup);
  // Preact takes any object without a prototype for an element, and signals pose as elements.
  return isValidElement(value) && "props" in value && !(value instanceof Signal);
}

function SlotPlace({ slot }: { slot: Slot }): ComponentChildren {
  const before = current?.islandDepth ?? 0;
  slot.rendered = true;
  return [
    comment(`frsh:slot:${slot.id}`),
    h(Depth, { to: 0 }),
    slot.markup,
    h(Depth, { to: before }),
    comment("/frsh:slot"),
  ];
}

/** Siblings render in order, so a node that renders nothing can say where we are. */
function Depth({ to }: { to: number }): null {
  if (current !== null) current.islandDepth = to;
  return null;
}

function comment(text: string): VNode {
  return h(Fragment, { UNSTABLE_comment: text } as Record<string, string>);
}

// ---- the end of <head> and of <body>

function InHead({ now }: { now: boolean }): null {
  if (current !== null) current.inHead = now;
  return null;
}

function HeadEnd(): ComponentChildren {
  const rest = [...current?.head.values() ?? []];
  current?.head.clear();
  return rest;
}

/** Keeps what a page's `<Head>` gives; in the document's own head, that replaces the same element. */
function visitHeadElement(state: RenderState, vnode: VNode): void {
  if (state.collecting) {
    state.head.set(headKey(vnode), h(vnode.type, { ...vnode.props, key: vnode.key }));
    // What stands inside it is a part of it, and nothing to collect.
    vnode.props = { ...vnode.props, children: null };
  } else if (state.inHead && state.head.size > 0) {
    const key = headKey(vnode);
    const given = state.head.get(key);
    if (given === undefined) return;
    state.head.delete(key);
    vnode.props = given.props;
  }
}

// Children of a `<Head>` may be components, so they are rendered to see which elements come out; that text is not used.
setHeadCollector((children) => {
  if (current === null) return;
  current.collecting = true;
  renderToString(h(Fragment, null, children));
  current.collecting = false;
});

/** A title is a title; a `meta` is the same with other content, a `link` with another address. */
function headKey(vnode: VNode): string {
  if (vnode.key != null) return String(vnode.key);
  if (vnode.type === "title") return "title";
  const ignored = new Set([
    "children",
    "nonce",
    "ref",
    vnode.type === "meta" ? "content" : vnode.type === "link" ? "href" : "",
  ]);
  const rest = Object.entries(vnode.props).filter(([name]) => !ignored.has(name)).toSorted(([a], [b]) =>
    a < b ? -1 : 1
  );
  return JSON.stringify([vnode.type, ...rest]);
}

/** Slots that no island has shown yet, the islands' properties, and the script that makes them alive. */
function BodyEnd(): ComponentChildren {
  return [h(HiddenSlots, null), h(Scripts, null)];
}

function HiddenSlots(): ComponentChildren {
  const slot = current?.slots.find(({ rendered }) => !rendered);
  if (slot === undefined) return null;
  slot.rendered = true;
  // Its markup may hold islands with slots of their own: look again afterwards.
  return [h("template", { id: `frsh-${slot.id}` }, slot.markup), h(HiddenSlots, null)];
}

function Scripts(): ComponentChildren {
  if (current === null) return null;
  const { site: { build }, used, sent, basePath, error } = current;
  let html = build.explain?.(error) ?? "";
  if (used.size > 0) {
    const files: Record<string, string> = {};
    for (const { file } of used) files[file] = basePath + build.chunkOf(file).url;
    const { boot, extras: more } = groupOf(current);
    const urls = JSON.stringify(files).replaceAll("<", "\\u003C");
    const { text, plain } = stringifyProps(sent);
    const extras = plain ? "" : `,${JSON.stringify(basePath + more.url)}`;
    current.extras = !plain;
    html += `<script type="application/json" id="__FRSH_STATE">[${urls},${text}${extras}]</script>` +
      `<script type="module" src="${basePath}${boot.url}"></script>`;
  }
  return html === "" ? null : raw(html);
}

/** The boot script and extras of the islands of a page; two groups have two of each, and two copies of preact. */
function groupOf({ site: { build }, used }: RenderState): IslandChunk {
  const [first, ...others] = [...used].map(({ file }) => build.chunkOf(file));
  if (first === undefined || others.some(({ boot }) => boot.url !== first.boot.url)) {
    const files = [...used].map(({ file }) => file).join(", ");
    throw new Error(
      `Cannot put the islands ${files} on one page: they are of different (groups) in islands/.`,
    );
  }
  return first;
}

function linkHeader(state: RenderState): string {
  const { site: { build }, used, extras, basePath } = state;
  if (used.size === 0) return "";
  const group = groupOf(state);
  const chunks = [
    group.boot,
    ...extras ? [group.extras] : [],
    ...[...used].map(({ file }) => build.chunkOf(file)),
  ];
  const urls = new Set(chunks.flatMap(({ url, imports }) => [url, ...imports]));
  return [...urls].map((url) => `<${basePath}${url}>; rel="modulepreload"; as="script"`).join(", ");
}

function childrenOf(vnode: VNode): ComponentChildren {
  return vnode.props.children;
}

function attributesOf({ props: { children: _, ...attributes } }: VNode): Record<string, unknown> {
  return attributes;
}
