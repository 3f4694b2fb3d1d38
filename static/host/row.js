// A row of a form, of one question or one word, and its fields by their names.

/**
 * @typedef {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} Written
 * @typedef {(name: string) => Written | null} Fields
 */

/** @param {Element | RadioNodeList | null} found @returns {found is Written} */
export const isWritten = (found) =>
  found instanceof HTMLInputElement || found instanceof HTMLSelectElement || found instanceof HTMLTextAreaElement;

/**
 * The fields of a row; null where it is only the pattern of new rows.
 * @param {HTMLElement} row
 * @param {string} name of a field that every such row has.
 * @returns {Fields | null}
 */
export function fieldsOf(row, name) {
  const prefix = row.querySelector(`[name$='-${name}']`)?.getAttribute("name")?.slice(0, -name.length);
  if (!prefix || prefix.includes("__prefix__")) return null;
  return (one) => {
    const found = row.querySelector(`[name="${prefix}${one}"]`);
    return isWritten(found) ? found : null;
  };
}
