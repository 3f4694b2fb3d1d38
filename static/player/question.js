// A question on a player's page: before its options, open, and answered.

import {
  aligned,
  announce,
  answerText,
  countdown as clockFace,
  foreign,
  h,
  hue,
  lookOf,
  number,
  picture,
  secondsTo,
  shape,
  shownText,
  sure,
  text,
  tongue,
  when,
} from "../shared/dom.js";
import { placeOf } from "../shared/place_of.js";
import { fitter } from "./fit.js";
import { control } from "./kinds.js";
import { mark, title } from "./parts.js";

/**
 * @typedef {import("./game.js").Game} Game
 * @typedef {import("./parts.js").View} View
 */

const LAST_CALLS = [10, 5];

/** Homework: until when the answers count. @param {Game} game */
export function until(game) {
  const { options, closes_at: closesAt } = game.session;
  return options?.closes_at && closesAt ? h("p.until", {}, text("open_until", { time: when(closesAt) })) : null;
}

/**
 * What is heard of a question. It comes with a module of its own, which only such questions load.
 * @param {import("./game.js").Asked} asked
 * @param {import("../shared/listen.js").Wishes} wishes
 */
export function heard(asked, wishes) {
  if (!asked.listen) return null;
  const place = h("div.listen-place");
  import("../shared/listen.js").then(
    ({ speaker }) => {
      place.append(speaker(asked, wishes)?.node ?? "");
      // There is less room for the rest now.
      dispatchEvent(new Event("resize"));
    },
    () => place.append(text("sound_failed")),
  );
  return place;
}

/** Which of how many it is, and what it is worth. @param {Game} game */
function head(game) {
  const { asked } = game;
  const at = game.selfPaced ? game.answered.size : asked.index + 1;
  return [
    h(
      "p.eyebrow",
      {},
      placeOf(asked),
      asked.again_of ? h("span.again", {}, text("once_more")) : null,
      asked.points && asked.kind !== "poll" ? h("span.worth", {}, text("worth", { points: asked.points })) : null,
    ),
    h("progress.way", { max: asked.total, value: at, "aria-label": text("progress") }),
  ];
}

/** @param {Game} game @returns {{node: HTMLElement | null, tick: () => boolean}} `tick` says whether the time is over. */
function countdown(game) {
  const { asked } = game;
  if (!asked.deadline) return { node: null, tick: () => false };
  const bar = h("span.fill");
  const seconds = h("span.seconds");
  const node = h("div.timer", { role: "timer", "aria-label": text("time_left") }, h("span.track", {}, bar), seconds);
  let calls = LAST_CALLS;
  return {
    node,
    tick() {
      const { deadline, time_limit_ms: limit } = game.question ?? asked;
      const left = Date.parse(deadline ?? "") - game.connection.clock.now();
      const whole = Math.max(0, Math.ceil(left / 1000));
      if (!game.paused) {
        seconds.textContent = clockFace(whole);
        bar.style.transform = `scaleX(${Math.min(1, Math.max(0, left / limit))})`;
        node.classList.toggle("hurry", whole <= 5);
        // Told at ten and at five seconds, once each, and not when the question was that short from the start.
        const call = calls.find((at) => whole <= at);
        if (call !== undefined && whole > 0) {
          calls = calls.filter((at) => at < call);
          if (limit > (call + 1) * 1000) announce(text("seconds_left", { seconds: whole }));
        }
      }
      return left <= 0 && !game.paused;
    },
  };
}

/** The question, before its options and its time. @param {Game} game @returns {View} */
export function asked(game) {
  const shown = game.asked;
  const soon = h("p.lead", { role: "timer" });
  const { listen_plays: plays, listen_speed: speed } = game.session.options ?? {};
  const node = h(
    "section.question",
    {},
    h(
      "div.ask",
      {},
      head(game),
      title(shownText(shown) || text("listen_title"), {
        ...(shown.text ? foreign(shown.listen_language ?? game.session.language) : {}),
      }),
      heard(shown, { plays, speed, session: game.session.session_id }),
    ),
    picture(shown),
    soon,
  );
  return {
    node,
    fit: fitter(node),
    tick() {
      if (!game.paused) {
        soon.textContent = text("options_in", {
          seconds: secondsTo(sure(shown.options_at), game.connection.clock.now()),
        });
      }
    },
  };
}

