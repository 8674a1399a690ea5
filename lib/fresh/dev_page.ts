/** What a page shows in development when something was thrown. */
export function errorOverlay(_error: unknown): string {
  return "";
}
