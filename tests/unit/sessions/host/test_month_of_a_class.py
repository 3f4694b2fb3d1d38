"""A month of a class, with a clock that is moved: lessons, homework, practice at home, lost cards, one forgotten pupil,
and a recount."""

from __future__ import annotations

import asyncio
import json
import random
import uuid
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from fsrs import Card, Rating, Scheduler

from classes.models import Pupil, SchoolClass
from classes.services import add_pupils, card_of, create_class, let_practice_count, replace_card
from quizzes.rules.content import QuestionContent, QuizContent
from sessions.database.growth import growth_of
from sessions.models import Participant, QuizSession
from sessions.protocol.errors import SessionError
from sessions.rules.commands import End
from sessions.rules.growth import DAY_MS, KNOWN, SHAKY
from sessions.rules.options import SessionOptions
from sessions.services.hosting import SessionView
from sessions.services.tokens import Proof
from sessions.wiring.class_deletion import delete_pupil
from sessions.wiring.runtime import Runtime, call

#: The days of the month on which the class has a lesson.
LESSONS = (0, 6, 9, 20, 27)
#: The days on which a homework is set, which closes three days later.
HOMEWORKS = (1, 10, 16, 22)
#: The days on which some practise at home, and the one from which that counts.
AT_HOME = range(2, 30, 3)
COUNTS_FROM = 8
PUPILS = [f"Pupil {chr(65 + number // 26)}{chr(65 + number % 26)}" for number in range(30)]
TERMS = [("house", "Haus"), ("mouse", "Maus"), ("dog", "Hund"), ("cat", "Katze"), ("tree", "Baum"), ("door", "Tür")]
QUIZ = QuizContent(
    id="month",
    title="A month",
    language="de",
    questions=tuple(
        QuestionContent(id=f"q{number}", kind="typed", text=text, correct_answers=(right,))
        for number, (text, right) in enumerate(TERMS)
    ),
)
#: What was told: the pupil, the word, the verdict and when.
Told = tuple[str, str, str, int]


class Month:
    """The class, and what its players were told as they answered."""

    def __init__(self, live: Runtime, school_class: SchoolClass, host: User) -> None:
        self.live = live
        self.school_class = school_class
        self.host = host
        self.chance = random.Random(15)
        self.told: list[Told] = []
        self.cards = {pupil.name: card_of(pupil) for pupil in school_class.pupils.all()}
        #: By pupil, what proves that it was this pupil in the session that was played last.
        self.tokens: dict[str, str] = {}

    def go_to(self, day: int, start: int) -> None:
        """Move the clock to a day of the month."""
        clock: Any = self.live.clock
        clock._offset += start + day * DAY_MS - clock.now()

    def homework(self, *, done_by: list[str]) -> SessionView:
        """A homework, which these pupils do."""
        return self.lesson(present=done_by, closes_at=self.live.clock.now() + 3 * DAY_MS)

    def lesson(self, *, present: list[str], closes_at: int = 0) -> SessionView:
        """Everybody who is present comes by card and answers all questions."""
        options = SessionOptions(class_id=self.school_class.id, cards_only=True, guests=False, closes_at=closes_at)
        view = call(
            self.live.sessions.create(
                QUIZ, pace="self", auto_start=True, options=options, owner_id=self.host.pk, actor="test"
            )
        )
        call(self._play(view, present))
        call(self.live.sessions.command(view.setup.id, End(), actor="test"))
        call(self.live.settle(view.setup.id))
        return view

    async def _play(self, view: SessionView, present: list[str]) -> None:
        await asyncio.gather(*(self._answer_all(view, name) for name in present))

    async def _answer_all(self, view: SessionView, name: str) -> None:
        user_id = await self.enter(view, name)
        for question in view.setup.quiz.questions:
            right = question.correct_answers[0]
            answer = self.chance.choice([right, right, right, "Haus", "Maus", right[:-1]])
            outcome = await self.live.players.answer(
                view.setup, user_id=user_id, question_id=question.id, answer=answer, claimed_ms=None
            )
            self.told.append((name, right, outcome.stored.verdict, outcome.stored.submitted_at))

    async def enter(self, view: SessionView, name: str) -> str:
        """Come in by the card that this pupil has."""
        nobody = {"pupil_id": None, "join_key": None, "username": None}
        seat = await self.live.pupils.seat(view.setup, card=self.cards[name], **nobody)
        assert seat is not None
        membership = await self.live.players.join(
            view.setup,
            user_id=seat.user_id,
            proof=Proof(seat.user_id, 0),
            username=seat.name,
            connection=f"test/{name}",
            listed=True,
        )
        assert membership.joined.participant.username == name
        self.tokens[name] = membership.token
        return seat.user_id


