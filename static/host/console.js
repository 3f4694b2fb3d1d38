// The host's console: shows how a session stands and drives it. The server decides everything; this page keeps no
// state that a reload would lose.

import { hasTeams } from "../shared/board.js";
import { Connection } from "../shared/connection.js";
import { announce, element, number, text, when } from "../shared/dom.js";
import { soundControl } from "../shared/sound_control.js";
import { store, stored } from "../shared/storage.js";
import { TypedAnswers } from "./answers.js";
import { problem, reason, request, throttled } from "./api.js";
import { askForClosing, renderClosing } from "./closing.js";
import { askForName, confirmed } from "./dialogs.js";
import { arrange } from "./person.js";
import { PlayerTable } from "./players.js";
import { primary, renderControls, renderNext, renderQuestion, tick } from "./stage.js";
import { allowed, busy, hostPaced, page, STEPS, state, waits } from "./state.js";

/**
 * @typedef {import("../shared/connection.js").Message} Message
 * @typedef {import("../shared/messages.js").FromServer} FromServer
 * @typedef {import("./api.js").Refused} Refused
 * @typedef {import("./state.js").Session} Session
 */

/** Events up to this one happened before the page came (back): they are shown, and not announced. */
let replayUpTo = 0;

const players = new PlayerTable(element("players"), {
  remove: async (player) => {
    if (await confirmed(text("remove_question", { name: player.username }), text("remove"))) {
      await request(`/participants/${encodeURIComponent(player.user_id)}`, "DELETE");
      announce(text("removed", { name: player.username }));
      await loadPlayers();
    }
  },
  arrange: (player) => arrange(player, () => players.focus(player.user_id, "arrange")),
  rename: (player) =>
    askForName(
      player,
      (answer) => {
        players.renamed(answer);
        render();
        announce(text("renamed", { name: player.username, new_name: answer.username }));
      },
      () => players.focus(player.user_id, "rename"),
    ),
  longer: (player) => askForClosing(player, take, () => players.focus(player.user_id, "longer")),
});

const typed = new TypedAnswers(element("typed"), {
  load: async (id) => {
    const { status, answer } = await request(`/questions/${encodeURIComponent(id)}/answers`, "GET");
    return status === 200 ? /** @type {import("./answers.js").Given} */ (answer) : null;
  },
  accept: async (id, given) => {
    problem("");
    try {
      const path = `/questions/${encodeURIComponent(id)}/accept`;
      const { status, answer } = await request(path, "POST", given);
      if (status === 200) return /** @type {import("./answers.js").Given} */ (answer);
      problem(reason(status));
    } catch {
      problem(text("unreachable"));
    }
    return null;
  },
  changed: () => render(),
});

// -- asking the server -------------------------------------------------------------------------------------------------

/** @param {string} name */
async function command(name) {
  if (waits(name) || !allowed(name)) return;
  if (name === "end" && !(await confirmed(text("end_question"), text("end_session")))) return;
  busy.add(name);
  problem("");
  renderControls();
  try {
    const step = STEPS.has(name) ? { revision: state.session.revision } : {};
    const body = name === "extend" ? { ...step, by_ms: 10_000 } : step;
    const before = state.session.question_count;
    const { status, answer } = await request(`/${name}`, "POST", body);
    const { code, session } = /** @type {Refused} */ (answer);
    if (status === 200) {
      const now = /** @type {Session} */ (answer);
      take(now);
      if (name === "ask-again" && now.question_count === before) announce(text("coming_back"));
    } else if (status === 409 && code === "NOTHING_TO_ASK_AGAIN") {
      announce(text("nothing_again"));
    } else if (status === 409 && session) {
      take(session);
      announce(text("moved_on"));
    } else {
      if (status === 409) await loadSession();
      problem(reason(status));
    }
  } catch {
    problem(text("unreachable"));
  } finally {
    busy.delete(name);
    renderControls();
  }
}

/** @template Answer @param {string} path @returns {Promise<Answer | null>} what is read; null: not now. */
async function read(path) {
  const { status, answer } = await request(path, "GET");
  return status === 200 ? /** @type {Answer} */ (answer) : null;
}

async function loadSession() {
  /** @type {Session | null} */
  const answer = await read("");
  if (answer) take(answer);
}

/** The questions, when some were asked again since the page was made. */
async function loadQuestions() {
  /** @type {{questions: import("./state.js").Question[]} | null} */
  const answer = await read("/questions");
  if (!answer) return;
  page.questions.splice(0, page.questions.length, ...answer.questions);
  render();
}

