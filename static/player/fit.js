// A question as large as the page has room for it, with everything on it; where that cannot be, the options come first
// and the page says that there is more.

import { h, settle } from "../shared/dom.js";

/** From roomy to dense; the style sheet says what each word does. `pairs`: two options in a row; `side`: beside the question. */
const LOOKS = [
  "",
  "close",
  "pairs",
  "close pairs",
  "close side",
  "close tight",
  "close tight pairs",
  "close tight side",
  "close tight side pairs",
  "close tight least",
  "close tight least pairs",
  "close tight least side",
  "close tight least side pairs",
];
const NARROWEST_PICTURE = 48;

const page = document.documentElement;
const canvas = document.createElement("canvas").getContext("2d");

/** Whether the longest word of a label stands on one line. */
function unbroken(/** @type {HTMLElement} */ label) {
  const style = getComputedStyle(label);
  if (!canvas) return true;
  canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  const room = label.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight);
  const words = (label.textContent ?? "").split(/\s+/);
  return words.every((word) => word.length > 40 || canvas.measureText(word).width <= room + 1);
}

/** @param {HTMLElement} section */
function whole(section) {
  const image = section.querySelector("img");
  if (image?.complete && image.naturalWidth && image.clientHeight < NARROWEST_PICTURE) return false;
  return page.scrollHeight <= innerHeight + 1 && page.scrollWidth <= innerWidth;
}

/** A view that is no question takes the page as it is. */
export function release() {
  delete document.body.dataset.fit;
}

/** @param {HTMLElement} section the view of a question. */
export function fitter(section) {
  const below = h("p.below", { "aria-hidden": "true", hidden: true }, "↓");
  section.append(below);
  const labels = () => [.../** @type {NodeListOf<HTMLElement>} */ (section.querySelectorAll(".option .label"))];
  const tell = () => {
    below.hidden = page.scrollHeight - innerHeight - scrollY < 8;
  };
  function fit() {
    if (!section.isConnected) return removeEventListener("scroll", tell);
    const apply = (/** @type {string} */ look) => {
      document.body.dataset.fit = look;
    };
    const wide = innerWidth > innerHeight;
    const looks = LOOKS.filter((look) => wide || !look.includes("side"));
    const fits = () => {
      const paired = /pairs|side/.test(document.body.dataset.fit ?? "");
      return whole(section) && (!paired || labels().every(unbroken));
    };
    below.hidden = true;
    if (!settle(looks, apply, fits)) apply("close tight scroll");
    tell();
  }
  addEventListener("scroll", tell, { passive: true });
  section.querySelector("img")?.addEventListener("load", fit);
  section.addEventListener("click", () => setTimeout(fit));
  return fit;
}
