// What the hall sees, one function for each state of the session.

import { dance, h, hue, number, text, when, words } from "../shared/dom.js";
import { asked, question } from "./question.js";
import { end, ranksShown, standings } from "./ranks.js";
import { result } from "./result.js";

/**
 * @typedef {import("./hall.js").Hall} Hall
 * @typedef {{node: HTMLElement, update?: () => void, fit?: () => void, tick?: () => void}} Scene `fit` is called once it
 *   is on the page, and when the page's size changes.
 */

const NAMES_SHOWN = 48;

/** Which scene is on show: its name, and what makes it another one of that name. @param {Hall} hall */
export function sceneOf(hall) {
  if (hall.fault) return `fault ${hall.fault}`;
  if (hall.status === "waiting") return "lobby";
  if (hall.status === "completed") return "end";
  if (hall.session?.pace === "self") return "race";
  const id = hall.question?.question_id;
  if (hall.phase === "asked" && id) return `asked ${id}`;
  if (id && hall.result?.question_id === id) return `result ${id} ${hall.result.correct_answers.length}`;
  return id ? `question ${id}` : "ready";
}

/** @param {string} key as `sceneOf` says. @param {Hall} hall @returns {Scene} */
export const stage = (key, hall) => SCENES[/** @type {keyof typeof SCENES} */ (key.split(" ")[0])](hall);

const SCENES = { fault, lobby, ready, race, asked, question, result, end };

function invitation() {
  const found = document.getElementById("invitation");
  return found instanceof HTMLTemplateElement ? found.content.cloneNode(true) : "";
}
/** @param {Hall} hall @returns {Scene} */
function fault(hall) {
  return { node: h("section.message", {}, h("h1", {}, text(hall.fault ?? "cut_off"))) };
}

/** @returns {Scene} */
function ready() {
  return { node: h("section.message", {}, dance(), h("h1", {}, text("get_ready"))) };
}

/** @param {Hall} hall @returns {Scene} */
function lobby(hall) {
  const names = h("ul.names");
  const lead = h("h1", { "aria-live": "off" });
  const more = h("p.more");
  /** The rows on show, by player. @type {Map<string, HTMLElement>} */
  const shown = new Map();
  let made = 0;
  return {
    node: h("section.lobby", {}, invitation(), h("div.guests", {}, lead, names, more)),
    update() {
      lead.textContent = hall.count ? text("players_here", { count: number(hall.count) }) : text("lobby_empty");
      // Whoever has just come in looks for the own name: the newest are on show, in a hall of thousands too.
      const wanted = hall.session?.options?.names_on_screen === false ? [] : [...hall.names].slice(-NAMES_SHOWN);
      const there = new Set(wanted.map(([id]) => id));
      for (const [id, node] of shown) {
        if (there.has(id)) continue;
        node.remove();
        shown.delete(id);
      }
      for (const [id, name] of wanted) {
        const team = hall.teams.get(id);
        const row = shown.get(id);
        if (row) {
          row.textContent = name;
          if (team) row.className = hue(team - 1);
          continue;
        }
        const node = words(`li.${hue(team ? team - 1 : made++)}`, name);
        shown.set(id, node);
        names.append(node);
      }
      // Few names are large: those who have just joined look for theirs.
      names.dataset.crowd = shown.size <= 12 ? "few" : shown.size <= 24 ? "some" : "many";
      const hidden = Math.max(hall.count, hall.names.size) - shown.size;
      more.textContent = hidden > 0 && shown.size >= NAMES_SHOWN ? text("and_more", { count: number(hidden) }) : "";
    },
  };
}

/** Each at the own pace: only the ranking is for all. @param {Hall} hall @returns {Scene} */
function race(hall) {
  const until = h("p.until");
  const ranks = standings(hall);
  return {
    node: h(
      "section.race",
      {},
      invitation(),
      h("div", {}, h("h1", {}, text("own_pace")), until, ranksShown(hall) ? ranks.node : null),
    ),
    update() {
      const closesAt = hall.session?.closes_at;
      until.textContent = closesAt ? text("open_until", { time: when(closesAt) }) : "";
      ranks.update();
    },
  };
}
