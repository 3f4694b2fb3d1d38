// The join form: a code and a name. What is wrong is said beside the field it concerns.

import { element, page as own, text } from "../shared/dom.js";
import { BASE } from "../shared/paths.js";
import { lastName } from "./memory.js";

/**
 * What the server gives a player's page. `card`: where a card's secret is told; `names`: those it suggests;
 * `preview`: where a host plays a quiz to see how it is, and where that ends.
 * @typedef {typeof own & {code: string, session: {id: string, code: string, title: string, over: boolean} | null,
 *   names: string[], card?: string, preview?: {id: string, url: string, back: string}}} PlayerPage
 */
export const page = /** @type {PlayerPage} */ (own);

/** Refusals that concern the session; all others concern the name. */
const OF_THE_CODE = new Set(["INVALID_SESSION", "SESSION_COMPLETED", "SESSION_FULL", "SESSION_LOCKED", "REMOVED"]);
/** @type {Record<string, string>} */
const TEXT_OF = {
  INVALID_SESSION: "no_such_code",
  SESSION_COMPLETED: "session_over",
  SESSION_FULL: "session_full",
  SESSION_LOCKED: "session_locked",
  REMOVED: "removed_before",
  USERNAME_TAKEN: "name_taken",
  INVALID_TOKEN: "token_refused",
};

const form = element("join", HTMLFormElement);
export const code = element("code", HTMLInputElement);
const name = element("name", HTMLInputElement);
/** Of a player whose browser has lost what it remembered; it stands in place of a name. */
const place = element("place-code", HTMLInputElement);
const button = element("enter", HTMLButtonElement);
const suggestion = element("suggest");

/** The code that was meant: full-width letters, Arabic and Persian digits, spaces and marks are what keyboards make of it. @param {string} value */
export const cleanCode = (value) =>
  value
    .normalize("NFKC")
    .replace(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .toUpperCase()
    .replace(/[^A-Z0-9]/g, "");

/** Another name that is near the one that is taken. @param {string} taken */
function another(taken) {
  const number = ` ${2 + Math.floor(Math.random() * 97)}`;
  return taken.replace(/ \d+$/, "").slice(0, name.maxLength - number.length) + number;
}

function suggest() {
  if (page.names.length) name.value = page.names[Math.floor(Math.random() * page.names.length)];
}

/** The session wants names of the players' own. */
function offerNoNames() {
  page.names = [];
  suggestion.hidden = true;
}

/** @param {HTMLInputElement} field @param {string} message */
function complain(field, message) {
  element(`${field.id}-error`).textContent = message;
  field.setAttribute("aria-invalid", message ? "true" : "false");
}

export function clearErrors() {
  complain(code, "");
  complain(name, "");
  complain(place, "");
}

/** Say why the session did not let the player in. @param {import("../shared/connection.js").Refusal} error */
export function showRefusal(error) {
  busy(false);
  const reason = error.code === "INVALID_USERNAME" ? `name_${error.reason ?? "characters"}` : TEXT_OF[error.code];
  if (error.reason === "place_code") {
    complain(place, text("place_code_refused"));
    place.select();
    return;
  }
  const field = OF_THE_CODE.has(error.code) ? code : name;
  complain(field, text(reason ?? "try_again"));
  if (error.code === "USERNAME_TAKEN") name.value = another(name.value);
  if (error.reason === "suggested") {
    name.value = "";
    offerNoNames();
  }
  field.focus();
}

/** @param {boolean} is */
export function busy(is) {
  button.disabled = is;
  button.setAttribute("aria-busy", String(is));
}

const section = element("join-page");
export const shown = () => !section.hidden;
/** @param {boolean} is */
export function show(is) {
  section.hidden = !is;
  busy(false);
  // On a phone the keyboard would cover the form before it was read.
  if (is && !code.value && matchMedia("(pointer: fine)").matches) code.focus({ preventScroll: true });
}

/** Offer the way back into a game that this browser was in. @param {import("./memory.js").Kept} last */
export function offer(last) {
  const back = element("back", HTMLAnchorElement);
  back.href = `${BASE}/play/${last.code}`;
  back.textContent = text("back_to", { title: last.title, name: last.username });
  back.hidden = false;
}

/** @param {(code: string, username: string, suggested: boolean, place: string) => void} enter what to do with a filled form. */
export function setUp(enter) {
  name.value = lastName() ?? "";
  if (!page.names.length) offerNoNames();
  if (!name.value) suggest();
  suggestion.addEventListener("click", () => {
    suggest();
    name.focus();
  });
  for (const field of [code, name, place]) field.addEventListener("input", () => complain(field, ""));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearErrors();
    const wanted = cleanCode(code.value);
    const username = name.value.trim();
    const placeCode = cleanCode(place.value);
    if (!username && !placeCode) {
      complain(name, text("name_empty"));
      name.focus();
    }
    if (wanted.length < 4) {
      complain(code, text("code_short"));
      code.focus();
    }
    if (wanted.length >= 4 && (username || placeCode)) {
      busy(true);
      enter(wanted, username, page.names.includes(username), placeCode);
    }
  });
  if (page.code && !page.session) complain(code, text("no_such_code"));
  else if (page.session?.over) complain(code, text("session_over"));
}
