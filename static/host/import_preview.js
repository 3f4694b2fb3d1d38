// What was read from a file or a paste, changed where it stands. What is stored is the hidden field, in the exchange
// format; the server checks it anew.

const table = /** @type {HTMLElement | null} */ (document.querySelector(".qz-entries"));
const content = /** @type {HTMLInputElement | null} */ (document.querySelector("#store input[name=content]"));

/** @param {string} value */
const lines = (value) =>
  value
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

/** @param {HTMLElement} cell @param {Record<string, string | string[]>} entry @param {() => void} changed */
function makeEditable(cell, entry, changed) {
  const { field, list } = cell.dataset;
  const box = document.createElement("div");
  box.className = "qz-cell";
  box.dir = "auto";
  box.textContent = cell.textContent;
  box.contentEditable = "plaintext-only";
  // Browsers that do not know it refuse it.
  if (box.contentEditable !== "plaintext-only") box.contentEditable = "true";
  box.setAttribute("role", "textbox");
  box.setAttribute("aria-multiline", String(Boolean(list)));
  box.setAttribute("aria-labelledby", `of-${field ?? list}`);
  box.addEventListener("input", () => {
    const value = box.innerText.replace(/\u00a0/g, " ");
    if (list) entry[list] = lines(value);
    else if (field) entry[field] = value.trim();
    changed();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !list) event.preventDefault();
  });
  cell.replaceChildren(box);
}

if (table && content) {
  const imported = JSON.parse(content.value);
  const entries = imported[table.dataset.holds ?? ""];
  const changed = () => {
    content.value = JSON.stringify(imported);
  };
  table.querySelectorAll("tbody tr").forEach((row, index) => {
    const cells = /** @type {NodeListOf<HTMLElement>} */ (row.querySelectorAll("[data-field], [data-list]"));
    for (const cell of cells) makeEditable(cell, entries[index], changed);
  });
}
