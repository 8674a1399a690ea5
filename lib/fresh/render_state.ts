/**
 * What is known while one document is rendered. Rendering is synchronous, which is why one module-wide `rendering.current`
 * suffices; markup that is part of several documents is given back as it was.
 */
import { type ComponentChildren, Fragment, h, type VNode } from "preact";
import { jsxTemplate } from "preact/jsx-runtime";
import { asset, type Chunk } from "./assets.ts";
import type { Site } from "./context.ts";
import type { Island } from "./islands.ts";
import type { SentProps } from "./props.ts";

/** What rendering needs to know about the application and the request. */
export interface RenderOptions {
  readonly site: Site;
  readonly basePath: string;
  /** Put on inline scripts and styles, when a policy asks for one. */
  readonly nonce: string | null;
  /** Addresses of style sheets for the document's head. */
  readonly css: readonly string[];
  /** What an error page is about; shown over the page in development. */
  readonly error: unknown;
}

/** Markup that was given to an island. */
export interface Slot {
  readonly id: number;
  readonly name: string;
  readonly markup: ComponentChildren;
  rendered: boolean;
}

/** One document, half rendered. */
export interface RenderState extends RenderOptions {
  readonly used: Set<Island>;
  readonly sent: SentProps[];
  readonly slots: Slot[];
  /** The scripts of the document. */
  chunks: readonly Chunk[];
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
  /** Nodes that were changed, and what they were: they may be constants of a module, and part of the next document too. */
  readonly changed: [node: VNode, type: VNode["type"], props: VNode["props"]][];
}

/** The document that is being rendered, if one is. */
export const rendering: { current: RenderState | null } = { current: null };

/** A document of which nothing is rendered yet. */
export function newState(options: RenderOptions): RenderState {
  return {
    ...options,
    used: new Set(),
    chunks: [],
    sent: [],
    slots: [],
    head: new Map(options.css.map((href) => [href, styleSheet(href)])),
    islandDepth: 0,
    inHead: false,
    collecting: false,
    hasHtml: false,
    hasHead: false,
    hasBody: false,
    changed: [],
  };
}

function styleSheet(href: string): VNode {
  return h("link", { rel: "stylesheet", href: asset(href) } as object);
}

/** Changes a node for this document only. */
export function change(state: RenderState, vnode: VNode, to: Partial<Pick<VNode, "type" | "props">>): void {
  state.changed.push([vnode, vnode.type, vnode.props]);
  Object.assign(vnode, to);
}

/** Gives all nodes back what they were before {@linkcode change}. */
export function undoChanges({ changed }: RenderState): void {
  for (const [vnode, type, props] of changed.toReversed()) Object.assign(vnode, { type, props });
}

/** Markup that is a string already. */
export function raw(html: string): VNode {
  return jsxTemplate([html]);
}

/** A comment of HTML. */
export function comment(text: string): VNode {
  return h(Fragment, { UNSTABLE_comment: text } as Record<string, string>);
}
