// What the hall sees, one function for each state of the session. A scene is `{node, update?(), fit?(), tick?()}`; `fit`
// is called once it is on the page, and when the page's size changes.

import { hasGoal, hasTeams, places } from "../shared/board.js";
import {
  aligned,
  announce,
  countdown,
  foreign,
  h,
  hue,
  number,
  optionText,
  picture,
  secondsTo,
  shape,
  shownText,
  text,
  when,
  words,
} from "../shared/dom.js";
import { settle } from "../shared/fit.js";
import { speaker } from "../shared/listen.js";
import { placeOf } from "../shared/place_of.js";
import { goalBar, teamBoard, teamName } from "../shared/together.js";

const NAMES_SHOWN = 48;
const MOVE_MS = 700;
const CONFETTI = 60;
/** How long an explanation stands still before it passes by, and how fast it does: a line in about four seconds. */
const PASSING_MS = 10_000;
const PASSING_MS_A_PIXEL = 120;
const still = matchMedia("(prefers-reduced-motion: reduce)");

export function sceneOf(hall) {
  if (hall.fault) return `fault ${hall.fault}`;
  if (hall.status === "waiting") return "lobby";
  if (hall.status === "completed") return "end";
  if (hall.session.pace === "self") return "race";
  const id = hall.question?.question_id;
  if (hall.phase === "asked" && id) return `asked ${id}`;
  if (id && hall.result?.question_id === id) return `result ${id} ${hall.result.correct_answers.length}`;
  return id ? `question ${id}` : "ready";
}

export function stage(key, hall) {
  return SCENES[key.split(" ")[0]](hall);
}

const SCENES = { fault, lobby, ready, race, asked, question, result, end };

const invitation = () => document.getElementById("invitation")?.content.cloneNode(true) ?? "";
const wordy = (content) => (content.length > 90 ? "long" : content.length > 24 ? "medium" : "short");
const long = (content) => (content.length > 140 ? "long" : content.length > 60 ? "medium" : "short");

const whole = (node) => node.scrollHeight <= node.clientHeight + 1;

function fault(hall) {
  return { node: h("section.message", {}, h("h1", {}, text(hall.fault))) };
}

function ready() {
  const shapes = [0, 1, 2, 3].map((index) => h(`span.${hue(index)}`, {}, shape(index)));
  return {
    node: h("section.message", {}, h("div.dance", { "aria-hidden": "true" }, shapes), h("h1", {}, text("get_ready"))),
  };
}

