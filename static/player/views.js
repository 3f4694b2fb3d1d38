// What a player sees, one function for each state of the game. A view is
// `{node, focus?, key?(key), update?(), tick?()}`: built once when the state begins, then only brought up to date.

import { hasGoal, hasTeams, places } from "../shared/board.js";
import { nearest } from "../shared/diff.js";
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
  optionText,
  page,
  picture,
  secondsTo,
  shape,
  shownText,
  text,
  when,
  words,
} from "../shared/dom.js";
import { gapResult } from "../shared/gaps.js";
import { BASE } from "../shared/paths.js";
import { placeOf } from "../shared/place_of.js";
import { goalBar, teamBoard, teamName } from "../shared/together.js";
import { fitter } from "./fit.js";
import { control } from "./kinds.js";

const LAST_CALLS = [10, 5];

export function viewOf(game) {
  if (game.fault !== null) return `fault ${game.fault}`;
  if (game.status === "waiting") return "lobby";
  if (game.status === "completed") return "end";
  const id = game.question?.question_id;
  if (game.closed && !game.result) return "closed";
  if (game.phase === "asked" && id) return `asked ${id}`;
  if (game.result && id === game.result.question_id) {
    // Another result, or another right answer, is another view.
    return `result ${id} ${game.result.points_earned} ${game.result.reason} ${game.result.correct_answers?.length}`;
  }
  if (id) return `${game.mine ? "locked" : "question"} ${id}`;
  return game.finished ? "finished" : "wait";
}

export function build(key, game) {
  return BUILDERS[key.split(" ")[0]](game);
}

const BUILDERS = { fault, lobby, wait, asked, question, locked, result, finished, closed, end };

const title = (content, attributes = {}) => words("h1", content, { tabindex: -1, ...attributes });
const primary = (label, onclick) => h("button.primary.wide", { type: "button", onclick }, label);

function fault(game) {
  const superseded = game.fault === 4001;
  const removed = game.fault === 4003;
  const key = superseded ? "elsewhere" : removed ? "removed" : game.fault === 4029 ? "too_fast" : "cut_off";
  const again = primary(text(superseded ? "play_here" : "connect_again"), () => game.takeOver());
  return {
    node: h(
      "section.message",
      {},
      mark("!", ".fault"),
      title(text(`${key}_title`)),
      h("p.lead", {}, text(key)),
      removed ? h("a.button.wide", { href: `${BASE}/` }, text("to_start")) : again,
    ),
  };
}

const mark = (sign, kind = "") => h(`p.mark${kind}`, { "aria-hidden": "true" }, sign);

/** @type {Record<string, string>} */
const HOW_SPEED_COUNTS = { speed: "scoring_speed", scaled: "scoring_scaled", flat: "scoring_flat" };

function lobby(game) {
  const count = h("span");
  const name = title("", { "aria-describedby": "lobby-wait" });
  const team = ownTeam(game);
  const opensAt = game.session.opens_at;
  const lead = opensAt ? text("opens_on", { time: when(opensAt) }) : text("lobby_wait");
  return {
    node: h(
      "section.message.lobby",
      {},
      h(
        "div.dance",
        { "aria-hidden": "true" },
        [0, 1, 2, 3].map((index) => h(`span.${hue(index)}`, {}, shape(index))),
      ),
      h("p.eyebrow", {}, text("you_are_in")),
      name,
      team?.node,
      h("p.lead", { id: "lobby-wait" }, lead),
      until(game),
      h("p.count", {}, count),
      h("p.how", {}, text(HOW_SPEED_COUNTS[game.session.scoring] ?? "scoring_speed")),
      h("p.how", {}, text("how_to_keys")),
      h("button.quiet", { type: "button", onclick: () => game.leave() }, text("leave")),
    ),
    update() {
      name.textContent = game.session.username;
      team?.update();
      count.textContent = text("players_here", { count: number(game.count) });
    },
  };
}

