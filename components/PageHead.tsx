// The head of a page: the way home, and whatever the page puts on its right.

import type { ComponentChildren } from "preact";

export function PageHead({ children }: { readonly children?: ComponentChildren }) {
  return (
    <header class="head">
      <a class="brand" href="/">Lightline</a>
      {children}
    </header>
  );
}
