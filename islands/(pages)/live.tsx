// The dashboard's islands for pages that have more: in this folder they are bundled with the others of such a page.

import { ConnectionBadge, ModulePanel } from "../live.tsx";

/** How the page gets its readings. */
export class Badge extends ConnectionBadge {}

/** One module. */
export class LargePanel extends ModulePanel {}
