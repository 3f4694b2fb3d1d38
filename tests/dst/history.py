"""What clients and hosts were told, in order; and what is wrong with it, next to what the database has in the end."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.dst.database import SessionRows

#: What players have for a question.
QUESTION_SECONDS = 3


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that was seen."""

    at: float
    who: str
    what: str
    facts: dict[str, Any]

    def __str__(self) -> str:
        facts = " ".join(f"{name}={value}" for name, value in self.facts.items())
        return f"{self.at:9.4f} {self.who:<10} {self.what:<20} {facts}"


@dataclass(frozen=True, slots=True)
class Finding:
    """A broken rule."""

    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.rule}: {self.text}"


@dataclass(slots=True)
class History:
    """Everything that was told."""

    told: list[Told] = field(default_factory=list)
    #: What was seen to be wrong on the way.
    findings: list[Finding] = field(default_factory=list)
    #: Whether replies of Redis may have been lost.
    redis_failed: bool = False
    #: Whether clocks were stepped, and nothing else went wrong.
    clocks_step: bool = False

    def find(self, rule: str, text: str) -> None:
        """Note something wrong."""
        self.findings.append(Finding(rule, text))

    def doubtful(self) -> set[tuple[str, str]]:
        """Answers that were refused after an attempt whose reply was lost with Redis, be it one of the instance's own:
        it may have gone through, and nobody can know before Redis is back (docs/reliability.md)."""
        refused = self.of("refused") if self.redis_failed else iter(())
        return {(told.facts["user"], told.facts["question"]) for told in refused}

    def of(self, *what: str) -> Iterator[Told]:
        """What of this kind was seen."""
        return (told for told in self.told if told.what in what)


def check(history: History, rows: SessionRows | None) -> list[Finding]:
    """Everything that is wrong.

    :param rows: the session as the database has it.
    """
    if rows is None:
        return [*history.findings, Finding("session lost", "the database has no such session")]
    return [
        *history.findings,
        *_answers(history, rows),
        *_scores(history, rows),
        *_sequence(history, rows),
        *_times(history),
        *_boards(history),
        *_commands(history, rows),
        *_asked_again(history, rows),
        *_end(history, rows),
    ]


def _answers(history: History, rows: SessionRows) -> Iterator[Finding]:
    acknowledged: dict[tuple[str, str], str] = {}
    for told in history.of("acknowledged"):
        key = (told.facts["user"], told.facts["question"])
        stored = rows.answers.get(key)
        if stored is None:
            yield Finding("answer lost", f"{key} was acknowledged at {told.at:.3f} and is not in the database")
        elif told.facts["first"] and acknowledged.setdefault(key, told.facts["answer"]) != told.facts["answer"]:
            yield Finding("accepted twice", f"{key}: {acknowledged[key]} and {told.facts['answer']}")
        elif told.facts["first"] and stored.answer != told.facts["answer"]:
            yield Finding("answer changed", f"{key}: told {told.facts['answer']}, stored {stored.answer}")
        elif (points := told.facts["points"]) is not None and points > stored.points:
            yield Finding("wrong points told", f"{key}: told {points}, stored {stored.points}")
    sent = {(told.facts["user"], told.facts["question"]): set() for told in history.of("sends")}  # type: ignore[var-annotated]
    for told in history.of("sends"):
        sent[told.facts["user"], told.facts["question"]].add(told.facts["answer"])
    for key, stored in rows.answers.items():
        if stored.answer not in sent.get(key, ()):
            yield Finding("answer from nowhere", f"{key}: {stored.answer}")
    doubtful = history.doubtful()
    for told in history.of("refused"):
        key = (told.facts["user"], told.facts["question"])
        if (
            key in rows.answers
            and key not in doubtful
            and told.facts["code"] in ("QUESTION_NOT_OPEN", "SESSION_COMPLETED")
        ):
            yield Finding("refused answer counts", f"{key} was refused with {told.facts['code']}")
    for told in history.of("joined"):
        missing = set(told.facts["acknowledged"]) - set(told.facts["answered"])
        if missing:
            yield Finding("answer forgotten", f"{told.who} came back at {told.at:.3f} without {sorted(missing)}")
        if told.facts["user"] not in rows.participants:
            yield Finding("player lost", f"{told.facts['user']} was let in at {told.at:.3f}")


