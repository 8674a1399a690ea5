/**
 * `<Head>` on the server: its children are not rendered where they stand but given to the renderer, which puts them into
 * the document's head. client/runtime.ts has the browser's own.
 */
import type { ComponentChildren } from "preact";

let collect: (children: ComponentChildren) => void = () => {};

/** The renderer says where children of `<Head>` go. Only for render.ts: runtime.ts must not import a renderer. */
export function setHeadCollector(collector: (children: ComponentChildren) => void): void {
  collect = collector;
}

/** Properties of {@linkcode Head}. */
export interface HeadProps {
  /** Elements for the document's head: title, meta, link, base, script, style, noscript, template. */
  children?: ComponentChildren;
}

/** Adds its children to the document's head; an element that the head has already is replaced. */
export function Head({ children }: HeadProps): null {
  collect(children);
  return null;
}