async function loadPlayers() {
  /** @type {{participants: import("./players.js").Player[], participant_count: number} | null} */
  const answer = await read("/participants");
  if (!answer) return;
  players.replace(answer.participants);
  state.session.participant_count = answer.participant_count;
  render();
}

async function loadProgress() {
  /** @type {{questions: import("./state.js").Far[], players: import("./players.js").Far[] | null} | null} */
  const answer = await read("/progress");
  if (!answer) return;
  state.questions = answer.questions;
  players.progress(answer.players, state.session.question_count, connection.clock.now());
  typed.refresh();
  render();
}

const playersChanged = throttled(loadPlayers, 3_000);
const sessionChanged = throttled(loadSession, 150);
const questionsChanged = throttled(loadQuestions, 1_000);

// -- hearing from it ---------------------------------------------------------------------------------------------------

/** @typedef {(message: string) => void} Tell says it, unless it happened before the page came. */
/** @type {{[Type in keyof FromServer]?: (payload: FromServer[Type], tell: Tell) => void}} */
const EVENTS = {
  SESSION_STARTED: (_, tell) => tell(text("told_started")),
  SESSION_PAUSED: (_, tell) => tell(text("told_paused")),
  SESSION_RESUMED: (_, tell) => tell(text("told_resumed")),
  DEADLINE_CHANGED: (_, tell) => tell(text("told_more_time")),
  SESSION_HELD: (_, tell) => tell(text("told_held")),
  SESSION_LOCK_CHANGED: (payload, tell) => tell(payload.locked ? text("told_locked") : text("told_unlocked")),
  QUESTION_ASKED: (payload, tell) => {
    state.progress = null;
    tell(text("told_asked", { number: payload.index + 1 }));
  },
  QUESTION_OPENED: (payload, tell) => {
    state.progress = null;
    players.everybodyWaits();
    tell(text("told_opened", { number: payload.index + 1 }));
  },
  QUESTION_CLOSED: (payload, tell) => {
    state.closed.set(payload.question_id, payload);
    players.waiting(null);
    tell(text("told_closed"));
  },
  ANSWERS_REGRADED: (payload, tell) => {
    const question = page.questions.find((one) => one.id === payload.question_id);
    if (question && payload.correct_answers) question.correct_answers = payload.correct_answers;
    typed.refresh();
    tell(text("told_accepted"));
  },
  QUESTIONS_ADDED: (payload, tell) => tell(text("told_again", { count: payload.added })),
  CLOSING_CHANGED: (payload, tell) => {
    state.session.closes_at = payload.closes_at;
    tell(text("told_closing", { time: when(payload.closes_at) }));
  },
  SESSION_ENDED: (_, tell) => tell(text("told_ended")),
};

/** @param {Message} message */
function receive({ type, payload, seq = 0 }) {
  const happened = /** @type {((payload: FromServer[keyof FromServer], tell: Tell) => void) | undefined} */ (
    EVENTS[type]
  );
  if (happened) {
    const replayed = seq <= replayUpTo;
    happened(payload, replayed ? () => {} : announce);
    if (!replayed) sessionChanged();
    else if (seq === replayUpTo) render();
    return;
  }
  const { session } = state;
  switch (type) {
    case "HOST_PROGRESS":
      state.progress = payload;
      session.participant_count = payload.participant_count;
      players.waiting(payload.waiting);
      break;
    case "USER_JOINED":
    case "USER_LEFT":
      session.participant_count = payload.participant_count;
      // Whether a new name looks like another one is the server's to say.
      if (players.presence(payload, type === "USER_JOINED") || hasTeams(session.options)) playersChanged();
      break;
    case "TEAM_CHANGED":
      players.inTeam(payload);
      break;
    case "USER_RENAMED":
      players.renamed(payload);
      playersChanged();
      break;
    case "PARTICIPANTS_CHANGED":
      session.participant_count = payload.participant_count;
      playersChanged();
      break;
    case "LEADERBOARD_UPDATED":
      players.scores(payload.leaderboard);
      break;
    case "ERROR":
      problem(payload.message);
      return;
    default:
      return;
  }
  render();
}

// -- showing it --------------------------------------------------------------------------------------------------------

/** @param {Session} answer */
function take(answer) {
  if (answer.revision >= state.session.revision) state.session = answer;
  if (state.session.question_count > page.questions.length) questionsChanged();
  render();
}