/** The player's team, and where players choose, the others to choose from. */
function ownTeam(game) {
  const { options } = game.session;
  if (!hasTeams(options)) return null;
  const label = h("p.team", { role: "status" });
  const buttons = Array.from({ length: options.teams === "chosen" ? options.team_count : 0 }, (_, index) =>
    h(
      `button.choose-team.${hue(index)}`,
      { type: "button", onclick: () => game.chooseTeam(index + 1) },
      teamName(index + 1),
    ),
  );
  return {
    node: h(
      "div.own-team",
      {},
      label,
      buttons.length ? h("div.teams-to-choose", { role: "group", "aria-label": text("choose_team") }, buttons) : null,
    ),
    update() {
      const mine = game.session.your_team;
      label.textContent = mine ? text("your_team", { number: number(mine) }) : "";
      for (const [index, button] of buttons.entries()) {
        button.setAttribute("aria-pressed", String(index + 1 === mine));
      }
    },
  };
}

/** What all reach together, above or in place of a ranking. */
function together(game) {
  const { options, your_team: mine } = game.session;
  const part = hasGoal(options)
    ? goalBar(options, () => game.board)
    : hasTeams(options) && game.board.teams
      ? teamBoard(() => game.board, mine)
      : null;
  part?.update();
  return part?.node;
}

/** Homework: until when the answers count. */
function until(game) {
  const { options, closes_at: closesAt } = game.session;
  return options?.closes_at ? h("p.until", {}, text("open_until", { time: when(closesAt) })) : null;
}

/** The time of a homework is over for this player; others may have longer. */
function closed(game) {
  const later = game.session.reveal === "on_close";
  const read = reviewing(game);
  return {
    node: h(
      "section.end",
      {},
      mark("⏱"),
      title(text("homework_closed_title")),
      h("p.lead", {}, text(later ? "homework_closed_later" : "homework_closed")),
      later ? null : practising(game),
      read.node,
    ),
    update: read.update,
  };
}

function wait(game) {
  const ready = game.phase !== "closed";
  return {
    node: h(
      "section.message",
      {},
      h("div.breathe", { "aria-hidden": "true" }, shape(0)),
      title(text(ready ? "get_ready" : "next_soon")),
      h("p.lead", {}, text(ready ? "get_ready_lead" : "next_soon_lead")),
    ),
  };
}

/** What is heard of a question. It comes with a module of its own, which only such questions load. */
function heard(asked, wishes) {
  if (!asked.listen) return null;
  const place = h("div.listen-place");
  import("../shared/listen.js").then(
    ({ speaker }) => {
      place.append(speaker(asked, wishes).node);
      // There is less room for the rest now.
      dispatchEvent(new Event("resize"));
    },
    () => place.append(text("sound_failed")),
  );
  return place;
}

// -- a question -------------------------------------------------------------------------------------------------------

function head(game) {
  const asked = game.question;
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

function countdown(game) {
  if (!game.question.deadline) return { node: null, tick() {} };
  const bar = h("span.fill");
  const seconds = h("span.seconds");
  const node = h("div.timer", { role: "timer", "aria-label": text("time_left") }, h("span.track", {}, bar), seconds);
  let calls = LAST_CALLS;
  return {
    node,
    tick() {
      const left = Date.parse(game.question.deadline) - game.connection.clock.now();
      const whole = Math.max(0, Math.ceil(left / 1000));
      if (!game.paused) {
        seconds.textContent = clockFace(whole);
        bar.style.transform = `scaleX(${Math.min(1, Math.max(0, left / game.question.time_limit_ms))})`;
        node.classList.toggle("hurry", whole <= 5);
        // Told at ten and at five seconds, once each, and not when the question was that short from the start.
        const call = calls.find((at) => whole <= at);
        if (call !== undefined && whole > 0) {
          calls = calls.filter((at) => at < call);
          if (game.question.time_limit_ms > (call + 1) * 1000) announce(text("seconds_left", { seconds: whole }));
        }
      }
      return left <= 0 && !game.paused;
    },
  };
}

/** The question, before its options and its time. */
function asked(game) {
  const shown = game.question;
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
          seconds: secondsTo(game.question.options_at, game.connection.clock.now()),
        });
      }
    },
  };
}

