"""What many had wrong, from the results page: in a new session like it, or as a quiz linked to its words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.contrib.auth.models import User

from quizzes.models import Quiz
from quizzes.rules.words import WordContent, WordListContent
from quizzes.services.quiz_making import QuizOptions, make_quiz
from quizzes.services.word_lists import word_list_create
from quizzes.services.word_questions import words_behind
from scoring.rules.answers import StoredAnswer
from sessions.models import QuizSession
from sessions.rules.commands import AskAgain, CloseQuestion, End, Next, Start
from sessions.services.hosting import SessionView
from sessions.wiring.runtime import Runtime, call
from tests.unit.sessions.host.conftest import signed_in

Answer = Callable[..., StoredAnswer]
WORDS = WordListContent(
    id="german",
    title="German",
    term_language="de",
    words=tuple(
        WordContent(term=term, meanings=(meaning,))
        for term, meaning in (("der Hund", "dog"), ("die Katze", "cat"), ("der Baum", "tree"), ("das Haus", "house"))
    ),
)


def results(view: SessionView) -> str:
    return f"/admin/quiz_sessions/quizsession/{view.setup.id}/results/"


@pytest.fixture
def played(live: Runtime, host: User, join: Callable[..., None], answer: Answer) -> SessionView:
    """A session of a quiz made from words, whose first of two questions was answered wrong, that is over."""
    word_list = word_list_create(WORDS, owner=host)
    options = QuizOptions(title="Words", exercises=["meaning_to_term"], count=2, seed=1)
    quiz, _ = make_quiz(word_list, options, owner=host)
    view = call(live.sessions.create(quiz, pace="host", scoring="flat", owner_id=host.pk, actor="user:teacher"))
    join(view, "Ann")
    call(live.sessions.command(view.setup.id, Start(), actor="user:teacher"))
    for question, right in zip(view.setup.quiz.questions, (False, True), strict=True):
        call(live.sessions.command(view.setup.id, Next(), actor="user:teacher"))
        given = next(option for option in question.options if (option in question.correct_answers) == right)
        answer(view, "Ann", question.id, given)
    call(live.sessions.command(view.setup.id, CloseQuestion(), actor="user:teacher"))
    return call(live.sessions.command(view.setup.id, End(), actor="user:teacher"))


def test_the_page_offers_it_once_the_session_is_over(played: SessionView, host: User) -> None:
    page = signed_in(host).get(results(played))
    assert page.context["missed"] == 1
    assert 'name="again" value="session"' in page.content.decode()


def test_the_same_as_a_new_session(played: SessionView, host: User, live: Runtime) -> None:
    reply = signed_in(host).post(results(played), {"again": "session"})
    session_id = reply["Location"].rstrip("/").split("/")[-2]
    view = call(live.sessions.view(session_id))
    [question] = view.setup.quiz.questions
    first = played.setup.quiz.questions[0]
    assert (question.id, question.again_of) == (first.id, "")
    assert question.kind == "typed"  # its meaning is typed where the word was chosen
    assert (view.setup.pace, view.setup.scoring, view.state.status) == ("host", "flat", "waiting")
    assert view.setup.quiz.title == "Words: once more"
    assert QuizSession.objects.get(id=session_id).owner_id == host.pk


def test_the_same_as_a_stored_quiz_linked_to_its_words(played: SessionView, host: User) -> None:
    reply = signed_in(host).post(results(played), {"again": "quiz"}, follow=True)
    assert reply.status_code == 200
    quiz = Quiz.objects.get(title="Words: once more")
    [row] = quiz.questions.select_related("word")
    assert quiz.owner_id == host.pk
    assert row.word is not None
    assert row.word.term in played.setup.quiz.questions[0].correct_answers
    # Which serves to ask it again by yet another exercise.
    assert list(words_behind(quiz.id, {row.question_id: row.text})) == [row.question_id]


def test_when_everything_was_right_it_says_so(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None], answer: Answer
) -> None:
    join(opened, "Ann")
    for command in (Start(), Next()):
        call(live.sessions.command(opened.setup.id, command, actor="user:teacher"))
    answer(opened, "Ann", "q1", "dog")
    call(live.sessions.command(opened.setup.id, End(), actor="user:teacher"))
    page = signed_in(host).post(results(opened), {"again": "session"}, follow=True)
    assert [str(message) for message in page.context["messages"]] == [
        "Every question was right often enough; there is nothing to ask again."
    ]
    assert page.context["missed"] == 0
    assert QuizSession.objects.count() == 1


def test_a_question_that_asks_for_something_else_now_has_no_word(played: SessionView) -> None:
    [first, _] = played.setup.quiz.questions
    assert list(words_behind(played.setup.quiz.id, {first.id: first.text})) == [first.id]
    assert words_behind(played.setup.quiz.id, {first.id: "Another question?"}) == {}


def test_the_results_tell_which_question_was_asked_again(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None], answer: Answer
) -> None:
    first = opened.setup.quiz.questions[0]
    join(opened, "Ann")
    for command in (Start(), Next()):
        call(live.sessions.command(opened.setup.id, command, actor="user:teacher"))
    answer(opened, "Ann", "q1", "cat")
    call(live.sessions.command(opened.setup.id, CloseQuestion(), actor="user:teacher"))
    again = AskAgain((replace(first, id="q1.2", again_of="q1"),))
    call(live.sessions.command(opened.setup.id, again, actor="user:teacher"))
    page = signed_in(host).get(results(opened))
    assert [row.question.id for row in page.context["questions"]] == ["q1", "q2", "q3", "q1.2"]
    assert page.content.decode().count("(asked again)") == 1