function lobby(hall) {
  const names = h("ul.names");
  const lead = h("h1", { "aria-live": "off" });
  const more = h("p.more");
  const shown = new Map();
  let made = 0;
  return {
    node: h("section.lobby", {}, invitation(), h("div.guests", {}, lead, names, more)),
    update() {
      lead.textContent = hall.count ? text("players_here", { count: number(hall.count) }) : text("lobby_empty");
      // Whoever has just come in looks for the own name: the newest are on show, in a hall of thousands too.
      const wanted = hall.session.options?.names_on_screen === false ? [] : [...hall.names].slice(-NAMES_SHOWN);
      const there = new Set(wanted.map(([id]) => id));
      for (const [id, node] of shown) {
        if (there.has(id)) continue;
        node.remove();
        shown.delete(id);
      }
      for (const [id, name] of wanted) {
        if (shown.has(id)) {
          const team = hall.teams.get(id);
          shown.get(id).textContent = name;
          if (team) shown.get(id).className = hue(team - 1);
          continue;
        }
        const team = hall.teams.get(id);
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

// -- a question -------------------------------------------------------------------------------------------------------

function heading(hall) {
  const asked = hall.question;
  return [
    h("p.eyebrow", {}, placeOf(asked), asked.again_of ? ` · ${text("once_more")}` : null),
    words(
      `h1.${long(asked.text)}`,
      shownText(asked) || text("listen_title"),
      asked.text ? foreign(asked.listen_language ?? hall.session.language) : {},
    ),
  ];
}

function ring(hall) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 100 100");
  svg.setAttribute("aria-hidden", "true");
  const circles = ["rail", "hand"].map((name) => {
    const circle = document.createElementNS(svg.namespaceURI, "circle");
    for (const [key, value] of Object.entries({ class: name, cx: 50, cy: 50, r: 45, pathLength: 1 })) {
      circle.setAttribute(key, value);
    }
    svg.append(circle);
    return circle;
  });
  const seconds = h("span.seconds");
  const node = h("div.ring", { role: "timer", "aria-label": text("time_left") }, svg, seconds);
  return {
    node,
    tick() {
      if (hall.paused) {
        seconds.textContent ||= "❙❙";
        return;
      }
      const left = Math.max(0, Date.parse(hall.question.deadline) - hall.clock.now());
      const whole = Math.ceil(left / 1000);
      seconds.textContent = countdown(whole);
      node.classList.toggle("minutes", whole >= 100);
      circles[1].style.strokeDashoffset = String(1 - Math.min(1, left / hall.question.time_limit_ms));
      node.classList.toggle("hurry", whole <= 5);
    },
  };
}

/** The question, before its options and its time. */
let playedLast = "";
/** The screen plays for the hall, by itself once: before the options come, or with them. */
function playOnce(shown, heard) {
  if (playedLast === shown.question_id) return;
  playedLast = shown.question_id;
  heard?.play();
}

function asked(hall) {
  const shown = hall.question;
  const soon = h("p.write", { role: "timer" });
  const [eyebrow, title] = heading(hall);
  announce(shownText(shown) || text("listen_title"));
  const image = picture(shown);
  const heard = speaker(shown, { speed: hall.session.options?.listen_speed });
  playOnce(shown, heard);
  return {
    node: h(
      `section.question${image ? ".pictured" : ""}`,
      {},
      h("div.text", {}, eyebrow, title, heard?.node),
      h("aside"),
      image,
      soon,
    ),
    tick() {
      if (!hall.paused)
        soon.textContent = text("options_in", { seconds: secondsTo(shown.options_at, hall.clock.now()) });
    },
  };
}

/** What the hall is told to do where it has nothing to choose from. @type {Record<string, string>} */
const WRITE = { number: "write_number", gaps: "gaps_title" };

function question(hall) {
  const asked = hall.question;
  const timer = ring(hall);
  const done = h("p.done");
  const bar = h("span.fill");
  announce(shownText(asked) || text("listen_title"));
  const paused = h("div.cover", { hidden: true }, h("p", {}, text("paused")));
  const [eyebrow, title] = heading(hall);
  const image = picture(asked);
  const heard = speaker(asked, { speed: hall.session.options?.listen_speed });
  playOnce(asked, heard);
  const node = h(
    `section.question${image ? ".pictured" : ""}`,
    {},
    paused,
    h("div.text", {}, eyebrow, title, heard?.node),
    h("aside", {}, timer.node, done, h("span.track", {}, bar)),
    image,
    asked.options.length
      ? options(asked, hall.session.language)
      : h("p.write", {}, text(WRITE[asked.kind] ?? "write_answer")),
  );
  const sizes = ["short", "medium", "long", "longer", "longest"];
  const headings = sizes.slice(sizes.indexOf(title.className));
  // The picture gives way first, then the heading, then the options; a picture too small to be seen is no use.
  const looks = ["", "dense", "least"].flatMap((room) =>
    headings.flatMap((size) => (image ? [26, 20, 15, 11] : [0]).map((rem) => ({ room, size, rem }))),
  );
  const list = node.querySelector(".options");
  const apply = (look) => {
    title.className = look.size;
    node.dataset.room = look.room;
    node.style.setProperty("--picture", `${look.rem}rem`);
  };
  const fit = () => settle(looks, apply, () => whole(node) && (!list || whole(list)));
  image?.addEventListener("load", fit);
  return {
    node,
    fit,
    update() {
      // As on the phones: nobody may think on while the clock stands still.
      paused.hidden = !hall.paused;
      const answered = hall.progress?.answered_count ?? 0;
      const all = Math.max(answered, hall.count);
      done.textContent = text("answered_of", { done: number(answered), all: number(all) });
      bar.style.transform = `scaleX(${all ? answered / all : 0})`;
    },
    tick: timer.tick,
  };
}

function density(asked) {
  if (asked.options.some((one) => one.length > 60)) return ".dense";
  if (asked.options.length > 6) return asked.options.some((one) => one.length > 20) ? ".dense" : ".dense.brief";
  return asked.options.length > 4 ? "" : ".roomy";
}

function options(asked, language, row = () => null) {
  return h(
    `ol.options${density(asked)}${asked.options.length % 2 ? ".odd" : ""}`,
    {},
    asked.options.map((option, index) => {
      const { state = "", extra = null } = row(option) ?? {};
      return h(
        `li.${hue(index)}${state}`,
        {},
        h("span.tab", {}, shape(index)),
        aligned("span.label", optionText(asked, option), asked.kind === "true_false" ? {} : foreign(language)),
        extra,
      );
    }),
  );
}

/** How many chose each option; a multi-select answer counts for each option in it. */
function counts(asked, distribution) {
  const found = new Map(asked.options.map((option) => [option, 0]));
  for (const [answer, count] of Object.entries(distribution)) {
    for (const option of asked.kind === "multi" ? JSON.parse(answer) : [answer]) {
      found.set(option, (found.get(option) ?? 0) + count);
    }
  }
  return found;
}

function result(hall) {
  const asked = hall.question;
  const told = hall.result;
  const ranks = standings(hall);
  const image = picture(asked);
  const answers = h(
    "div.answers",
    {},
    h("div.asked", {}, h("div", {}, heading(hall)), image),
    asked.kind === "order" || asked.kind === "gaps"
      ? solution(told, hall.session.language)
      : asked.options.length
        ? chosen(asked, told, hall.session.language)
        : wrote(told, hall.session.language),
  );
  const aside = ranksShown(hall) ? h("aside", {}, h("h2", {}, text(ranks.title)), ranks.node) : null;
  const node = h(`section.result${aside ? "" : ".alone"}`, {}, answers, aside);
  const explain = told.explanation ? explained(told.explanation, answers, aside) : null;
  const fit = () => {
    explain?.();
    const room = (look) => {
      node.dataset.room = look;
    };
    settle(["", "dense", "least"], room, () => whole(answers));
  };
  image?.addEventListener("load", fit);
  return { node, fit, update: ranks.update };
}

/**
 * The explanation below the answers; a longer one below the first three of the leaderboard, or smaller. What is too
 * long even for that passes by, and who wants less motion scrolls.
 */
function explained(content, answers, aside) {
  const inner = h("p", {}, content);
  const node = h("div.explanation", { dir: "auto" }, inner);
  const places = aside
    ? [
        [answers, ""],
        [aside, "shared wide"],
        [aside, "shared"],
      ]
    : [[answers, "alone"]];
  const looks = ["", "smaller", "smallest"].flatMap((size) => places.map((place) => [size, ...place]));
  let passing = null;
  answers.append(node);
  return () => {
    passing?.cancel();
    const apply = ([size, place, kind]) => {
      node.dataset.size = size;
      place.append(node);
      answers.parentNode.className = `result ${kind}`;
    };
    if (settle(looks, apply, () => whole(node) && whole(answers))) return node.removeAttribute("tabindex");
    node.tabIndex = 0;
    const hidden = inner.scrollHeight - node.clientHeight;
    if (still.matches || hidden <= 0) return;
    const ends = { transform: `translateY(-${hidden}px)` };
    passing = inner.animate(
      [{ transform: "none" }, { transform: "none", offset: 0.1 }, { ...ends, offset: 0.9 }, ends],
      { duration: PASSING_MS + hidden * PASSING_MS_A_PIXEL, iterations: Infinity, direction: "alternate" },
    );
  };
}

function chosen(asked, told, language) {
  const found = counts(asked, told.distribution);
  const most = Math.max(1, ...found.values());
  return options(asked, language, (option) => {
    const count = found.get(option);
    const bar = h("span.bar", { "aria-hidden": "true" });
    bar.style.setProperty("--share", count / most);
    const right = told.correct_answers.includes(option);
    const sign = right ? h("span.sign", { role: "img", "aria-label": text("right_answer") }, "✓") : null;
    const state = right ? ".right" : asked.kind === "poll" ? "" : ".wrong";
    return { state, extra: [bar, h("span.votes", {}, number(count)), sign] };
  });
}

function solution(told, language) {
  return [
    h(
      "ol.solution",
      {},
      told.correct_answers.map((entry) => words("li", entry, foreign(language))),
    ),
    tally(told),
  ];
}

/** What people wrote themselves is not for a hall to read: the right answers, and how many wrote them. */
function wrote(told, language) {
  const solution = told.correct_answers.join(" / ");
  return [words(`p.word.${wordy(solution)}`, solution, foreign(language)), tally(told)];
}

function tally({ correct_count: hits, answered_count: all }) {
  const bar = (name, count, label) => {
    const fill = h("span.fill");
    fill.style.inlineSize = `${all ? (100 * count) / all : 0}%`;
    return h(
      `li.${name}`,
      {},
      h("span.label", {}, label),
      h("span.track", {}, fill),
      h("span.votes", {}, number(count)),
    );
  };
  return h("ul.tally", {}, bar("right", hits, text("right_answer")), bar("other", all - hits, text("other_answers")));
}

// -- ranks ------------------------------------------------------------------------------------------------------------

/** Whether the session shows the hall how all stand while it is played. */
const ranksShown = ({ session: { options } }) =>
  hasGoal(options) || !(options?.board === "end" || (options?.board === "own" && !hasTeams(options)));

/** How all stand: near their common goal, by teams, or one by one. */
function standings(hall) {
  const { options } = hall.session;
  if (hasGoal(options)) return { title: "goal", ...goalBar(options, () => hall.board) };
  return hasTeams(options)
    ? { title: "teams", ...teamBoard(() => hall.board) }
    : { title: "leaderboard", ...ranking(hall, 8) };
}

/** The first `size` of the board. Whoever moves is seen moving. */
function ranking(hall, size) {
  const node = h("ol.ranking");
  const rows = new Map();
  return {
    node,
    update() {
      const before = new Map([...rows].map(([id, row]) => [id, row.node.getBoundingClientRect().top]));
      const top = hall.board.entries.slice(0, size);
      const shared = places(top);
      const there = new Set(top.map((entry) => entry.user_id));
      for (const [id, row] of rows) {
        if (there.has(id)) continue;
        row.node.remove();
        rows.delete(id);
      }
      top.forEach((entry, index) => {
        let row = rows.get(entry.user_id);
        if (!row) {
          row = { rank: h("span.rank"), name: aligned("span.name", ""), score: h("span.score") };
          row.node = h("li", {}, row.rank, row.name, row.score);
          rows.set(entry.user_id, row);
        }
        row.name.firstChild.textContent = entry.username;
        row.rank.textContent = number(shared.get(entry.user_id));
        row.score.textContent = number(entry.score);
        if (node.children[index] !== row.node) node.insertBefore(row.node, node.children[index] ?? null);
      });
      if (still.matches) return;
      for (const [id, row] of rows) {
        const from = before.get(id);
        const moved = from === undefined ? 0 : from - row.node.getBoundingClientRect().top;
        const start = from === undefined ? { opacity: 0 } : { transform: `translateY(${moved}px)` };
        if (moved || from === undefined) row.node.animate([start, {}], { duration: MOVE_MS, easing: "ease-in-out" });
      }
    },
  };
}

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
      const closesAt = hall.session.closes_at;
      until.textContent = closesAt ? text("open_until", { time: when(closesAt) }) : "";
      ranks.update();
    },
  };
}

