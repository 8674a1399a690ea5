/**
 * `<Head>` in a browser: what an island puts there is written into the document's head, whenever it changes.
 */
import { type ComponentChildren, isValidElement, toChildArray, type VNode } from "preact";
import { useLayoutEffect } from "preact/hooks";

/** Properties of {@linkcode Head}. */
export interface HeadProps {
  /** Elements for the document's head. */
  children?: ComponentChildren;
}

/** Adds its children to the document's head; an element that is there already is changed. */
export function Head({ children }: HeadProps): null {
  useLayoutEffect(() => {
    for (const child of toChildArray(children)) {
      if (isValidElement(child) && typeof child.type === "string") apply(child, child.type);
    }
  });
  return null;
}

function apply(
  { props: { children, ...attributes }, key }: VNode<Record<string, unknown>>,
  type: string,
): void {
  const text = toChildArray(children as ComponentChildren).join("");
  if (type === "title") {
    document.title = text;
    return;
  }
  const { id, name, property, rel } = attributes;
  const named: [string, unknown][] = [["data-key", key], ["id", id], ["name", name], ["property", property], [
    "rel",
    rel,
  ]];
  const [by, value] = named.find(([, value]) => value != null) ?? ["data-key", ""];
  const selector = `${type}[${by}="${CSS.escape(String(value))}"]`;
  const element = document.head.querySelector(selector) ??
    document.head.appendChild(document.createElement(type));
  if (key != null) element.setAttribute("data-key", String(key));
  for (const [attribute, value] of Object.entries(attributes)) {
    if (value == null || value === false) element.removeAttribute(attribute);
    else element.setAttribute(attribute, value === true ? "" : String(value));
  }
  if (text !== "") element.textContent = text;
}