function question(game) {
  const asked = game.question;
  const timer = countdown(game);
  const answer = control(
    asked,
    game.session.language,
    game.draft(asked.question_id),
    (value) => game.submit(value),
    // An instance of the release before does not tell options.
    { letters: game.session.options?.accent_keys },
  );
  const over = h("p.over", { hidden: true }, text("time_up"));
  const refused = Boolean(game.complaint);
  const complaint = h("p.error", { role: "alert" }, refused ? text("bad_answer") : "");
  game.complaint = null;
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
    focus: refused ? () => answer.node.querySelector("input, select, button").focus() : answer.focus,
    key: answer.key,
    tick() {
      const isOver = Boolean(timer.tick());
      if (over.hidden !== isOver) return;
      over.hidden = !isOver;
      answer.node.inert = isOver;
      if (isOver) announce(text("time_up"));
    },
  };
}

function locked(game) {
  const asked = game.question;
  const timer = countdown(game);
  const state = title("", { "aria-describedby": "state" });
  const lead = h("p.lead", { id: "state" });
  const progress = h("p.count");
  const given = game.mine.answer === undefined ? null : chip(asked, game.mine.answer, game.session.language);
  return {
    node: h("section.message.locked", {}, timer.node, mark("✓"), state, given, lead, progress),
    tick: timer.tick,
    update() {
      const { state: how, verdict } = game.mine;
      const key = verdict ? verdict.reason : how === "accepted" ? "locked" : how;
      const before = state.textContent;
      state.textContent = text(`${key}_title`);
      lead.textContent = text(verdict ? "told_at_close" : `${key}_lead`);
      // At first the focus says it; later it does not move.
      if (before && before !== state.textContent) announce(`${state.textContent}. ${lead.textContent}`);
      const { answered_count: done, participant_count: all } = game.progress ?? {};
      progress.textContent = done ? text("answered_of", { done: number(done), all: number(Math.max(done, all)) }) : "";
    },
  };
}

/** What the player answered, with the shape of the option where it was one. */
function chip(asked, answer, language) {
  const index = asked.options.indexOf(answer);
  const look = lookOf(asked, Math.max(0, index));
  const tab = index < 0 ? null : h("span.tab", {}, shape(look));
  return h(
    `p.given.${hue(look)}`,
    {},
    tab,
    aligned("span.label", answerText(asked, answer), asked.kind === "true_false" ? {} : foreign(language)),
  );
}

/** What a rule says that has nothing but a name. @type {Record<string, string>} */
const WITHOUT_POINTS = {
  wrong: "points_wrong",
  unanswered: "points_unanswered",
  warm_up: "points_warm_up",
  poll: "points_poll",
};

/** "10 + 4 for speed": where the points come from, or why there are none, in words. */
function pointsInWords(asked, verdict) {
  const { rule = verdict.reason ?? "unanswered", points_earned: earned } = verdict;
  if (rule in WITHOUT_POINTS) return text(WITHOUT_POINTS[rule]);
  if (rule === "almost") return text("points_almost", { points: number(earned) });
  const speed = Math.max(0, earned - asked.points);
  const values = { base: number(earned - speed), speed: number(speed) };
  if (rule === "right_slow") return text("points_slow", values);
  return text(speed ? "points_speed" : "points_plain", values);
}

const SIGNS = { correct: "✓", almost: "≈", wrong: "✕", poll: "✓" };

