"""What a host accepted goes into the quiz and its word list with one press, where they are the host's to change."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from django.contrib.auth.models import User

from quizzes.models import Question, Quiz, Word, WordList
from quizzes.rules import limits
from quizzes.rules.phrases import Phrases
from scoring.rules.answers import StoredAnswer
from scoring.rules.grading import grade
from sessions.rules.commands import Accept, CloseQuestion, End, Next, Start
from sessions.services.hosting import SessionView
from sessions.wiring.runtime import Runtime, call
from tests.unit.sessions.host.conftest import signed_in

Answer = Callable[..., StoredAnswer]


def results(view: SessionView) -> str:
    return f"/admin/quiz_sessions/quizsession/{view.setup.id}/results/"


def question() -> Question:
    return Question.objects.get(quiz="animals", question_id="q2")


@pytest.fixture
def accepted(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None], answer: Answer
) -> Callable[..., None]:
    """Plays the session, and accepts these answers to "It purrs."."""

    def play(*answers: str) -> None:
        join(opened, "Ann")
        for command in (Start(), Next(), Next()):
            call(live.sessions.command(opened.setup.id, command, actor="user:teacher"))
        answer(opened, "Ann", "q2", "kitty")
        call(live.sessions.command(opened.setup.id, End(), actor="user:teacher"))
        for given in answers:
            call(live.sessions.command(opened.setup.id, Accept("q2", given), actor="user:teacher"))

    return play


def shown(view: SessionView, user: User) -> list[tuple[str, bool, bool]]:
    """What the results page lists: answer, whether the quiz has it, whether the button is there."""
    page = signed_in(user).get(results(view))
    found = [(row.answer, row.kept, row.addable) for row in page.context["accepted"]]
    assert page.content.decode().count('name="keep"') == sum(addable for _, _, addable in found)
    return found


def keep(view: SessionView, user: User, answer: str = "kitty", question_id: str = "q2") -> Iterable[str]:
    """Press the button; what the page says then."""
    page = signed_in(user).post(results(view), {"keep": "1", "question": question_id, "answer": answer}, follow=True)
    assert page.redirect_chain == [(f"{results(view)}#accepting", 302)]
    return [str(message) for message in page.context["messages"]]


def test_an_accepted_answer_is_added_to_the_quiz_with_one_press(
    opened: SessionView, host: User, accepted: Callable[..., None]
) -> None:
    accepted("kitty", "pussy cat")
    assert shown(opened, host) == [("kitty", False, True), ("pussy cat", False, True)]
    before = Quiz.objects.get(pk="animals").updated_at
    assert keep(opened, host) == ["The answer is in the quiz now."]
    assert question().correct_answers == ["(a) cat", "kitty"]
    assert grade(question().content(), "Kitty!", language="en").verdict == "correct"
    assert Quiz.objects.get(pk="animals").updated_at > before
    assert shown(opened, host) == [("kitty", True, False), ("pussy cat", False, True)]
    keep(opened, host)
    assert question().correct_answers == ["(a) cat", "kitty"]


def test_nothing_is_listed_where_nothing_was_accepted(
    opened: SessionView, host: User, accepted: Callable[..., None]
) -> None:
    accepted()
    assert shown(opened, host) == []


@pytest.mark.parametrize(("question_id", "wish"), [("q2", "tiger"), ("q1", "kitty"), ("q9", "kitty"), ("", "")])
def test_only_what_was_accepted_is_added(
    opened: SessionView, host: User, accepted: Callable[..., None], question_id: str, wish: str
) -> None:
    accepted("kitty")
    said = keep(opened, host, wish, question_id)
    assert said == ["This answer cannot be added to the quiz. Has the question been changed?"]
    assert question().correct_answers == ["(a) cat"]


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Does it purr?"},
        {"kind": "choice", "options": ["(a) cat", "dog"]},
        {"question_id": "q7"},
        {"correct_answers": [f"cat {number}" for number in range(limits.CORRECT_ANSWERS_MAX)]},
    ],
    ids=["another text", "another kind", "another id", "full"],
)
def test_a_question_that_is_another_now_or_full_takes_nothing(
    opened: SessionView, host: User, accepted: Callable[..., None], changes: dict[str, object]
) -> None:
    accepted("kitty")
    Question.objects.filter(quiz="animals", question_id="q2").update(**changes)
    assert shown(opened, host) == [("kitty", False, False)]
    assert "cannot be added" in "".join(keep(opened, host))
    assert not [row for row in Question.objects.all() if "kitty" in row.correct_answers]


def test_a_quiz_that_is_gone_takes_nothing(opened: SessionView, host: User, accepted: Callable[..., None]) -> None:
    accepted("kitty")
    Quiz.objects.all().delete()
    assert shown(opened, host) == [("kitty", False, False)]
    assert "cannot be added" in "".join(keep(opened, host))


@pytest.mark.parametrize("owner", [None, "colleague"], ids=["demo", "a colleague's"])
def test_a_quiz_of_somebody_else_takes_nothing(
    opened: SessionView, host: User, other: User, accepted: Callable[..., None], owner: str | None
) -> None:
    accepted("kitty")
    Quiz.objects.update(owner=other if owner else None)
    assert shown(opened, host) == [("kitty", False, False)]
    assert "cannot be added" in "".join(keep(opened, host))
    assert question().correct_answers == ["(a) cat"]


def test_only_the_sessions_host_adds_and_a_superuser_may(
    opened: SessionView, other: User, accepted: Callable[..., None], django_user_model: type[User]
) -> None:
    accepted("kitty")
    body = {"keep": "1", "question": "q2", "answer": "kitty"}
    assert signed_in(other).post(results(opened), body).status_code == 404
    assert question().correct_answers == ["(a) cat"]
    assert keep(opened, django_user_model.objects.create_superuser("chief")) == ["The answer is in the quiz now."]


@pytest.mark.parametrize(
    ("right", "field"), [(["cat"], "alternatives"), (["chat"], "meanings")], ids=["the word", "the meaning"]
)
def test_the_word_that_the_question_was_made_from_takes_it_too(
    opened: SessionView, host: User, accepted: Callable[..., None], right: list[str], field: str
) -> None:
    accepted("kitty")
    words = WordList.objects.create(id="pets", title="Pets", owner=host)
    word = Word.objects.create(word_list=words, term="cat", meanings=["chat"])
    Question.objects.filter(quiz="animals", question_id="q2").update(word=word, correct_answers=right)
    assert keep(opened, host) == ["The answer is in the quiz and its word list now."]
    word.refresh_from_db()
    assert {"alternatives": [], "meanings": ["chat"]} | {
        field: [*(["chat"] if field == "meanings" else []), "kitty"]
    } == {
        "alternatives": word.alternatives,
        "meanings": word.meanings,
    }


@pytest.mark.parametrize(
    "changes",
    [{}, {"alternatives": [f"cat {n}" for n in range(limits.ALTERNATIVES_MAX)]}, {"term": "tomcat"}],
    ids=["a demo list", "a full word", "another word"],
)
def test_a_word_that_cannot_take_it_stays_as_it_is(
    opened: SessionView, host: User, accepted: Callable[..., None], changes: dict[str, object]
) -> None:
    accepted("kitty")
    words = WordList.objects.create(id="pets", title="Pets", owner=host if changes else None)
    word = Word.objects.create(word_list=words, **{"term": "cat", "meanings": ["chat"], **changes})
    before = word.content()
    Question.objects.filter(quiz="animals", question_id="q2").update(word=word, correct_answers=["cat"])
    assert keep(opened, host) == ["The answer is in the quiz now."]
    assert Word.objects.get().content() == before


def test_an_answer_that_would_be_shorthand_in_the_quiz_has_no_button(
    opened: SessionView, host: User, accepted: Callable[..., None]
) -> None:
    accepted("cat/kitty")
    assert shown(opened, host) == [("cat/kitty", False, False)]


def test_what_was_accepted_where_a_question_was_asked_again_goes_into_the_quiz_too(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None], answer: Answer
) -> None:
    join(opened, "Ann")
    for command in (Start(), Next(), Next()):
        call(live.sessions.command(opened.setup.id, command, actor="user:teacher"))
    answer(opened, "Ann", "q2", "kitty")
    call(live.sessions.command(opened.setup.id, CloseQuestion(), actor="user:teacher"))
    longer = call(live.sessions.ask_again(opened.setup.id, phrases=Phrases(), actor="user:teacher"))
    for _ in range(3):
        call(live.sessions.command(opened.setup.id, Next(), actor="user:teacher"))
    answer(longer, "Ann", "q2.2", "kitty")
    call(live.sessions.command(opened.setup.id, End(), actor="user:teacher"))
    call(live.sessions.command(opened.setup.id, Accept("q2.2", "kitty"), actor="user:teacher"))
    assert shown(opened, host) == [("kitty", False, True)]
    keep(opened, host, question_id="q2.2")
    assert "kitty" in question().correct_answers
