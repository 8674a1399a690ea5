// The head of a page: the ways to the others, and whatever the page puts on its right.

import type { ComponentChildren } from "preact";

export interface PageHeadProps {
  /** The modules that have a page. */
  readonly modules: readonly number[];
  /** The path of this page. */
  readonly current?: string;
  readonly children?: ComponentChildren;
}

export function PageHead({ modules, current, children }: PageHeadProps) {
  const links = [
    ["/", "Dashboard"],
    ...modules.map((module) => [`/modules/${module}`, `Module ${module}`] as const),
    ["/lasers", "Lasers"],
    ["/sweep", "Sweep"],
    ["/status", "Status"],
  ] as const;
  return (
    <header class="head">
      <a class="brand" href="/">Lightline</a>
      <nav aria-label="Pages" class="pages">
        <ul>
          {links.map(([path, words]) => (
            <li key={path}>
              <a href={path} {...path === current && { "aria-current": "page" }}>{words}</a>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </header>
  );
}