class AtHome:
    """What one pupil practises of a session, beside FSRS's own package, which is told the same."""

    def __init__(self, month: Month, name: str, session_id: str) -> None:
        self.month = month
        self.name = name
        self.client = Client()
        proof = {"session_id": session_id, "session_token": month.tokens[name]}
        self.token = self.client.post("/practice/api/decks", proof, content_type="application/json").json()["token"]
        self.reference: dict[str, Card] = {}
        #: As :data:`Told`, of what was practised.
        self.told: list[Told] = []

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The response to a request for the deck."""
        headers = {"Authorization": f"Practice {self.token}"}
        sent = "" if body is None else json.dumps(body)
        return self.client.generic(method, f"/practice/api/{path}", sent, "application/json", headers=headers)

    def practise(self) -> None:
        """Answer what is due today, on a device that sends all of it twice."""
        deck, now = self.ask("GET", "deck").json(), self.month.live.clock.now()
        due = [card for card in deck["cards"] if card["due"] <= now]
        given = [self.month.chance.choice([*card["answer"]["accepted"] * 3, "Maus"]) for card in due]
        reviews = [
            {"id": str(uuid.uuid4()), "card": card["id"], "at": deck["server_time"], "answer": answer}
            for card, answer in zip(due, given, strict=True)
        ]
        if not reviews:
            return
        answered = self.ask("POST", "reviews", {"reviews": reviews}).json()
        again = self.ask("POST", "reviews", {"reviews": reviews}).json()
        assert {each["status"] for each in again["results"]} == {"known"}
        for card, result in zip(due, answered["results"], strict=True):
            rating = {"correct": Rating.Good, "almost": Rating.Hard, "wrong": Rating.Again}[result["verdict"]]
            before = self.reference.get(card["id"]) or Card(card_id=1)
            moment = datetime.fromtimestamp(deck["server_time"] / 1_000, UTC)
            self.reference[card["id"]], _ = Scheduler(enable_fuzzing=False).review_card(before, rating, moment)
            self.told.append((self.name, card["answer"]["accepted"][0], result["verdict"], deck["server_time"]))

    def due_as_in_the_reference(self) -> int:
        """Make sure that all is due when the reference has it due; how many cards were practised."""
        for card in self.ask("GET", "deck").json()["cards"]:
            known = self.reference.get(card["id"])
            if known is not None:
                assert card["due"] == round(known.due.timestamp() * 1_000)
        return len(self.reference)


def recounted(told: list[Told], now: int) -> dict[tuple[str, str], float]:
    """The chance of each pupil and word, from what was told, in the plainest way."""
    chances = {}
    for name, word in {(name, word) for name, word, _, _ in told}:
        own = [(verdict, at) for n, w, verdict, at in told if (n, w) == (name, word)]
        power = sum({"correct": 1.0, "almost": 0.5, "wrong": -1.0}[verdict] for verdict, _ in own)
        days = (now - max(at for _, at in own)) / DAY_MS + 1
        chances[name, word] = 2 ** -(days / min(274.0, max(1 / 96, 2**power)))
    return chances


def test_after_a_month_growth_is_a_recount_of_what_was_told(live: Runtime, host: User) -> None:
    school_class = create_class("7a", owner_id=host.pk)
    assert len(add_pupils(school_class, PUPILS).fresh) == 30
    month, start = Month(live, school_class, host), live.clock.now()
    lost = {PUPILS[3], PUPILS[17]}
    forgotten = PUPILS[8]
    sessions = []
    old: dict[str, str] = {}
    at_home: dict[str, AtHome] = {}
    for day in range(max(LESSONS) + 1):
        month.go_to(day, start)
        if day == COUNTS_FROM:
            let_practice_count(school_class, True, now=datetime.fromtimestamp(live.clock.now() / 1_000, UTC))
        if day in AT_HOME:
            for each in at_home.values():
                each.practise()
        if day not in (*LESSONS, *HOMEWORKS):
            continue
        here = [name for name in PUPILS if name != forgotten or day < 20]
        if day in HOMEWORKS:
            # The first does one, the last does none.
            sessions.append(month.homework(done_by=here[HOMEWORKS.index(day) : -1]))
            continue
        number = LESSONS.index(day)
        if number == 2:
            old = {name: month.cards[name] for name in lost}
            for name in lost:
                month.cards[name] = replace_card(Pupil.objects.get(name=name))
                assert call(live.pupils.greet(old[name])) is None
        if number == 3:
            delete_pupil(Pupil.objects.get(name=forgotten).id, actor="test")
            assert at_home.pop(forgotten).ask("GET", "deck").status_code == 404
        sessions.append(month.lesson(present=[name for name in here if name != PUPILS[number]]))
        if number == 0:
            session_id = sessions[0].setup.id
            at_home = {name: AtHome(month, name, session_id) for name in (*PUPILS[1:5], forgotten)}
    # A finder of a lost card gets in nowhere.
    view = sessions[-1]
    with pytest.raises(SessionError):
        call(live.pupils.seat(view.setup, card=old[PUPILS[3]], pupil_id=None, join_key=None, username=None))

    now = live.clock.now() + 3 * DAY_MS
    growth = growth_of(school_class, None, now=now)
    counts_from = start + COUNTS_FROM * DAY_MS
    practised = [told for each in at_home.values() for told in each.told if told[3] >= counts_from]
    assert growth.practised == len(practised) > 0
    assert all(each.due_as_in_the_reference() == len(TERMS) for each in at_home.values())
    kept = [*(each for each in month.told if each[0] != forgotten), *practised]
    assert len(growth.answers) == len(kept)
    assert [len(each.undone) for each in growth.homework] == [4, 3, 2, 1]
    assert {each.undone[-1].pupil.name for each in growth.homework} == {PUPILS[-1]}
    chances = recounted(kept, now)
    by_word: dict[str, list[float]] = defaultdict(list)
    by_name: dict[str, list[float]] = defaultdict(list)
    for (name, word), chance in chances.items():
        by_word[word].append(chance)
        by_name[name].append(chance)
    assert {growth.asked[row.word].right for row in growth.words} == set(by_word)
    for row in growth.words:
        right = growth.asked[row.word].right
        assert row.sureness == pytest.approx(sum(by_word[right]) / len(by_word[right]))
        assert row.answers == sum(word == right for _, word, _, _ in kept)
        assert row.right == sum((word, verdict) == (right, "correct") for _, word, verdict, _ in kept)
        assert row.levels["known"] == sum(chance >= KNOWN for chance in by_word[right])
        assert row.levels["unknown"] == sum(chance < SHAKY for chance in by_word[right])
    assert {row.name for row in growth.pupils} == set(PUPILS) - {forgotten}
    for pupil in growth.pupils:
        assert pupil.levels["known"] == sum(chance >= KNOWN for chance in by_name[pupil.name])
        assert pupil.answers == sum(name == pupil.name for name, _, _, _ in kept)
    assert [each.day.astimezone(UTC).date() for each in growth.days] == sorted(
        {datetime.fromtimestamp(at / 1_000, UTC).date() for _, _, _, at in kept}
    )
    # Whoever was forgotten has no name anywhere, and no answer of anybody's is lost.
    assert not Participant.objects.filter(username=forgotten).exists()
    stored = sum(session.participants.count() for session in QuizSession.objects.all())
    assert len(TERMS) * stored == len(month.told)
