// Texts whose form goes by a number: "1 point", "2 points", and the six forms of Arabic.

/** @typedef {string | {by: string, other: string, [category: string]: string}} Text */

/**
 * The text with its values in it; the form is that of the value it goes by. Numbers are written as the language does.
 * @param {Text} found
 * @param {Record<string, string | number>} values
 * @param {string} language BCP 47.
 */
export function filled(found, values, language) {
  const form = typeof found === "string" ? found : formOf(found, Number(values[found.by]), language);
  const shown = (/** @type {string | number} */ value) =>
    typeof found !== "string" && typeof value === "number" ? value.toLocaleString(language) : String(value);
  return form.replace(/%\((\w+)\)s/g, (_, name) => shown(values[name]));
}

/** @param {Exclude<Text, string>} forms @param {number} count @param {string} language */
function formOf(forms, count, language) {
  return forms[new Intl.PluralRules(language).select(count)] ?? forms.other;
}