function result(game) {
  const asked = game.question;
  const verdict = game.result;
  const late = game.mine?.state === "late" || game.mine?.state === "sending";
  const reason = asked.kind === "poll" ? "poll" : (verdict.reason ?? (late ? "late" : "unanswered"));
  const standing = h("div.standing");
  const answers = h("dl.answers", { id: "answers" });
  const yours = verdict.your_answer;
  const tongue = asked.kind === "true_false" ? {} : foreign(game.session.language);
  const differs =
    asked.kind === "typed" && typeof yours === "string" ? nearest(yours, verdict.correct_answers ?? []) : null;
  const filled = asked.kind === "gaps" ? gapResult(asked, verdict, game.session.language) : null;
  if (yours !== null && yours !== undefined && !verdict.is_correct && !filled) {
    const own = aligned("dd", answerText(asked, yours), tongue);
    answers.append(h("dt", {}, text("your_answer")), differs ? marked("dd", differs.typed, "del", tongue) : own);
  }
  if (differs && !verdict.is_correct) {
    answers.append(h("dt", {}, text("compared")), marked("dd.right", differs.right, "ins", tongue));
  }
  if (verdict.correct_answers?.length && !filled) {
    const right = asked.kind === "order" ? answerText(asked, verdict.correct_answers) : accepted(asked, verdict);
    answers.append(h("dt", {}, text("right_answer")), aligned("dd.right", right, tongue));
  }
  const next = game.selfPaced ? primary("", () => game.next()) : null;
  const after = next ?? h("p.next");
  /** What comes after it. Questions may be asked again while it is on show: then it was not the last one. */
  const tellNext = () => {
    const more = next ? game.left > 0 : asked.index + 1 < game.session.question_count;
    const lead = text(next ? (more ? "next" : "see_result") : more ? "next_soon_lead" : "last_one");
    const seconds = game.advanceAt && !next ? secondsTo(game.advanceAt, game.connection.clock.now()) : 0;
    const told = seconds ? text("goes_on", { seconds }) : lead;
    if (after.textContent !== told) after.textContent = told;
  };
  game.lookAround();
  return {
    node: h(
      `section.result.${reason}`,
      {},
      h(
        "header.verdict",
        {},
        h("span.sign", { "aria-hidden": "true" }, SIGNS[reason] ?? "–"),
        h(
          "div",
          {},
          // With the focus comes what it stands for: a screen reader goes on with points and answers by itself.
          title(text(`${reason}_title`), { "aria-describedby": "earned answers" }),
          h("p.earned", { id: "earned" }, pointsInWords(asked, verdict)),
        ),
        verdict.points_earned
          ? h("p.plus", { dir: "ltr", "aria-hidden": "true" }, `+${number(verdict.points_earned)}`)
          : null,
      ),
      filled ?? aligned("p.asked", asked.text, foreign(asked.listen_language ?? game.session.language)),
      heard(asked, { speed: game.session.options?.listen_speed }),
      picture(asked),
      answers,
      verdict.explanation ? aligned("p.explanation", verdict.explanation) : null,
      standing,
      next ? h("div.foot", {}, next) : after,
    ),
    key(key) {
      if (key !== "Enter" || !next) return false;
      next.click();
      return true;
    },
    update() {
      standing.replaceChildren(...neighbourhood(game).filter(Boolean));
      tellNext();
    },
    tick: tellNext,
  };
}

/** A word with what differs marked, for the ear too. */
function marked(selector, parts, tag, attributes) {
  const label = text(tag === "ins" ? "letters_missing" : "letters_extra", {
    letters: parts
      .filter((part) => !part.same)
      .map((part) => part.text)
      .join(", "),
  });
  const spoken = parts.every((part) => part.same) ? null : h("span.visually-hidden", {}, ` (${label})`);
  return h(
    selector,
    {},
    h(
      "bdi",
      attributes,
      parts.map((part) => (part.same ? part.text : h(tag, {}, part.text))),
    ),
    spoken,
  );
}

const accepted = (asked, verdict) =>
  asked.kind === "multi"
    ? answerText(asked, verdict.correct_answers)
    : verdict.correct_answers.map((answer) => optionText(asked, answer)).join(" / ");

function neighbourhood(game) {
  return [together(game), ...ranks(game)];
}

