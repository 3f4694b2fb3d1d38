// The host's console: shows how a session stands and drives it. The server decides everything; this page keeps no
// state that a reload would lose.

import { Connection } from "../shared/connection.js";
import { announce, countdown as clockFace, page as data, inOrder, number, optionText, text } from "../shared/dom.js";
import { answerRows, progressRows, TypedAnswers } from "./answers.js";
import { PlayerTable } from "./players.js";

const element = (id) => document.getElementById(id);
const csrf = document.querySelector("#console input[name=csrfmiddlewaretoken]").value;

let session = data.session;
/** What is known of the answers to the question on show: from HOST_PROGRESS, or from QUESTION_CLOSED. */
let progress = null;
/** Solutions of closed questions as told by the server, by question: a host who comes back sees the last one. */
const closed = new Map();
let selfPaced = [];
/** Self pace: the question whose typed answers are on show. */
let looked = null;
/** Events up to this one happened before the page came (back): they are shown, and not announced. */
let replayUpTo = 0;
/** Commands on their way. */
const busy = new Set();
/** What must not happen twice goes with the revision this page has seen, so that two clicks or two hosts are one step. */
const STEPS = new Set(["start", "next", "close-question", "extend"]);

const players = new PlayerTable(element("players"), {
  remove: async (player) => {
    const question = text("remove_question", {
      name: player.username,
    });
    if (await confirmed(question, text("remove"))) {
      await request(`/participants/${encodeURIComponent(player.user_id)}`, "DELETE");
      announce(text("removed", { name: player.username }));
      await loadPlayers();
    }
  },
  rename: askForName,
});

const typed = new TypedAnswers(element("typed"), {
  load: async (id) => {
    const { status, answer } = await request(`/questions/${encodeURIComponent(id)}/answers`, "GET");
    return status === 200 ? answer : null;
  },
  accept: async (id, given) => {
    problem("");
    try {
      const path = `/questions/${encodeURIComponent(id)}/accept`;
      const { status, answer } = await request(path, "POST", { answer: given });
      if (status === 200) {
        return answer;
      }
      refuse(status);
    } catch {
      problem(text("unreachable"));
    }
    return null;
  },
  changed: () => render(),
});

// -- talking to the server -------------------------------------------------------------------------------------------

