// The lamp above every page, which says that there is light.

/** Where the lamp is in every page. */
export const lampId = "lamp";

/** Shows words in a page that is open; none: the lamp is dark. */
export function light(words: string): void {
  const lamp = document.getElementById(lampId);
  if (lamp === null) return;
  lamp.hidden = !words;
  lamp.textContent = words;
}
