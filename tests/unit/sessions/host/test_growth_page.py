"""Growth of a class: the numbers of the page, REST and the files are those of a plain recount of the answers."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from openpyxl import load_workbook
from rest_framework.test import APIClient

from classes.models import Pupil, SchoolClass
from classes.services import add_pupils, create_class
from quizzes.models import Quiz
from quizzes.rules.content import QuestionContent, QuizContent, content_to_json
from quizzes.services.quizzes import quiz_create
from scoring.models import AnswerSubmission
from sessions.database.growth import growth_of
from sessions.models import Participant, PupilPlace, QuizSession
from sessions.wiring.runtime import Runtime
from tests.unit.sessions.host.conftest import signed_in

ADMIN = "/admin/classes/schoolclass/"
API = "/api/v1/classes"
NAMES = ("Ann", "Bob", "Cem")
WORDS = QuizContent(
    id="house",
    title="House",
    language="de",
    questions=(
        QuestionContent(id="q1", kind="typed", text="house", correct_answers=("Haus",)),
        QuestionContent(id="q2", kind="choice", text="mouse", options=("Maus", "Haus"), correct_answers=("Maus",)),
        QuestionContent(id="q3", kind="poll", text="Your favourite?", options=("a", "b"), points=0),
        QuestionContent(id="q4", kind="true_false", text="Maus means dog.", correct_answers=("False",)),
    ),
)


@pytest.fixture
def school_class(live: Runtime, host: User) -> SchoolClass:
    made = create_class("7a", owner_id=host.pk)
    add_pupils(made, NAMES)
    return made


@pytest.fixture
def lesson(host: User, school_class: SchoolClass) -> Callable[..., QuizSession]:
    """Stores a lesson of the class that was some days ago, with these answers: question, verdict and what was given."""
    numbers = iter(range(100))

    def held(days_ago: int, given: dict[str, dict[str, tuple[str, str]]], *, removed: str = "") -> QuizSession:
        number = next(numbers)
        at = datetime.now(UTC) - timedelta(days=days_ago)
        session = QuizSession.objects.create(
            id=f"lesson-{number}", quiz_id="house", title="House", content=content_to_json(WORDS),
            join_code=f"CODE{number}", status="completed", pace="self", reveal="immediately", scoring="flat",
            owner=host, state={}, created_at=at, end_time=at, class_id=school_class.id,
        )  # fmt: skip
        for position, (name, answers) in enumerate(given.items(), start=1):
            user_id = f"user-{number}-{position}"
            pupil = Pupil.objects.filter(name=name).first()
            if pupil is not None:
                PupilPlace.objects.create(session=session, pupil=pupil, user_id=user_id)
            Participant.objects.create(
                session=session, user_id=user_id, username=name, position=position, joined_at=at, last_active_at=at,
                status="removed" if name == removed else "connected",
            )  # fmt: skip
            for question_id, (verdict, answer) in answers.items():
                AnswerSubmission.objects.create(
                    session_id=session.id, user_id=user_id, question_id=question_id, answer=answer, verdict=verdict,
                    is_correct=verdict == "correct", points=0, submitted_at=at, time_taken_ms=900,
                )  # fmt: skip
        return session

    return held


RIGHT, MOUSE = ("correct", "Haus"), ("wrong", "maus")


@pytest.fixture
def month(lesson: Callable[..., QuizSession]) -> None:
    """Three lessons: a guest and a removed player in the last one."""
    lesson(
        20, {"Ann": {"q1": MOUSE, "q2": ("correct", "Maus"), "q3": ("correct", "a")}, "Bob": {"q1": ("wrong", "maus!")}}
    )
    lesson(
        7, {"Ann": {"q1": RIGHT, "q4": ("wrong", "True")}, "Bob": {"q1": ("almost", "Hau"), "q2": ("wrong", "Haus")}}
    )
    lesson(
        1,
        {"Ann": {"q1": RIGHT}, "Bob": {"q1": RIGHT}, "Guest": {"q1": MOUSE}, "Cem": {"q1": MOUSE}},
        removed="Cem",
    )


def recount(now: datetime, class_id: str, names: tuple[str, ...] = NAMES) -> dict[str, dict[str, Any]]:
    """Every word by its right answer, counted from the rows in the plainest way."""
    words: dict[str, dict[str, Any]] = {}
    titles = {"q1": "Haus", "q2": "Maus", "q4": "Maus means dog."}
    for title in titles.values():
        words[title] = {"answers": 0, "right": 0, "chances": []}
    for question_id, title in titles.items():
        for name in names:
            power, last, count = 0.0, None, 0
            for place in PupilPlace.objects.filter(pupil__name=name, pupil__school_class=class_id):
                if Participant.objects.get(session=place.session_id, user_id=place.user_id).status == "removed":
                    continue
                rows = AnswerSubmission.objects.filter(
                    session_id=place.session_id, user_id=place.user_id, question_id=question_id
                )
                for row in rows:
                    count += 1
                    words[title]["right"] += row.verdict == "correct"
                    power += {"correct": 1.0, "almost": 0.5, "wrong": -1.0}[row.verdict]
                    last = max(last or row.submitted_at, row.submitted_at)
            words[title]["answers"] += count
            if last is not None:
                days = (now - last).total_seconds() / 86_400 + 1
                words[title]["chances"].append(2 ** -(days / 2**power))
    return words


def test_the_numbers_are_those_of_a_plain_recount(school_class: SchoolClass, month: None, host: User) -> None:
    rest = APIClient()
    rest.force_login(host)
    told = rest.get(f"{API}/{school_class.id}/growth").json()
    counted = recount(datetime.now(UTC), school_class.id)
    assert {word["word"] for word in told["words"]} == set(counted)
    for word in told["words"]:
        plain = counted[word["word"]]
        assert (word["answers"], word["right"]) == (plain["answers"], plain["right"])
        assert word["sureness"] == pytest.approx(sum(plain["chances"]) / len(plain["chances"]), abs=0.001)
        levels = [
            sum(low <= each < high for each in plain["chances"]) for low, high in ((0.8, 2), (0.4, 0.8), (0, 0.4))
        ]
        assert [word["known"], word["shaky"], word["unknown"]] == levels
    assert [word["sureness"] for word in told["words"]] == sorted(word["sureness"] for word in told["words"])
    assert told["confusions"] == [{"word": "Haus", "typed": "maus", "pupils": 2}]
    pupils = {each["name"]: each for each in told["pupils"]}
    assert (pupils["Ann"]["answers"], pupils["Ann"]["right"]) == (5, 3)
    # Whom the host took out has not answered, and a guest is nobody's growth.
    assert (pupils["Cem"]["answers"], pupils["Cem"]["last_at"]) == (0, None)
    assert sorted(pupils) == list(NAMES)
    assert len(told["days"]) == 3
    assert sum(told["days"][-1][each] for each in ("known", "shaky", "unknown")) == 5


def test_the_growth_of_a_pupil_is_a_recount_of_the_pupils_answers(
    school_class: SchoolClass, month: None, host: User
) -> None:
    rest, ann = APIClient(), Pupil.objects.get(name="Ann")
    rest.force_login(host)
    told = rest.get(f"{API}/{school_class.id}/growth?pupil={ann.id}").json()
    counted = recount(datetime.now(UTC), school_class.id, ("Ann",))
    for word in told["words"]:
        assert word["answers"] == counted[word["word"]]["answers"]
        assert word["sureness"] == pytest.approx(counted[word["word"]]["chances"][0], abs=0.001)
    assert told["confusions"] == []
    assert [each["name"] for each in told["pupils"]] == ["Ann"]


def test_the_page_shows_it_and_says_how_sure(school_class: SchoolClass, month: None, host: User) -> None:
    client = signed_in(host)
    page = client.get(f"{ADMIN}{school_class.id}/growth/").content.decode()
    assert "<bdi>maus</bdi> typed for <bdi>Haus</bdi>" in page
    growth = growth_of(school_class, None, now=int(datetime.now(UTC).timestamp() * 1_000))
    for row in growth.words:
        assert re.search(rf"{round(100 * row.sureness)} % <span", page)
    for name in NAMES:
        assert f"<bdi>{name}</bdi>" in page
    ann = Pupil.objects.get(name="Ann")
    own = client.get(f"{ADMIN}{school_class.id}/growth/?pupil={ann.id}").content.decode()
    assert "typed for" not in own
    assert "Bob" not in own


def test_a_class_that_has_not_played_says_what_to_do(school_class: SchoolClass, host: User) -> None:
    assert "Nothing has been answered yet" in signed_in(host).get(f"{ADMIN}{school_class.id}/growth/").content.decode()
    rest = APIClient()
    rest.force_login(host)
    assert rest.post(f"{API}/{school_class.id}/growth/quiz", {}, format="json").status_code == 409


def test_one_button_makes_a_quiz_of_what_is_not_known(school_class: SchoolClass, month: None, host: User) -> None:
    quiz_create(WORDS, owner=host)
    client, ann = signed_in(host), Pupil.objects.get(name="Ann")
    made = client.post(f"{ADMIN}{school_class.id}/growth/")
    quiz = Quiz.objects.exclude(pk="house").get()
    assert made.headers["Location"] == f"/admin/quizzes/quiz/{quiz.pk}/change/"
    assert quiz.owner == host
    asked = [question.text for question in quiz.content().questions]
    growth = growth_of(school_class, None, now=int(datetime.now(UTC).timestamp() * 1_000))
    assert asked == [growth.asked[row.word].question.text for row in growth.words if row.sureness < 0.8]
    assert not any(name in str(quiz.content()) for name in NAMES)
    rest = APIClient()
    rest.force_login(host)
    own = rest.post(f"{API}/{school_class.id}/growth/quiz", {"pupil": ann.id}, format="json")
    assert own.status_code == 201
    assert own.json()["questions"] == Quiz.objects.get(pk=own.json()["quiz_id"]).questions.count() > 0


def test_who_has_not_done_the_homework_is_named(
    school_class: SchoolClass, lesson: Callable[..., QuizSession], host: User
) -> None:
    whole = {"q1": RIGHT, "q2": ("wrong", "Haus"), "q3": ("correct", "a"), "q4": ("correct", "False")}
    session = lesson(1, {"Ann": whole, "Bob": {"q1": RIGHT}})
    closes_at = int(datetime.now(UTC).timestamp() * 1_000)
    QuizSession.objects.filter(pk=session.pk).update(homework=True, options={"closes_at": closes_at})
    # A second attempt is the same pupil's, and one that is whole is enough.
    for question_id, (verdict, answer) in whole.items():
        AnswerSubmission.objects.create(
            session_id=session.id, user_id="user-0-1~2", question_id=question_id, answer=answer, verdict=verdict,
            is_correct=verdict == "correct", points=0, submitted_at=datetime.now(UTC), time_taken_ms=900,
        )  # fmt: skip
    later = lesson(0, {})
    QuizSession.objects.filter(pk=later.pk).update(
        homework=True, options={"opens_at": closes_at + 9_000_000, "closes_at": closes_at + 99_000_000}
    )
    client, rest = signed_in(host), APIClient()
    rest.force_login(host)
    [told] = rest.get(f"{API}/{school_class.id}/growth").json()["homework"]
    assert (told["title"], told["questions"], told["done"]) == ("House", 4, 1)
    assert [(each["name"], each["answered"]) for each in told["not_done"]] == [("Bob", 1), ("Cem", 0)]
    page = client.get(f"{ADMIN}{school_class.id}/growth/").content.decode()
    assert "<bdi>Bob</bdi> (1/4)" in page
    ann = Pupil.objects.get(name="Ann")
    assert "Everybody has done it." in client.get(f"{ADMIN}{school_class.id}/growth/?pupil={ann.id}").content.decode()


def test_the_files_have_every_word_and_run_no_formula(
    school_class: SchoolClass, lesson: Callable[..., QuizSession], host: User
) -> None:
    lesson(1, {"Ann": {"q1": ("wrong", "=1+1")}, "Bob": {"q1": ("wrong", "=1+1")}})
    Pupil.objects.filter(name="Ann").update(name="=Ann")
    rest = APIClient()
    rest.force_login(host)
    data = rest.get(f"{API}/{school_class.id}/growth.csv?separator=comma").content.decode("utf-8-sig")
    [row] = csv.DictReader(io.StringIO(data))
    assert (row["word"], row["answers"], row["right"], row["level"]) == ("Haus", "2", "0", "unknown")
    book = load_workbook(io.BytesIO(rest.get(f"{API}/{school_class.id}/growth.xlsx").content))
    assert book.sheetnames == ["Words", "Pupils", "Confusions", "Days", "Homework not done"]
    assert [cell.data_type for cell in book["Confusions"][2]] == ["s", "s", "n"]
    assert book["Pupils"]["B2"].data_type == "s"
    assert rest.get(f"{API}/{school_class.id}/growth.csv?separator=dot").status_code == 400


def test_to_others_there_is_no_growth(school_class: SchoolClass, month: None, other: User, operator: APIClient) -> None:
    from quizserver.models import OperatorKey

    ann = Pupil.objects.get(name="Ann")
    client, rest, reader = signed_in(other), APIClient(), APIClient()
    rest.force_login(other)
    _key, secret = OperatorKey.objects.create_key(name="reader", may_read=True, may_edit_content=True)
    reader.credentials(HTTP_AUTHORIZATION=f"Api-Key {secret}")
    for query in ("", f"?pupil={ann.id}"):
        assert client.get(f"{ADMIN}{school_class.id}/growth/{query}").status_code == 404
        assert client.post(f"{ADMIN}{school_class.id}/growth/{query}").status_code == 404
        for path in ("growth", "growth.csv", "growth.xlsx"):
            assert rest.get(f"{API}/{school_class.id}/{path}{query}").status_code == 404
            assert reader.get(f"{API}/{school_class.id}/{path}{query}").status_code == 403
            assert operator.get(f"{API}/{school_class.id}/{path}{query}").status_code == 200
    for refused, status in ((rest, 404), (reader, 403)):
        assert refused.post(f"{API}/{school_class.id}/growth/quiz", {}, format="json").status_code == status
    # A pupil of a class is none of another one.
    elsewhere = create_class("8b", owner_id=other.pk)
    assert rest.get(f"{API}/{elsewhere.id}/growth?pupil={ann.id}").status_code == 404
    assert client.get(f"{ADMIN}{elsewhere.id}/growth/?pupil={ann.id}").status_code == 404