async function request(path, method, body) {
  const response = await fetch(data.api + path, {
    method,
    headers: { "X-CSRFToken": csrf, "Content-Type": "application/json", Accept: "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
    credentials: "same-origin",
  });
  const answer = response.status === 204 ? null : await response.json();
  return { status: response.status, answer };
}

async function command(name) {
  if (waits(name) || !allowed(name)) {
    return;
  }
  if (name === "end" && !(await confirmed(text("end_question"), text("end_session")))) {
    return;
  }
  busy.add(name);
  problem("");
  renderControls();
  try {
    const body = STEPS.has(name) ? { revision: session.revision } : {};
    if (name === "extend") {
      body.by_ms = 10_000;
    }
    const { status, answer } = await request(`/${name}`, "POST", body);
    if (status === 200) {
      take(answer);
    } else if (status === 409 && answer.session) {
      take(answer.session);
      announce(text("moved_on"));
    } else {
      if (status === 409) {
        await loadSession();
      }
      refuse(status);
    }
  } catch {
    problem(text("unreachable"));
  } finally {
    busy.delete(name);
    renderControls();
  }
}

/** Say why the server did not do it. */
function refuse(status) {
  const reasons = { 409: "does_not_fit", 401: "signed_out", 403: "signed_out" };
  problem(text(reasons[status] ?? "not_now"));
}

/** Whether a command has to wait for one that is on its way. */
function waits(name) {
  return busy.has(name) || (STEPS.has(name) && [...busy].some((other) => STEPS.has(other)));
}

/** Why a name was not taken, by the answer's `reason` or `code`; the rules are the server's. */
const NAME_FAULTS = {
  empty: text("name_empty"),
  long: text("name_long"),
  characters: text("name_characters"),
  offensive: text("name_offensive"),
  USERNAME_TAKEN: text("name_taken"),
};

function askForName(player) {
  const dialog = element("rename");
  const field = element("new-name");
  const complain = (message) => {
    element("new-name-error").textContent = message;
    field.setAttribute("aria-invalid", String(message !== ""));
  };
  element("rename-title").textContent = text("rename_name", { name: player.username });
  field.value = player.username;
  complain("");
  dialog.onsubmit = async (event) => {
    event.preventDefault();
    try {
      const path = `/participants/${encodeURIComponent(player.user_id)}`;
      const { status, answer } = await request(path, "PATCH", { username: field.value });
      if (status === 200) {
        dialog.close();
        players.renamed(answer);
        render();
        announce(text("renamed", { name: player.username, new_name: answer.username }));
      } else {
        complain(NAME_FAULTS[answer.reason ?? answer.code] ?? text("not_now"));
        field.focus();
      }
    } catch {
      complain(text("unreachable"));
    }
  };
  // The row may have been drawn again meanwhile, so that the browser cannot give the focus back itself.
  dialog.onclose = () => players.focus(player.user_id, "rename");
  dialog.showModal();
  field.select();
}

element("rename-cancel").addEventListener("click", () => element("rename").close());

async function loadSession() {
  const { status, answer } = await request("", "GET");
  if (status === 200) {
    take(answer);
  }
}

async function loadPlayers() {
  const { status, answer } = await request("/participants", "GET");
  if (status === 200) {
    players.replace(answer.participants);
    session.participant_count = answer.participant_count;
    render();
  }
}

async function loadProgress() {
  const { status, answer } = await request("/progress", "GET");
  if (status === 200) {
    selfPaced = answer.questions;
    typed.refresh();
    render();
  }
}

/** Run at once, and once more after a while if it was asked for again meanwhile. */
function throttled(work, milliseconds) {
  let timer = null;
  let again = false;
  const run = () => {
    work().catch(() => {});
    timer = setTimeout(() => {
      timer = null;
      if (again) {
        again = false;
        run();
      }
    }, milliseconds);
  };
  return () => {
    if (timer === null) {
      run();
    } else {
      again = true;
    }
  };
}

const playersChanged = throttled(loadPlayers, 3_000);
const sessionChanged = throttled(loadSession, 150);

const EVENTS = {
  SESSION_STARTED: (_, tell) => tell(text("told_started")),
  SESSION_PAUSED: (_, tell) => tell(text("told_paused")),
  SESSION_RESUMED: (_, tell) => tell(text("told_resumed")),
  DEADLINE_CHANGED: (_, tell) => tell(text("told_more_time")),
  SESSION_LOCK_CHANGED: (payload, tell) => tell(payload.locked ? text("told_locked") : text("told_unlocked")),
  QUESTION_OPENED: (payload, tell) => {
    progress = null;
    players.everybodyWaits();
    tell(text("told_opened", { number: payload.index + 1 }));
  },
  QUESTION_CLOSED: (payload, tell) => {
    closed.set(payload.question_id, payload);
    players.waiting(null);
    tell(text("told_closed"));
  },
  ANSWERS_REGRADED: (payload, tell) => {
    const question = data.questions.find((one) => one.id === payload.question_id);
    question.correct_answers = payload.correct_answers ?? question.correct_answers;
    typed.refresh();
    tell(text("told_accepted"));
  },
  SESSION_ENDED: (_, tell) => tell(text("told_ended")),
};

function receive(type, payload, seq) {
  if (type in EVENTS) {
    const replayed = seq <= replayUpTo;
    EVENTS[type](payload, replayed ? () => {} : announce);
    if (!replayed) {
      sessionChanged();
    } else if (seq === replayUpTo) {
      render();
    }
    return;
  }
  switch (type) {
    case "HOST_PROGRESS":
      progress = payload;
      session.participant_count = payload.participant_count;
      players.waiting(payload.waiting);
      render();
      break;
    case "USER_JOINED":
    case "USER_LEFT":
      session.participant_count = payload.participant_count;
      players.presence(payload, type === "USER_JOINED");
      render();
      break;
    case "USER_RENAMED":
      players.renamed(payload);
      render();
      break;
    case "PARTICIPANTS_CHANGED":
      session.participant_count = payload.participant_count;
      playersChanged();
      render();
      break;
    case "LEADERBOARD_UPDATED":
      players.scores(payload.leaderboard);
      render();
      break;
    case "ERROR":
      problem(payload.message);
      break;
  }
}

// -- what may be done ------------------------------------------------------------------------------------------------

const hostPaced = session.pace === "host";

function allowed(name) {
  const { status, phase, paused, locked } = session;
  switch (name) {
    case "start":
      return status === "waiting";
    case "next":
      return hostPaced && status === "active" && !paused;
    case "close-question":
    case "extend":
      return phase === "open";
    case "pause":
      return status === "active" && !paused;
    case "resume":
      return status === "active" && paused;
    case "lock":
      return status !== "completed" && !locked;
    case "unlock":
      return status !== "completed" && locked;
    case "end":
      return status !== "completed";
    default:
      return false;
  }
}

/** What the large button does: the step that a lesson most likely takes now. */
function primary() {
  const last = session.question_index !== null && session.question_index + 1 >= session.question_count;
  if (session.status === "waiting") {
    return ["start", text("start_session")];
  }
  if (session.status === "completed") {
    return ["results", text("see_results")];
  }
  if (session.paused) {
    return ["resume", text("go_on")];
  }
  if (!hostPaced) {
    return ["end", text("end_session")];
  }
  if (session.phase === "open") {
    return ["close-question", text("close_question")];
  }
  if (session.phase === "ready") {
    return ["next", text("first_question")];
  }
  return ["next", last ? text("finish") : text("next_question")];
}

// -- showing it ------------------------------------------------------------------------------------------------------

function take(answer) {
  if (answer.revision >= session.revision) {
    session = answer;
  }
  render();
}

function problem(message) {
  element("problem").textContent = message;
}

const STATUS = {
  lobby: text("phase_lobby"),
  ready: text("phase_ready"),
  playing: text("phase_playing"),
  open: text("phase_open"),
  closed: text("phase_closed"),
  ended: text("phase_ended"),
};

function render() {
  const index = session.question_index;
  const question = index === null ? null : data.questions[index];
  const standing = [session.paused ? text("paused") : STATUS[session.phase]];
  if (session.locked && session.status !== "completed") {
    standing.push(text("locked"));
  }
  element("status").textContent = standing.join(" · ");
  element("player-count").textContent = number(session.participant_count);
  renderQuestion(question, index);
  renderNext(index);
  renderControls();
  players.render(element("players-more"));
  const waiting = session.phase === "open" ? players.waitingText() : "";
  element("waiting").textContent = waiting;
  tick();
}

function renderQuestion(question, index) {
  const shown = hostPaced ? question : null;
  element("question-number").textContent = shown
    ? text("question_of", { number: index + 1, total: session.question_count })
    : "";
  element("question-text").textContent = shown ? shown.text : lobbyText();
  element("question-answer").textContent = shown ? solution(shown) : "";
  const list = element("distribution");
  const held = list.contains(document.activeElement) ? document.activeElement.dataset.question : undefined;
  list.replaceChildren();
  element("answered").textContent = "";
  if (!hostPaced) {
    renderSelfPaced(list);
    typed.show(data.questions.find((one) => one.id === looked) ?? null);
    if (held !== undefined) {
      list.querySelector(`[data-question="${CSS.escape(held)}"]`)?.focus();
    }
    return;
  }
  const over = shown?.kind === "typed" && (session.phase === "closed" || session.phase === "ended");
  const typedShown = typed.show(over ? shown : null);
  if (!shown) {
    return;
  }
  const told = session.phase === "open" ? progress : closed.get(shown.id);
  const current = told && told.question_id === shown.id ? told : null;
  const counts = current ? current.distribution : {};
  if (!typedShown) {
    list.append(...answerRows(shown, counts));
  }
  const answered = current ? current.answered_count : 0;
  // Who answered and left is counted among the answers only.
  const values = { answered, players: Math.max(session.participant_count, answered) };
  element("answered").textContent = text("answered_of", values);
}

function renderSelfPaced(list) {
  if (session.status === "waiting") {
    return;
  }
  list.append(...progressRows(data.questions, selfPaced, session.participant_count, looked));
}

function lobbyText() {
  if (session.status === "waiting") {
    return text("lobby_open");
  }
  if (session.status === "completed") {
    return text("session_over");
  }
  return hostPaced ? text("all_ready") : text("on_their_own");
}

function solution(question) {
  if (!question.correct_answers.length) {
    return "";
  }
  const right = question.correct_answers.map((answer) => optionText(question, answer));
  return `✓ ${question.kind === "order" ? inOrder(right) : right.join(" · ")}`;
}

function renderNext(index) {
  const next = hostPaced && session.status !== "completed" ? data.questions[index === null ? 0 : index + 1] : null;
  element("up-next").hidden = !next;
  element("up-next-text").textContent = next ? next.text : "";
  element("up-next-answer").textContent = next ? solution(next) : "";
}

function renderControls() {
  const [name, label] = primary();
  const button = element("primary");
  button.textContent = label;
  button.dataset.command = name;
  button.setAttribute("aria-disabled", String(waits(name)));
  for (const other of document.querySelectorAll(".qz-controls [data-key]")) {
    const pair = { pause: "resume", lock: "unlock" };
    const hidden =
      (other.dataset.command === "resume" && !session.paused) ||
      (other.dataset.command === "pause" && session.paused) ||
      (other.dataset.command === "unlock" && !session.locked) ||
      (other.dataset.command === "lock" && session.locked) ||
      (!hostPaced && ["close-question", "extend"].includes(other.dataset.command));
    if (hidden && document.activeElement === other) {
      const twin = pair[other.dataset.command] ?? Object.keys(pair).find((key) => pair[key] === other.dataset.command);
      const place = document.querySelector(`.qz-controls [data-command="${twin}"][data-key]`);
      place.hidden = false;
      place.focus();
    }
    other.hidden = hidden;
    other.setAttribute("aria-disabled", String(waits(other.dataset.command) || !allowed(other.dataset.command)));
    other.setAttribute("aria-keyshortcuts", other.dataset.key);
  }
}

function tick() {
  const open = session.phase === "open" && session.deadline;
  element("countdown").hidden = !open;
  element("time-bar").hidden = !open;
  if (!open || session.paused) {
    return;
  }
  const left = Math.max(0, Date.parse(session.deadline) - connection.clock.now());
  const seconds = Math.ceil(left / 1_000);
  const countdown = element("countdown");
  countdown.textContent = seconds < 100 ? text("seconds", { seconds }) : clockFace(seconds);
  countdown.toggleAttribute("data-low", seconds <= 5);
  const limit = data.questions[session.question_index].time_limit_ms;
  element("time-left").setAttribute("width", String(Math.min(100, (100 * left) / limit)));
}

// -- keys and clicks -------------------------------------------------------------------------------------------------

function confirmed(question, yes) {
  const dialog = element("confirm");
  element("confirm-text").textContent = question;
  element("confirm-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

function press(name) {
  if (name === "results") {
    window.location.assign(data.results);
  } else {
    command(name);
  }
}

document.querySelector(".qz-controls").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && button.getAttribute("aria-disabled") !== "true") {
    press(button.dataset.command);
  }
});

