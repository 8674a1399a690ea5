/**
 * From a tree of nodes to a document: marks islands and their slots with comments, collects what `<Head>` adds, and ends
 * the body with the islands' properties and one external module script. No inline script ever, so that a strict
 * Content-Security-Policy needs no exception. A page without islands gets no script at all.
 */
import { type ComponentChildren, Fragment, h, options, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import { Signal } from "@preact/signals";
import { asset, assetSrcSet } from "./assets.ts";
import { HeadEnd, InHead, visitHeadElement } from "./head_markup.ts";
import { BodyEnd, linkHeader, markedIsland } from "./island_markup.ts";
import {
  change,
  newState,
  raw,
  rendering,
  type RenderOptions,
  type RenderState,
  undoChanges,
} from "./render_state.ts";
import { rememberComputed } from "./signal_fields.ts";

/** The document, and the `Link` header that fetches its scripts early ("" when it has none). */
export function renderDocument(
  content: ComponentChildren,
  wrap: ((page: ComponentChildren) => ComponentChildren) | null,
  options: RenderOptions,
): { html: string; link: string } {
  const state = newState(options);
  rendering.current = state;
  try {
    let html = renderToString(h(Fragment, null, content));
    if (wrap !== null) html = renderToString(h(Fragment, null, wrap(raw(html))));
    if (!state.hasHtml || !state.hasHead || !state.hasBody) html = completed(html, state);
    return { html: `<!DOCTYPE html>${html}`, link: linkHeader(state) };
  } finally {
    rendering.current = null;
    undoChanges(state);
  }
}

/** What `<html>` holds, if there is one. Renderers quote attributes with `"` alone. */
const HTML_ELEMENT = /^(<html(?:\s+[^\s=>]+(?:="[^"]*")?)*\s*>)(.*)<\/html>$/s;

/** The document with the elements that it has not got. */
function completed(html: string, { hasHead, hasBody }: RenderState): string {
  const [, open = "<html>", content = html] = HTML_ELEMENT.exec(html) ?? [];
  const end = hasBody ? "" : renderToString(h(BodyEnd, null));
  // Whatever follows a head is the body, whether it is called so or not.
  const body = hasBody || hasHead ? content + end : `<body>${content}${end}</body>`;
  const head = hasHead ? "" : `<head><meta charset="utf-8">${renderToString(h(HeadEnd, null))}</head>`;
  return `${open}${head}${body}</html>`;
}

// Preact's options are how a renderer sees every node just before it is rendered.
const hooks: typeof options & {
  __b?: (vnode: VNode) => void;
  attr?: (name: string, value: unknown) => string | void;
} = options;
const previousDiff = hooks.__b;
hooks.__b = (vnode) => {
  if (rendering.current !== null) visit(rendering.current, vnode);
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
    if (island !== undefined) {
      change(state, vnode, { type: markedIsland(island) });
      rememberComputed(vnode);
    }
    return;
  }
  switch (vnode.type) {
    case "html":
      state.hasHtml = true;
      return;
    case "head":
      if (state.hasHead) return;
      state.hasHead = true;
      surround(state, vnode, [
        h(InHead, { now: true }),
        childrenOf(vnode),
        h(HeadEnd, null),
        h(InHead, { now: false }),
      ]);
      return;
    case "body":
      if (state.hasBody) return;
      state.hasBody = true;
      surround(state, vnode, [childrenOf(vnode), h(BodyEnd, null)]);
      return;
    case "img":
    case "source":
      // The browser's island would give back the address that it was written with.
      if (state.islandDepth === 0) hashAddresses(state, vnode);
      return;
    case "script":
    case "style":
      if (state.nonce !== null && !("nonce" in vnode.props)) {
        change(state, vnode, { props: Object.assign({ nonce: state.nonce }, vnode.props) });
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

/** Pictures of `static/` are kept for ever, unless they say `data-fresh-disable-lock`. */
function hashAddresses(state: RenderState, vnode: VNode<{ src?: unknown; srcset?: unknown }>): void {
  const { src, srcset } = vnode.props;
  if ("data-fresh-disable-lock" in vnode.props) return;
  const props = { ...vnode.props };
  if (typeof src === "string") props.src = asset(src);
  if (typeof srcset === "string") props.srcset = assetSrcSet(srcset);
  change(state, vnode, { props });
}

/** Gives a node other children. */
function surround(state: RenderState, vnode: VNode, children: ComponentChildren): void {
  change(state, vnode, { props: { ...vnode.props, children } });
}

function childrenOf(vnode: VNode): ComponentChildren {
  return vnode.props.children;
}
