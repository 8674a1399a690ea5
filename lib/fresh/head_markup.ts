/**
 * The document's head: what pages give with `<Head>` is collected first, and then stands in it.
 */
import { type ComponentChildren, Fragment, h, type VNode } from "preact";
import { renderToString } from "preact-render-to-string";
import { setHeadCollector } from "./head.ts";
import { change, rendering, type RenderState } from "./render_state.ts";

/** Stands at the beginning and the end of the document's own head. */
export function InHead({ now }: { now: boolean }): null {
  if (rendering.current !== null) rendering.current.inHead = now;
  return null;
}

/** What `<Head>` gave and the head has not. */
export function HeadEnd(): ComponentChildren {
  return [...rendering.current?.head.values() ?? []];
}

/** Keeps what a page's `<Head>` gives; in the document's own head, that replaces the same element. */
export function visitHeadElement(state: RenderState, vnode: VNode): void {
  if (state.collecting) {
    state.head.set(headKey(vnode), h(vnode.type, { ...vnode.props, key: vnode.key }));
    // What stands inside it is a part of it, and nothing to collect.
    change(state, vnode, { props: { ...vnode.props, children: null } });
  } else if (state.inHead && state.head.size > 0) {
    const key = headKey(vnode);
    const given = state.head.get(key);
    if (given === undefined) return;
    state.head.delete(key);
    change(state, vnode, { props: given.props });
  }
}

// Children of a `<Head>` may be components, so they are rendered to see which elements come out; that text is not used.
setHeadCollector((children) => {
  if (rendering.current === null) return;
  rendering.current.collecting = true;
  renderToString(h(Fragment, null, children));
  rendering.current.collecting = false;
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