const shortcuts = element("shortcuts");
try {
  shortcuts.checked = localStorage.getItem("host-shortcuts") !== "off";
} catch {
  // Without storage the shortcuts are on at each visit.
}
shortcuts.addEventListener("change", () => {
  try {
    localStorage.setItem("host-shortcuts", shortcuts.checked ? "on" : "off");
  } catch {
    // As above.
  }
});

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), textarea, select, dialog");
  if (!shortcuts.checked || typing || event.repeat || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const key = event.key.toLowerCase();
  if (key === "n" || (key === "enter" && !event.target.closest("a, button, input, summary"))) {
    event.preventDefault();
    press(primary()[0]);
    return;
  }
  const button = [...document.querySelectorAll(".qz-controls [data-key]")].find(
    (candidate) =>
      !candidate.hidden && (candidate.dataset.key === key || (candidate.dataset.key === "+" && key === "=")),
  );
  if (button && button.getAttribute("aria-disabled") !== "true") {
    event.preventDefault();
    press(button.dataset.command);
  }
});

element("distribution").addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button) {
    looked = looked === button.dataset.question ? null : button.dataset.question;
    render();
  }
});

element("find").addEventListener("input", (event) => {
  players.find = event.target.value;
  render();
});
element("only-waiting").addEventListener("change", (event) => {
  players.onlyWaiting = event.target.checked;
  render();
});

// -- start -----------------------------------------------------------------------------------------------------------

const connection = new Connection(() => ({ session_id: session.session_id, role: "host" }), {
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
setInterval(tick, 200);
if (!hostPaced) {
  const poll = () => {
    if (!document.hidden && session.status !== "waiting") {
      loadProgress().catch(() => {});
    }
  };
  poll();
  setInterval(poll, 4_000);
}