/** The question, open. @param {Game} game @returns {View} */
export function question(game) {
  const asked = game.open;
  const timer = countdown(game);
  const answer = control(
    asked,
    game.session.language,
    game.draft(asked.question_id),
    (value) => game.own.submit(value),
    // An instance of the release before does not tell options.
    { letters: game.session.options?.accent_keys },
  );
  const over = h("p.over", { hidden: true }, text("time_up"));
  const refused = Boolean(game.own.complaint);
  const complaint = h("p.error", { role: "alert" }, refused ? text("bad_answer") : "");
  game.own.complaint = null;
  const skip =
    game.selfPaced && game.left > 1
      ? h("button.quiet.skip", { type: "button", onclick: () => game.next() }, text("skip"))
      : null;
  // What is heard only has no text until the question is closed.
  // The text of one with gaps is where they are filled.
  const filling = asked.kind === "gaps";
  const heading = title(filling ? text("gaps_title") : asked.text || text("listen_title"), {
    id: "question",
    class: asked.text.length > 120 && !filling ? "long" : "",
    "aria-describedby": answer.hint,
    ...(asked.text && !filling ? foreign(asked.listen_language ?? game.session.language) : {}),
  });
  const { listen_plays: plays, listen_speed: speed } = game.session.options ?? {};
  const node = h(
    "section.question",
    {},
    timer.node,
    h(
      "div.ask",
      {},
      head(game),
      heading,
      heard(asked, { plays, speed, session: game.session.session_id }),
      complaint,
      over,
    ),
    picture(asked),
    answer.node,
    skip,
    until(game),
  );
  return {
    node,
    fit: fitter(node),
    // Whoever has to correct an answer was just writing it.
    focus: refused
      ? () => /** @type {HTMLElement | null} */ (answer.node.querySelector("input, select, button"))?.focus()
      : answer.focus,
    key: answer.key,
    tick() {
      const isOver = timer.tick();
      if (over.hidden !== isOver) return;
      over.hidden = !isOver;
      answer.node.inert = isOver;
      if (isOver) announce(text("time_up"));
    },
  };
}

/** Answered, and not yet told what it came to. @param {Game} game @returns {View} */
export function locked(game) {
  const asked = game.open;
  const timer = countdown(game);
  const state = title("", { "aria-describedby": "state" });
  const lead = h("p.lead", { id: "state" });
  const progress = h("p.count");
  const { answer } = sure(game.own.mine);
  const given = answer === undefined ? null : chip(asked, answer, game.session.language);
  return {
    node: h("section.message.locked", {}, timer.node, mark("✓"), state, given, lead, progress),
    tick: () => void timer.tick(),
    update() {
      const { state: how, verdict } = sure(game.own.mine);
      const key = verdict ? verdict.reason : how === "accepted" ? "locked" : how;
      const before = state.textContent;
      state.textContent = text(`${key}_title`);
      lead.textContent = text(verdict ? "told_at_close" : `${key}_lead`);
      // At first the focus says it; later it does not move.
      if (before && before !== state.textContent) announce(`${state.textContent}. ${lead.textContent}`);
      const { answered_count: done = 0, participant_count: all = 0 } = game.progress ?? {};
      progress.textContent = done ? text("answered_of", { done: number(done), all: number(Math.max(done, all)) }) : "";
    },
  };
}

/**
 * What the player answered, with the shape of the option where it was one.
 * @param {import("./game.js").Open} asked
 * @param {import("./memory.js").Answer} answer
 * @param {string} language
 */
function chip(asked, answer, language) {
  const index = typeof answer === "string" ? asked.options.indexOf(answer) : -1;
  const look = lookOf(asked, Math.max(0, index));
  const tab = index < 0 ? null : h("span.tab", {}, shape(look));
  return h(
    `p.given.${hue(look)}`,
    {},
    tab,
    aligned("span.label", answerText(asked, answer), tongue(asked.kind, language)),
  );
}