function ranks(game) {
  if (!game.rank) return [];
  const around = game.board.around(game.session.user_id);
  const shown = game.session.options?.board === "top3" ? game.board.entries : game.neighbours;
  const entries = around.length ? around : shown;
  return [
    h("h2", {}, text("rank_of", { rank: number(game.place), total: number(game.board.total) }), moved(game)),
    entries.length ? board(entries, game) : null,
    behind(game, entries),
  ];
}

/** How many places it went up or down since the question before. */
function moved(game) {
  const steps = (game.rankBefore ?? game.place) - game.place;
  if (!steps) return null;
  const [sign, key] = steps > 0 ? ["▲", "places_up"] : ["▼", "places_down"];
  const count = number(Math.abs(steps));
  return h(
    `span.moved${steps > 0 ? ".up" : ""}`,
    {},
    h("span", { "aria-hidden": "true" }, `${sign} ${count}`),
    h("span.visually-hidden", {}, text(key, { places: count })),
  );
}

/** What is missing to the player before. */
function behind(game, entries) {
  const next = entries.findLast((entry) => entry.rank < game.rank && entry.score > game.score);
  const points = next ? next.score - game.score : 0;
  if (points <= 0) return null;
  return h("p.small", {}, text("points_behind", { points: number(points), name: `\u2068${next.username}\u2069` }));
}

function board(entries, game) {
  const userId = game.session.user_id;
  // Of a window from the middle of the ranking the places above are not known.
  const shared = places(game.board.entries);
  return h(
    "ol.board",
    {},
    entries.map((entry) =>
      h(
        `li${entry.user_id === userId ? ".me" : ""}`,
        {},
        h("span.rank", {}, number(shared.get(entry.user_id) ?? entry.rank)),
        aligned("span.name", entry.username),
        h("span.score", {}, number(entry.score)),
      ),
    ),
  );
}

// -- the end ----------------------------------------------------------------------------------------------------------

function finished(game) {
  const numbers = h("div");
  const read = reviewing(game);
  const { attempt, options } = game.session;
  const lead = h("p.lead");
  const more = primary(text("go_on"), () => game.next());
  const again =
    attempt < game.attempts
      ? h(
          "div",
          {},
          h("p", {}, text(options.counts === "last" ? "last_counts" : "best_counts")),
          primary(text("do_it_again"), () => game.again()),
        )
      : null;
  const which =
    game.attempts > 1
      ? h("p.eyebrow", {}, text("attempt_of", { one: number(attempt), all: number(game.attempts) }))
      : null;
  const name = title(text("finished_title"));
  const all = h("div.standing");
  const home = options?.closes_at && game.session.reveal === "immediately" ? practising(game) : null;
  return {
    node: h("section.end", {}, mark("✓"), which, name, lead, until(game), more, numbers, all, again, home, read.node),
    key(key) {
      if (key !== "Enter" || more.hidden) return false;
      more.click();
      return true;
    },
    update() {
      const done = options?.closes_at ? "homework_done" : "finished_lead";
      lead.textContent = text(game.left ? "asked_again" : done, { count: number(game.left) });
      more.hidden = !game.left;
      if (again) again.hidden = game.left > 0;
      if (home) home.hidden = game.left > 0;
      all.replaceChildren(together(game) ?? "");
      numbers.replaceChildren(figures(game));
      read.update();
    },
  };
}

function end(game) {
  const numbers = h("div");
  const best = h("div");
  const all = h("div.standing");
  const name = title("");
  const medal = h("p.medal", { hidden: true });
  const read = reviewing(game);
  return {
    node: h(
      "section.end",
      {},
      h("p.eyebrow", {}, text("game_over")),
      medal,
      name,
      numbers,
      all,
      best,
      practising(game),
      read.node,
      h("a.button.wide", { href: page.preview?.back ?? `${BASE}/` }, text("another_game")),
    ),
    update() {
      const top = game.board.entries.slice(0, 5);
      name.textContent = game.session.username;
      const place = game.score > 0 && game.place <= 3 ? game.place : null;
      medal.hidden = !place;
      medal.className = `medal place${place}`;
      medal.replaceChildren(
        h("span.disc", { "aria-hidden": "true" }, number(place ?? 0)),
        text(place === 1 ? "won" : "on_podium"),
      );
      numbers.replaceChildren(figures(game));
      all.replaceChildren(together(game) ?? "");
      if (top.length) best.replaceChildren(h("h2", {}, text("best_players")), board(top, game));
      read.update();
    },
  };
}

