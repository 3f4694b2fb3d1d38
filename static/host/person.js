// What a host arranges for one player.

import { text } from "../shared/dom.js";
import { request } from "./api.js";

const element = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id));
const dialog = element("person");

/** @type {{user_id: string, username: string} | null} */
let shown = null;

const problem = (/** @type {string} */ message) => {
  element("person-error").textContent = message;
};

/**
 * @param {string} path below the player.
 * @param {string} method
 * @param {unknown} [body]
 * @returns {Promise<any>} the answer, or null when the server did not do it; then the dialog says so.
 */
async function ask(path, method, body) {
  problem("");
  try {
    const { status, answer } = await request(
      `/participants/${encodeURIComponent(shown?.user_id ?? "")}${path}`,
      method,
      body,
    );
    if (status === 200) return answer;
    problem(text("not_now"));
  } catch {
    problem(text("unreachable"));
  }
  return null;
}

/** In groups of four, to be read aloud. */
const grouped = (/** @type {string} */ code) => code.match(/.{1,4}/g)?.join(" ") ?? "";

element("place-show").addEventListener("click", async () => {
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

/**
 * Show what is arranged for a player.
 * @param {{user_id: string, username: string}} player
 * @param {() => void} closed
 */
export function arrange(player, closed) {
  shown = player;
  problem("");
  element("person-title").textContent = text("arrange_name", { name: player.username });
  element("place-shown").hidden = true;
  element("place-code").textContent = "";
  dialog.onclose = closed;
  dialog.showModal();
}

element("person-close").addEventListener("click", () => dialog.close());
