/**
 * Islands in a document: where they stand, what they were given, and the scripts that make them alive. client/boot.ts reads it.
 */
import { type ComponentChildren, type ComponentType, h, isValidElement } from "preact";
import { Signal } from "@preact/signals";
import type { Island } from "./islands.ts";
import { SlotReference, stringifyProps } from "./props.ts";
import { comment, raw, rendering, type RenderState, type Slot } from "./render_state.ts";

const marked = new WeakMap<Island, ComponentType<Record<string, unknown>>>();

/** A component that renders the island between its markers and keeps its properties for the browser. */
export function markedIsland(island: Island): ComponentType<Record<string, unknown>> {
  let component = marked.get(island);
  if (component === undefined) {
    component = (props: Record<string, unknown>) => {
      const state = rendering.current;
      // A node may stand in the page and inside another island, which renders it itself.
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
  const before = rendering.current?.islandDepth ?? 0;
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
  if (rendering.current !== null) rendering.current.islandDepth = to;
  return null;
}

/** Slots that no island has shown yet, the islands' properties, and the script that makes them alive. */
export function BodyEnd(): ComponentChildren {
  return [h(HiddenSlots, null), h(Scripts, null)];
}

function HiddenSlots(): ComponentChildren {
  const slot = rendering.current?.slots.find(({ rendered }) => !rendered);
  if (slot === undefined) return null;
  slot.rendered = true;
  // Its markup may hold islands with slots of their own: look again afterwards.
  return [h("template", { id: `frsh-${slot.id}` }, slot.markup), h(HiddenSlots, null)];
}

function Scripts(): ComponentChildren {
  const state = rendering.current;
  if (state === null) return null;
  const { site: { build }, used, sent, basePath, error } = state;
  let html = build.explain?.(error) ?? "";
  if (used.size > 0) {
    const { text, plain, modules } = stringifyProps(sent, {
      basePath,
      ...build.mode === "development" ? { warn: console.error } : {},
    });
    const names = new Set([...used].map(({ file }) => file));
    const page = plain ? build.pageOf(names) : null;
    const { boot, extras } = build.scripts;
    const urls: Record<string, string> = {};
    for (const name of names) urls[name] = basePath + build.chunkOf(name).url;
    const rest = [...page ? [] : [urls], ...plain ? [] : [basePath + extras.url]];
    const script = page ?? boot;
    state.chunks = page
      ? [page]
      : [boot, ...plain ? [] : [extras], ...[...names].map((name) => build.chunkOf(name)), ...modules];
    const json = [text, ...rest.map((part) => JSON.stringify(part).replaceAll("<", "\\u003C"))].join();
    html += `<script type="application/json" id="__FRSH_STATE">[${json}]</script>` +
      `<script type="module" src="${basePath}${script.url}"></script>`;
  }
  return html === "" ? null : raw(html);
}

/** The `Link` header that fetches a page's scripts early; empty when it has none. */
export function linkHeader({ chunks, basePath }: RenderState): string {
  const urls = new Set(chunks.flatMap(({ url, imports }) => [url, ...imports]));
  return [...urls].map((url) => `<${basePath}${url}>; rel="modulepreload"; as="script"`).join(", ");
}