/** @type {Record<string, string>} */
const STATUS = {
  lobby: text("phase_lobby"),
  ready: text("phase_ready"),
  playing: text("phase_playing"),
  asked: text("phase_asked"),
  open: text("phase_open"),
  closed: text("phase_closed"),
  ended: text("phase_ended"),
};

function render() {
  const { session } = state;
  const standing = [session.paused ? text("paused") : STATUS[session.phase]];
  if (session.locked && session.status !== "completed") standing.push(text("locked"));
  element("status").textContent = standing.join(" · ");
  element("player-count").textContent = number(session.participant_count);
  renderQuestion(typed);
  renderNext();
  renderClosing();
  renderControls();
  players.render(element("players-more"));
  element("waiting").textContent = session.phase === "open" ? players.waitingText() : players.progressText();
  tick(connection.clock.now());
  hear();
}

// -- keys and clicks ---------------------------------------------------------------------------------------------------

/** @param {string | undefined} name */
function press(name) {
  if (name === "results") location.assign(page.results);
  else if (name) command(name);
}

document.querySelector(".qz-stage")?.addEventListener("click", (event) => {
  /** @type {HTMLElement | null} */
  const button = /** @type {Element} */ (event.target).closest("button[data-command]");
  if (button && button.getAttribute("aria-disabled") !== "true") press(button.dataset.command);
});

const shortcuts = element("shortcuts", HTMLInputElement);
shortcuts.checked = stored("host-shortcuts") !== "off";
shortcuts.addEventListener("change", () => store("host-shortcuts", shortcuts.checked ? "on" : "off"));

document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  const typing = target.closest("input:not([type=checkbox]), textarea, select, dialog");
  if (!shortcuts.checked || typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  const key = event.key.toLowerCase();
  if (key === "n" || (key === "enter" && !target.closest("a, button, input, summary"))) {
    event.preventDefault();
    press(primary()[0]);
    return;
  }
  if (key === "m") {
    sound.toggle();
    return;
  }
  const keyed = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".qz-stage [data-key]"));
  const button = [...keyed].find(
    ({ hidden, dataset }) => !hidden && (dataset.key === key || (dataset.key === "+" && key === "=")),
  );
  if (button && button.getAttribute("aria-disabled") !== "true") {
    event.preventDefault();
    press(button.dataset.command);
  }
});

element("distribution").addEventListener("click", (event) => {
  const asked = /** @type {Element} */ (event.target).closest("button")?.dataset.question;
  if (!asked) return;
  state.looked = state.looked === asked ? null : asked;
  render();
});

element("move-closing").addEventListener("click", () =>
  askForClosing(null, take, () => element("move-closing").focus()),
);

element("copy-link").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(page.join);
    announce(text("copied"));
  } catch {
    // No clipboard without HTTPS: the browser's own dialog has the address, marked and ready to be copied.
    prompt(text("copy_this"), page.join);
  }
});

const find = element("find", HTMLInputElement);
find.addEventListener("input", () => {
  players.find = find.value;
  render();
});
const onlyWaiting = element("only-waiting", HTMLInputElement);
onlyWaiting.addEventListener("change", () => {
  players.onlyWaiting = onlyWaiting.checked;
  render();
});

const sound = soundControl({
  key: "sound:hall",
  on: true,
  beside: "follows",
  session: state.session.session_id,
});

function hear() {
  const { status, phase, deadline, paused } = state.session;
  sound.hear({ status, phase, deadline: paused ? null : deadline }, connection.clock.now());
}

// -- start -------------------------------------------------------------------------------------------------------------

const connection = new Connection(() => ({ session_id: state.session.session_id, role: "host" }), {
  onStatus: (status) => {
    const place = element("connection");
    place.dataset.state = status;
    const online = text(connection.streaming ? "streaming" : "online");
    place.textContent = status === "online" ? online : text("connecting");
  },
  onJoined: (joined) => {
    replayUpTo = joined.seq;
    sessionChanged();
    playersChanged();
  },
  onMessage: receive,
  onRefused: () => problem(text("refused")),
  onClosed: () => problem(text("refused")),
});
// From the first event on: they are few, and tell a host who comes back how the last question went.
connection.lastSeq = 0;

render();
connection.open();
element("primary").focus();
setInterval(() => {
  tick(connection.clock.now());
  hear();
}, 200);
if (!hostPaced) {
  const poll = () => {
    if (!document.hidden && state.session.status !== "waiting") loadProgress().catch(() => {});
  };
  poll();
  setInterval(poll, 4_000);
}
