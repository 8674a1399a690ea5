// What is wrong with what an instrument's page shows, and what to do.

import type { Trouble } from "./asking.ts";

export interface TroubleNoticeProps {
  readonly trouble: Trouble | null;
}

/** Its place stays in the page while nothing is wrong: a live region must be there before it speaks. */
export function TroubleNotice({ trouble }: TroubleNoticeProps) {
  return (
    <div role="status">
      {trouble && (
        <p class="notice">
          {trouble.type === "logged_out"
            ? (
              <>
                Your login has ended: what stands here may not be true any more.{" "}
                <a href={`/login?next=${encodeURIComponent(location.pathname + location.search)}`}>Log in</a>
              </>
            )
            : trouble.words}
        </p>
      )}
    </div>
  );
}