def _scores(history: History, rows: SessionRows) -> Iterator[Finding]:
    worth: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for key, stored in rows.answers.items():
        worth[key].add(stored.points)
    for told in history.of("acknowledged", "closed", "regraded"):
        if told.facts.get("points") is not None:
            worth[told.facts["user"], told.facts["question"]].add(told.facts["points"])
    last: dict[str, int] = {}
    for told in history.of("acknowledged", "closed", "score", "ended"):
        # A board may be older than what its player was told meanwhile: boards go with boards.
        line = f"{told.who} on boards" if told.facts.get("board") else told.facts["user"]
        user, score = told.facts["user"], told.facts.get("score")
        if score is None:
            continue
        options = [{0, *points} for (who, _), points in worth.items() if who == user]
        if score not in {sum(each) for each in itertools.product(*options)}:
            yield Finding("wrong sum", f"{user} was told {score} at {told.at:.3f}; answers are worth {options}")
        if score < last.get(line, 0):
            yield Finding("score went back", f"{user} was told {score} at {told.at:.3f}, after {last[line]}")
        last[line] = max(score, last.get(line, 0))
    sums: defaultdict[str, int] = defaultdict(int)
    for (user, _), stored in rows.answers.items():
        sums[user] += stored.points
    doubtful = history.doubtful()
    for told in history.of("ended"):
        unsure = [
            {0, rows.answers[key].points} for key in doubtful & rows.answers.keys() if key[0] == told.facts["user"]
        ]
        if told.facts["score"] not in {sums[told.facts["user"]] - sum(each) for each in itertools.product(*unsure)}:
            yield Finding(
                "wrong score at the end",
                f"{told.facts['user']} was told {told.facts['score']}, not {sums[told.facts['user']]}",
            )
    if {user: score for user, score in rows.scores.items() if score} != {u: s for u, s in sums.items() if s}:
        yield Finding("wrong score stored", f"{rows.scores}, not {dict(sums)}")
    if rows.standings is not None:
        stands = {each.user_id: each.score for each in rows.standings}
        expected = {user: sums[user] for user, player in rows.participants.items() if player.status != "removed"}
        if stands != expected:
            yield Finding("wrong final standings", f"{stands}, not {expected}")


def _sequence(history: History, rows: SessionRows) -> Iterator[Finding]:
    known: dict[int, tuple[str, str]] = {}
    last: dict[str, int] = {}
    for told in history.of("event", "connected"):
        if told.what == "connected":
            last[told.who] = told.facts["seq"]
            continue
        seq, event = told.facts["seq"], (told.facts["type"], told.facts["question"])
        if known.setdefault(seq, event) != event:
            yield Finding("two histories", f"event {seq} is {known[seq]} and {event}")
        if not told.facts["again"]:
            if seq != last[told.who] + 1:
                yield Finding("out of order", f"{told.who} got event {seq} after {last[told.who]} at {told.at:.3f}")
            last[told.who] = max(seq, last[told.who])
    for seq in known:
        if seq not in rows.events:
            yield Finding("event lost", f"event {seq} was told and is not in the database")


def _times(history: History) -> Iterator[Finding]:
    """A question closes by its time, or by the host, and not before; looked at where events are not late themselves."""
    if not history.clocks_step:
        return
    opened: dict[str, float] = {}
    closed: set[str] = set()
    for told in history.of("event", "commands"):
        if told.what == "commands":
            if told.facts["command"] in ("Next", "CloseQuestion", "End"):
                opened.clear()
            continue
        question = told.facts["question"]
        if told.facts["type"] == "QUESTION_OPENED" and question not in closed:
            opened.setdefault(question, told.at)
        elif told.facts["type"] == "QUESTION_CLOSED" and question not in closed:
            closed.add(question)
            if question in opened and told.at < opened[question] + QUESTION_SECONDS - 0.1:
                yield Finding("closed early", f"{question} at {told.at:.3f}, opened at {opened[question]:.3f}")


def _boards(history: History) -> Iterator[Finding]:
    last: dict[str, int] = {}
    for told in history.of("board", "connected"):
        if told.what == "connected":
            last.pop(told.who, None)
            continue
        version = told.facts["version"]
        if version < last.get(told.who, -1):
            yield Finding("board went back", f"{told.who}: version {version} after {last[told.who]} at {told.at:.3f}")
        last[told.who] = version


def _commands(history: History, rows: SessionRows) -> Iterator[Finding]:
    for told in history.of("commanded"):
        if told.facts["revision"] > rows.state.revision:
            yield Finding("command lost", f"{told.facts['command']} made revision {told.facts['revision']}")


def _asked_again(history: History, rows: SessionRows) -> Iterator[Finding]:
    ids = [question.id for question in rows.setup.quiz.questions]
    if len(set(ids)) < len(ids):
        yield Finding("question doubled", f"the quiz has {ids}")
    if rows.state.grown_to not in {0, len(ids)}:
        yield Finding("quiz of another length", f"{rows.state.grown_to} questions in the state, {ids} in the database")
    # One whose reply was lost may have been taken; when it is given again, what came back may have been missed again.
    commands = sum(told.facts["command"] == "AskAgain" for told in history.of("commanded", "unsure"))
    for root in (question.id for question in rows.setup.quiz.questions if not question.again_of):
        times = sum(question.again_of == root for question in rows.setup.quiz.questions)
        if times > commands:
            yield Finding("asked too often", f"{root} came back {times} times for {commands} commands")
    for told in history.of("refused"):
        if told.facts["code"] == "INVALID_QUESTION":
            yield Finding("question unknown", f"{told.facts['question']} was refused at {told.at:.3f}")


def _end(history: History, rows: SessionRows) -> Iterator[Finding]:
    if rows.state.status != "completed":
        yield Finding("hung", f"the session is {rows.state.status} in the database")
    elif rows.standings is None:
        yield Finding("hung", "the final standings are not written")
