// How a page is brought into each state of its connection, without touching the relay that other tests use. Each is a
// preparation of the browser before the page's first script.

import type { Page } from "playwright-core";

const closeSockets = (code?: number, reason?: string) => (page: Page) =>
  page.routeWebSocket(/./, (socket) =>
    socket.close({
      ...code !== undefined && { code },
      ...reason !== undefined && { reason },
    }));

const abortPolls = (page: Page) => page.route("**/api/v1/**", (route) => route.abort());

/** A state, how to get there, and what the badge says then. */
export interface PageState {
  readonly name: string;
  readonly badge: RegExp;
  readonly prepare: (page: Page) => Promise<unknown>;
}

export const pageStates: readonly PageState[] = [
  { name: "live", badge: /^Live$/, prepare: () => Promise.resolve() },
  {
    name: "connecting",
    badge: /^Connecting$/,
    // neither an answer nor a refusal
    prepare: (page) =>
      Promise.all([
        page.addInitScript(() => {
          class Unanswered {
            readonly readyState = 0;
            close() {}
          }
          Object.assign(globalThis, { WebSocket: Unanswered });
        }),
        page.route("**/api/v1/**", () => {}),
      ]),
  },
  {
    name: "reconnecting, with its countdown",
    badge: /^Reconnecting \d+\/10, in \d+ s$/,
    prepare: (page) => Promise.all([closeSockets()(page), abortPolls(page)]),
  },
  { name: "polling", badge: /^Polling$/, prepare: closeSockets() },
  { name: "disconnected", badge: /^Disconnected$/, prepare: closeSockets(4403, "not allowed") },
  { name: "token expired", badge: /^Disconnected$/, prepare: closeSockets(4401, "the token has expired") },
];
