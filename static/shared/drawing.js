// A drawing that the server made.

/** @param {string} svg as the server writes it into pages, too. */
export function drawing(svg) {
  const found = new DOMParser().parseFromString(svg, "text/html").querySelector("svg");
  if (!found) throw new Error("no drawing");
  return found;
}