/** The way to practise these words at home. Its module is fetched by those who have come that far. */
function practising(game) {
  // A preview leaves nothing behind.
  if (page.preview) return null;
  const place = h("div");
  const { session_id: id, session_token: token } = game.session;
  import("./practise.js").then(
    ({ practise }) => place.append(practise(id, token)),
    () => {}, // Offline: the page is good without it, and offers it when it is loaded again.
  );
  return place;
}

/** The review, drawn again only with a new summary: somebody may be reading it. */
function reviewing(game) {
  const node = h("div");
  let drawn = null;
  return {
    node,
    update() {
      if (drawn === game.summary) return;
      drawn = game.summary;
      node.replaceChildren(...review(game));
    },
  };
}

function figures(game) {
  const graded = (game.summary?.questions ?? []).filter((line) => line.kind !== "poll");
  const right = graded.filter((line) => line.is_correct).length;
  const total = game.summary?.total_participants ?? game.board.total;
  const figure = (label, value) => h("div", {}, h("dt", {}, label), h("dd", {}, value));
  return h(
    "dl.figures",
    {},
    figure(text("points"), number(game.score ?? 0)),
    game.attempts > 1 && game.status === "active" && game.summary && game.session.reveal === "immediately"
      ? figure(text("counts"), number(game.summary.your_score))
      : null,
    game.rank ? figure(text("rank"), text("of", { one: number(game.place), all: number(total) })) : null,
    graded.length ? figure(text("right"), text("of", { one: number(right), all: number(graded.length) })) : null,
  );
}

function review(game) {
  const lines = game.summary?.questions ?? [];
  const missed = lines.filter((line) => line.kind !== "poll" && !line.is_correct);
  const parts = [];
  if (missed.length) {
    parts.push(
      h("h2", {}, text("missed_words")),
      h(
        "ol.review",
        {},
        missed.map((line) => reviewed(line, game.session.language)),
      ),
    );
  } else if (lines.length) {
    parts.push(h("p.lead", {}, text("nothing_missed")));
  }
  const right = lines.filter((line) => !missed.includes(line));
  if (right.length) {
    parts.push(
      h(
        "details",
        {},
        h("summary", {}, text("right_ones")),
        h(
          "ol.review",
          {},
          right.map((line) => reviewed(line, game.session.language)),
        ),
      ),
    );
  }
  return parts;
}

function reviewed(line, language) {
  if (line.kind === "gaps") {
    return h(
      `li.${line.reason ?? "unanswered"}`,
      {},
      gapResult(line, line, language),
      line.your_answer === null ? h("p.own", {}, text("your_answer_was", { answer: text("no_answer") })) : null,
      h("p.own", {}, pointsInWords(line, line)),
      line.explanation ? aligned("p.explanation", line.explanation) : null,
    );
  }
  const own = line.your_answer === null ? text("no_answer") : answerText(line, line.your_answer);
  const solution = line.kind === "order" ? answerText(line, line.correct_answers) : accepted(line, line);
  return h(
    `li.${line.reason ?? "unanswered"}`,
    {},
    aligned("p.asked", line.text, foreign(language)),
    line.correct_answers.length
      ? aligned("p.right", solution, line.kind === "true_false" ? {} : foreign(language))
      : null,
    line.is_correct ? null : h("p.own", {}, text("your_answer_was", { answer: `\u2068${own}\u2069` })),
    h("p.own", {}, pointsInWords(line, line)),
    line.explanation ? aligned("p.explanation", line.explanation) : null,
  );
}
