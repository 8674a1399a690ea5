// What became of a form, above whatever the page shows.

import { refusalId } from "./NumberField.tsx";

export interface FormNoticeProps {
  /** What was done, in words. */
  readonly done: string | null;
  /** Why it was not. */
  readonly refused: string | null;
}

export function FormNotice({ done, refused }: FormNoticeProps) {
  if (refused !== null) return <p id={refusalId} class="notice" role="status">{refused}</p>;
  return done !== null && <p class="done" role="status">{done}</p>;
}
