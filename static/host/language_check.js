// Whether a quiz is likely to be in another language than it says. It only ever asks: a word may be at home in many.

/**
 * Scripts that few languages write.
 * @type {[RegExp, string[]][]}
 */
const SCRIPTS = [
  [/[\u3041-\u30ff]/, ["ja"]],
  [/[\uac00-\ud7af]/, ["ko"]],
  [/[\u4e00-\u9fff]/, ["zh", "ja"]],
  [/[\u0600-\u06ff]/, ["ar", "fa", "ur", "ug", "ckb", "ps", "sd"]],
  [/[\u0590-\u05ff]/, ["he", "yi"]],
  [/[\u0370-\u03ff]/, ["el"]],
  [/[\u0400-\u04ff]/, ["ru", "uk", "bg", "be", "sr", "mk", "kk", "ky", "tg", "mn", "uz"]],
  [/[\u0900-\u097f]/, ["hi", "mr", "ne"]],
  [/[\u0e00-\u0e7f]/, ["th"]],
];

/**
 * Short words, and letters, that one language has and its neighbours have not.
 * @type {Record<string, RegExp>}
 */
const MARKS = {
  de: /ß|\b(?:der|die|das|ein|eine|und|ist|nicht|ich) \p{Lu}|\b(?:und|nicht|ich|auch)\b/gu,
  fr: /[œ]|\b(?:le|la|les|une|des|du|est|avec|dans|pour)\b|\b[ldcjmnst]['’]\p{L}/giu,
  es: /[ñ¿¡]|\b(?:el|la|los|las|una|unos|con|para|está|pero|muy)\b/giu,
  pt: /[ãõ]|\b(?:o|os|uma|com|não|em|são|muito)\b/giu,
  it: /\b(?:il|la|gli|della|degli|che|sono|anche|perché)\b/giu,
  vi: /[ạảấầẩẫậắằẳẵặẹẻẽếềểễệịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹđơư]/giu,
  en: /\b(?:the|an|of|and|is|with|what|which|to)\b/giu,
};

/**
 * The language that the words look like, where that is another one than they are said to be in; null: no doubt.
 * @param {string} words
 * @param {string} tag BCP 47.
 */
export function otherLanguage(words, tag) {
  const said = tag.toLowerCase().split("-")[0];
  for (const [script, languages] of SCRIPTS) {
    if (script.test(words)) return languages.includes(said) ? null : languages[0];
  }
  const marks = Object.entries(MARKS).map(([language, mark]) => ({ language, count: words.match(mark)?.length ?? 0 }));
  const [found, second] = marks.sort((one, other) => other.count - one.count);
  if (found.count === second.count) return null;
  const own = marks.find((one) => one.language === said)?.count ?? 0;
  return found.count > 0 && found.count > own && found.language !== said ? found.language : null;
}
