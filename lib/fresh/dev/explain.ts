/**
 * What pages show in development: a script that reloads them after a build, and what went wrong, with its place.
 */
import { statusOf } from "../error.ts";
import { BuildError } from "./bundle.ts";
import { codeFrame } from "./code_frame.ts";

/** Where the script is, and where it listens for builds, both below the application's base. */
export const SCRIPT_PATH = "/_fresh/dev.js";
export const EVENTS_PATH = "/_fresh/dev/events";

/** The markup for {@linkcode Build.explain}; `problem` is what keeps the last build from being shown, if anything does. */
export function explanation(error: unknown, problem: unknown, root: string, basePath: string): string {
  const script = `<script type="module" src="${basePath}${SCRIPT_PATH}"></script>`;
  const what = problem ?? (error != null && statusOf(error) >= 500 ? error : null);
  return what === null ? script : `<pre id="fresh-error">${escapeHtml(describe(what, root))}</pre>${script}`;
}

/** An error as text: what, where, the code there, and the stack. */
export function describe(error: unknown, root: string): string {
  if (error instanceof BuildError) return error.message;
  if (!(error instanceof Error)) return `Thrown: ${String(error)}`;
  const stack = error.stack ?? "";
  const frame = codeFrame(stack, root);
  return [`${error.name}: ${error.message}`, ...frame === null ? [] : [frame], stack].join("\n\n");
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}

/**
 * The script: reloads the page when the server says so, or when it comes back as another process. It styles the error by
 * script, because a strict policy allows no inline style.
 */
export function devScript(basePath: string): string {
  return `
let known = null;
const events = new EventSource(${JSON.stringify(basePath + EVENTS_PATH)});
events.onmessage = ({ data }) => {
  if (known !== null && known !== data) location.reload();
  known = data;
};
addEventListener("pagehide", () => events.close());
const error = document.getElementById("fresh-error");
if (error !== null) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("#fresh-error { position: fixed; inset: 0; z-index: 2147483647; margin: 0; padding: 2rem;" +
    " overflow: auto; background: #1b1b1f; color: #ffd7d7; font: 14px/1.5 ui-monospace, monospace; white-space: pre-wrap }");
  document.adoptedStyleSheets.push(sheet);
}
`;
}