/** Who stands on the podium: players, or teams by their average. */
function winners(hall) {
  if (!hasTeams(hall.session.options)) return hall.board.entries;
  return (hall.board.teams ?? []).map((line) => ({
    user_id: String(line.team),
    username: teamName(line.team),
    score: line.average,
  }));
}

function end(hall) {
  const node = h("section.end");
  let drawn = "";
  const goal = hasGoal(hall.session.options) ? goalBar(hall.session.options, () => hall.board) : null;
  return {
    node,
    update() {
      if (goal) {
        goal.update();
        const reached = (hall.board.goal?.reached ?? 0) >= hall.session.options.goal_amount;
        const told = `${reached}`;
        if (told === drawn) return;
        drawn = told;
        const rain = reached && !still.matches ? confetti() : "";
        node.replaceChildren(h("h1", {}, text(reached ? "goal_won" : "final")), goal.node, rain);
        return;
      }
      const entries = winners(hall);
      // Drawn again only when it is another result: who leaves now must not make the podium rise anew.
      const told = JSON.stringify([hall.board.total, entries.slice(0, 8)]);
      if (told === drawn) return;
      drawn = told;
      const [first, second, third, ...others] = entries;
      const shared = places(entries);
      const step = (entry) =>
        entry &&
        h(
          `li.place${shared.get(entry.user_id)}`,
          {},
          words(`p.name${entry.username.length > 12 ? ".long" : ""}`, entry.username),
          h("p.score", {}, text("points_of", { points: entry.score })),
          h("p.block", {}, number(shared.get(entry.user_id))),
        );
      const rest = others
        .slice(0, 5)
        .map((entry) =>
          h(
            "li",
            {},
            h("span.rank", {}, number(shared.get(entry.user_id))),
            aligned("span.name", entry.username),
            h("span.score", {}, number(entry.score)),
          ),
        );
      node.replaceChildren(
        h("h1", {}, text(first ? "final" : hall.board.total ? "own_places" : "nobody")),
        first ? h("ol.podium", {}, [step(second), step(first), step(third)].filter(Boolean)) : "",
        rest.length ? h("ol.ranking", { start: 4 }, rest) : "",
        first && !still.matches ? confetti() : "",
      );
    },
  };
}

/** The shapes of the game rain once the winner stands. */
function confetti() {
  const pieces = Array.from({ length: CONFETTI }, (_, index) => {
    const piece = h(`span.${hue(index)}`, {}, shape(index));
    const { style } = piece;
    style.insetInlineStart = `${Math.random() * 100}%`;
    style.animationDelay = `${2.4 + Math.random() * 2.5}s`;
    style.animationDuration = `${2.5 + Math.random() * 2}s`;
    return piece;
  });
  return h("div.confetti", { "aria-hidden": "true" }, pieces);
}
