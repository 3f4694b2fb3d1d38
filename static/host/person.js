// What a host arranges for one player.

import { hasTeams } from "../shared/board.js";
import { element, text } from "../shared/dom.js";
import { request } from "./api.js";
import { state } from "./state.js";

const dialog = element("person", HTMLDialogElement);

/** @typedef {import("./players.js").Player} Player */
/** @typedef {import("../shared/messages.js").YourNeeds} Needs */
/** @type {Player | null} */
let shown = null;

const problem = (/** @type {string} */ message) => {
  element("person-error").textContent = message;
};

/**
 * @template Answer
 * @param {string} path below the player.
 * @param {string} method
 * @param {unknown} [body]
 * @returns {Promise<Answer | null>} the answer, or null when the server did not do it; then the dialog says so.
 */
async function ask(path, method, body) {
  problem("");
  try {
    const { status, answer } = await request(
      `/participants/${encodeURIComponent(shown?.user_id ?? "")}${path}`,
      method,
      body,
    );
    if (status === 200) return /** @type {Answer} */ (answer);
    problem(text("not_now"));
  } catch {
    problem(text("unreachable"));
  }
  return null;
}

/** In groups of four, to be read aloud. */
const grouped = (/** @type {string} */ code) => code.match(/.{1,4}/g)?.join(" ") ?? "";

element("place-show").addEventListener("click", async () => {
  /** @type {{code: string, expires_at: string} | null} */
  const answer = await ask("/place", "POST");
  if (!answer) return;
  element("place-code").textContent = grouped(answer.code);
  const until = new Date(answer.expires_at).toLocaleTimeString(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
  });
  element("place-until").textContent = text("place_until", { time: until });
  element("place-shown").hidden = false;
});

const needs = element("person-needs");
const time = element("need-time", HTMLSelectElement);
const signs = [.../** @type {NodeListOf<HTMLInputElement>} */ (needs.querySelectorAll("[data-need]"))];

function showNeeds() {
  time.value = String(shown?.needs?.time ?? 100);
  for (const sign of signs) sign.checked = Boolean(shown?.needs?.[/** @type {keyof Needs} */ (sign.dataset.need)]);
}

needs.addEventListener("change", async () => {
  const wanted = Object.fromEntries(signs.map((sign) => [sign.dataset.need, sign.checked]));
  /** @type {Player | null} */
  const answer = await ask("", "PATCH", { needs: { ...wanted, time: Number(time.value) } });
  if (answer && shown) shown.needs = answer.needs;
  else showNeeds();
});

const teams = element("person-team", HTMLSelectElement);
teams.addEventListener("change", async () => {
  /** @type {Player | null} */
  const answer = await ask("", "PATCH", { team: Number(teams.value) });
  if (answer && shown) shown.team = answer.team;
  else teams.value = String(shown?.team ?? "");
});

/** The teams to choose from, with the player's own. */
function showTeams() {
  const { options } = state.session;
  element("person-teams").hidden = !hasTeams(options);
  const numbers = hasTeams(options) ? Array.from({ length: options.team_count ?? 0 }, (_, index) => index + 1) : [];
  teams.replaceChildren(...numbers.map((one) => new Option(text("team", { number: one }), String(one))));
  teams.value = String(shown?.team ?? "");
}

/**
 * Show what is arranged for a player.
 * @param {Player} player
 * @param {() => void} closed
 */
export function arrange(player, closed) {
  shown = player;
  problem("");
  element("person-title").textContent = text("arrange_name", { name: player.username });
  showNeeds();
  showTeams();
  element("place-shown").hidden = true;
  element("place-code").textContent = "";
  dialog.onclose = closed;
  dialog.showModal();
}

element("person-close").addEventListener("click", () => dialog.close());
