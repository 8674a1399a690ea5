/**
 * Where an error comes from, with the lines around it. Reads the source file that the error's stack names.
 */
import { relative } from "node:path";
import { fileURLToPath } from "node:url";

const FRAME = /(file:\/\/[^\s()]+):(\d+):(\d+)/g;
const LINES_AROUND = 3;

/** `routes/index.tsx:12:5` and the code there; null when the stack names no file of the project. */
export function codeFrame(stack: string, root: string): string | null {
  for (const [, url = "", line = "", column = ""] of stack.matchAll(FRAME)) {
    const file = relative(root, fileURLToPath(url.split("?", 1)[0] ?? url));
    if (file.startsWith("..") || file.includes("node_modules/") || isEngine(url)) continue;
    let lines: string[];
    try {
      lines = Deno.readTextFileSync(`${root}/${file}`).split("\n");
    } catch {
      continue;
    }
    return [`${file}:${line}:${column}`, "", ...frame(lines, Number(line), Number(column))].join("\n");
  }
  return null;
}

/** The lines around `line` (from 1), that line marked, and a caret below its `column` (from 1). */
function frame(lines: readonly string[], line: number, column: number): string[] {
  const from = Math.max(1, line - LINES_AROUND);
  const to = Math.min(lines.length, line + LINES_AROUND);
  const width = String(to).length;
  const shown: string[] = [];
  for (let at = from; at <= to; at++) {
    shown.push(`${at === line ? ">" : " "} ${String(at).padStart(width)} | ${lines[at - 1] ?? ""}`);
    if (at === line) shown.push(`  ${" ".repeat(width)} | ${" ".repeat(column - 1)}^`);
  }
  return shown;
}

/** The engine's own frames are not where the mistake is. */
function isEngine(url: string): boolean {
  return url.startsWith(new URL("..", import.meta.url).href);
}
