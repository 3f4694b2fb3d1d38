"""The pages hosts run quizzes from: what they open, show and refuse, and to whom."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from quizzes.access import HOSTS_GROUP, is_host
from quizzes.models import WordList
from quizzes.rules.content import QuestionContent, QuizContent
from quizzes.services.quizzes import quiz_create, quiz_delete
from sessions.host.option_fields import OptionFields
from sessions.models import QuizSession
from sessions.rules.commands import End, Next, Start
from sessions.services.hosting import SessionView
from sessions.websocket.host_auth import may_host
from sessions.wiring.runtime import Runtime, call
from tests.unit.sessions.host.conftest import QUIZ, signed_in

ADMIN = "/admin/quiz_sessions/quizsession/"
API = "/api/v1/sessions"


def posted(**changes: str) -> dict[str, str]:
    return {"quiz": "animals", "pace": "host", "reveal": "", "scoring": "speed", "max_participants": "30", **changes}


def test_the_group_of_hosts_is_there_and_makes_a_host(live: Runtime, host: User) -> None:
    assert is_host(host)
    assert not host.is_superuser
    assert Group.objects.get(name=HOSTS_GROUP).permissions.get().codename == "host"


def test_staff_without_the_permission_is_no_host(live: Runtime, opened: SessionView) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    client = signed_in(clerk)
    assert not is_host(clerk)
    for path in (f"{ADMIN}open/", f"{ADMIN}{opened.setup.id}/run/", f"{ADMIN}{opened.setup.id}/results/", ADMIN):
        assert client.get(path).status_code == 403
    assert client.get(API).status_code == 403
    assert "may not run quizzes" in client.get("/admin/").content.decode()


def test_a_host_opens_a_session_of_a_quiz_and_lands_on_its_console(live: Runtime, host: User) -> None:
    quiz_create(QUIZ, owner=host)
    client = signed_in(host)
    assert client.get(f"{ADMIN}open/?quiz=animals").status_code == 200
    response = client.post(f"{ADMIN}open/", posted(time_limit="45"))
    session = QuizSession.objects.get()
    assert response.headers["Location"] == f"{ADMIN}{session.id}/run/"
    assert session.owner == host
    assert (session.pace, session.reveal, session.scoring) == ("host", "on_close", "speed")
    assert (session.max_participants, session.time_limit_ms) == (30, 45_000)
    page = client.get(response.headers["Location"])
    assert session.join_code in page.content.decode()
    assert page.context["console"]["questions"][0]["time_limit_ms"] == 45_000


def test_the_form_says_what_is_wrong_and_opens_nothing(live: Runtime, host: User) -> None:
    quiz_create(QUIZ, owner=host)
    response = signed_in(host).post(f"{ADMIN}open/", posted(max_participants="0", time_limit="601", pace="x"))
    assert set(response.context["form"].errors) == {"max_participants", "time_limit", "pace"}
    assert not QuizSession.objects.exists()


def test_a_host_cannot_open_a_quiz_of_somebody_else(live: Runtime, host: User, other: User) -> None:
    quiz_create(QUIZ, owner=other)
    response = signed_in(host).post(f"{ADMIN}open/", posted())
    assert set(response.context["form"].errors) == {"quiz"}
    assert not QuizSession.objects.exists()


def test_shuffled_questions_are_the_quizs_own_in_one_order_for_all(live: Runtime, host: User) -> None:
    quiz_create(QUIZ, owner=host)
    client = signed_in(host)
    orders = set()
    for _ in range(30):
        client.post(f"{ADMIN}open/", posted(shuffle_questions="on"))
    for session in QuizSession.objects.all():
        ids = tuple(question["id"] for question in session.content["questions"])
        assert sorted(ids) == ["q1", "q2", "q3"]
        orders.add(ids)
    assert len(orders) > 1


def test_another_hosts_session_is_not_there(live: Runtime, opened: SessionView, other: User) -> None:
    client = signed_in(other)
    session_id = opened.setup.id
    for path in ("run/", "results/"):
        assert client.get(f"{ADMIN}{session_id}/{path}").status_code == 404
    assert client.get(f"{ADMIN}{session_id}/change/").status_code == 302
    assert opened.setup.join_code not in client.get(ADMIN).content.decode()
    assert opened.setup.join_code not in client.get("/admin/").content.decode()
    for command in ("start", "next", "end", "extend"):
        assert client.post(f"{API}/{session_id}/{command}", {}, "application/json").status_code == 404
    assert client.get(f"{API}/{session_id}/progress").status_code == 404
    assert client.get(f"{API}/{session_id}/results.csv").status_code == 404
    assert call(live.sessions.view(session_id)).state.status == "waiting"


def test_what_cannot_be_an_id_is_not_found(live: Runtime, host: User) -> None:
    assert signed_in(host).get(f"{ADMIN}%00/run/").status_code == 404


@pytest.mark.parametrize(
    ("who", "lets_in"), [("teacher", True), ("colleague", False), ("chief", True), ("clerk", False)]
)
def test_the_websocket_lets_in_as_host_only_who_may_run_the_session(
    live: Runtime, opened: SessionView, other: User, who: str, lets_in: bool
) -> None:
    User.objects.create_superuser("chief")
    User.objects.create_user("clerk", is_staff=True)
    key = signed_in(User.objects.get(username=who)).cookies["sessionid"].value
    scope = {"headers": [(b"cookie", f"sessionid={key}".encode())]}
    assert call(may_host(scope, opened.setup)) is lets_in


def test_a_superuser_sees_every_session(live: Runtime, opened: SessionView) -> None:
    client = signed_in(User.objects.create_superuser("chief"))
    assert opened.setup.join_code in client.get(ADMIN).content.decode()
    assert client.get(f"{ADMIN}{opened.setup.id}/run/").status_code == 200


def test_a_title_in_the_list_leads_to_the_console_and_then_to_the_results(
    live: Runtime, opened: SessionView, host: User
) -> None:
    def titles_lead_to() -> list[str]:
        page = signed_in(host).get(ADMIN).content.decode()
        return re.findall(rf'<a href="{ADMIN}{opened.setup.id}/(\w+)/[^"]*"[^>]*>\s*Animals', page)

    assert titles_lead_to() == ["run"]
    call(live.sessions.command(opened.setup.id, End(), actor="test"))
    assert titles_lead_to() == ["results"]
    results = signed_in(host).get(f"{ADMIN}{opened.setup.id}/results/").content.decode()
    assert f'href="{ADMIN}{opened.setup.id}/change/"' in results


@pytest.mark.parametrize(
    ("path", "offered"),
    [
        ("quizzes/quiz", "/admin/quizzes/quiz/import_quiz/"),
        ("quizzes/wordlist", "/admin/quizzes/wordlist/import_words/"),
        ("quiz_sessions/quizsession", f"{ADMIN}open/"),
    ],
)
def test_an_empty_list_says_what_to_do_first_and_one_that_was_filtered_shows_the_way_back(
    live: Runtime, opened: SessionView, host: User, other: User, path: str, offered: str
) -> None:
    def shown(user: User, query: str = "") -> str:
        page = signed_in(user).get(f"/admin/{path}/{query}").content.decode()
        return page.partition("qz-nothing")[2].partition("</form>")[0]

    WordList.objects.create(id="pets", title="Pets", owner=host)
    assert shown(host) == ""
    assert f'href="{offered}"' in shown(other)
    assert 'href="?"' not in shown(other)
    filtered = shown(host, "?q=nonesuch")
    assert 'href="?"' in filtered
    assert offered not in filtered


def test_nobody_edits_a_session_by_hand(live: Runtime, opened: SessionView) -> None:
    client = signed_in(User.objects.create_superuser("chief"))
    page = client.get(f"{ADMIN}{opened.setup.id}/change/")
    assert page.status_code == 200
    assert not re.search(r'<(textarea|input [^>]*type="text")[^>]*name="(content|state|status)"', page.content.decode())
    assert client.post(f"{ADMIN}{opened.setup.id}/change/", {"status": "completed"}).status_code == 403
    assert client.get(f"{ADMIN}add/").status_code == 403


def test_the_home_offers_what_is_running_and_what_can_be_run(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None]
) -> None:
    join(opened, "Ana", "Bo")
    page = signed_in(host).get("/admin/").content.decode()
    assert f"{ADMIN}{opened.setup.id}/run/" in page
    assert "2 players" in page
    assert f"{ADMIN}open/?quiz=animals" in page
    call(live.sessions.command(opened.setup.id, End(), actor="test"))
    page = signed_in(host).get("/admin/").content.decode()
    assert f"{ADMIN}{opened.setup.id}/results/" in page
    assert f"{ADMIN}{opened.setup.id}/run/" not in page


def test_visitors_are_sent_to_sign_in(live: Runtime, opened: SessionView) -> None:
    for path in ("open/", f"{opened.setup.id}/run/", f"{opened.setup.id}/results/"):
        response = Client().get(ADMIN + path)
        assert response.status_code == 302
        assert response.headers["Location"].startswith("/admin/login/")


# -- driving it -----------------------------------------------------------------------------------------------------


def test_more_time_moves_the_deadline_once_for_one_revision(live: Runtime, opened: SessionView, host: User) -> None:
    session_id = opened.setup.id
    client = signed_in(host)
    early = client.post(f"{API}/{session_id}/extend", {"by_ms": 10_000}, "application/json")
    assert early.status_code == 409
    call(live.sessions.command(session_id, Start(), actor="test"))
    before = call(live.sessions.command(session_id, Next(), actor="test")).state
    body = {"by_ms": 10_000, "revision": before.revision}
    assert client.post(f"{API}/{session_id}/extend", body, "application/json").status_code == 200
    again = client.post(f"{API}/{session_id}/extend", body, "application/json")
    assert again.status_code == 409
    assert again.json()["session"]["revision"] == before.revision + 1
    assert call(live.sessions.view(session_id)).state.deadline == before.deadline + 10_000


@pytest.mark.parametrize("by_ms", [0, -5, 999, 600_001, "soon", None])
def test_a_wrong_extension_is_refused(live: Runtime, opened: SessionView, host: User, by_ms: object) -> None:
    response = signed_in(host).post(f"{API}/{opened.setup.id}/extend", {"by_ms": by_ms}, "application/json")
    assert response.status_code == 400
    assert "by_ms" in response.json()["errors"]


def test_two_clicks_are_not_two_questions(live: Runtime, opened: SessionView, host: User) -> None:
    session_id = opened.setup.id
    started = call(live.sessions.command(session_id, Start(), actor="test")).state
    client = signed_in(host)
    body = {"revision": started.revision}
    answers = [client.post(f"{API}/{session_id}/next", body, "application/json").status_code for _ in range(2)]
    assert answers == [200, 409]
    assert call(live.sessions.view(session_id)).state.question_index == 0


def test_progress_counts_answers_per_question(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None], answer: Callable[..., object]
) -> None:
    join(opened, "Ana", "Bo")
    call(live.sessions.command(opened.setup.id, Start(), actor="test"))
    call(live.sessions.command(opened.setup.id, Next(), actor="test"))
    answer(opened, "Ana", "q1", "dog")
    answer(opened, "Bo", "q1", "cat")
    found = signed_in(host).get(f"{API}/{opened.setup.id}/progress").json()["questions"]
    assert found == [
        {"question_id": "q1", "answered": 2, "correct": 1},
        {"question_id": "q2", "answered": 0, "correct": 0},
        {"question_id": "q3", "answered": 0, "correct": 0},
    ]


def test_the_results_page_counts_what_was_answered(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None], answer: Callable[..., object]
) -> None:
    session_id = opened.setup.id
    join(opened, "Ana", "Bo", "<b>Cy</b>")
    call(live.sessions.command(session_id, Start(), actor="test"))
    for given in ({"Ana": "dog", "Bo": "cat", "<b>Cy</b>": "cat"}, {"Ana": "a cat", "Bo": "cow"}, {"Ana": "dog"}):
        view = call(live.sessions.command(session_id, Next(), actor="test"))
        for name, text in given.items():
            answer(opened, name, view.state.question_id, text)
    call(live.sessions.command(session_id, End(), actor="test"))
    page = signed_in(host).get(f"{ADMIN}{session_id}/results/")
    context = page.context
    assert (context["player_count"], context["answer_count"], context["percent_right"]) == (3, 6, 40)
    barks, purrs, poll = context["questions"]
    assert (barks.answered, barks.correct, barks.percent) == (3, 1, 33)
    assert [(part.kind, part.count) for part in purrs.parts] == [("correct", 1), ("wrong", 1), ("missing", 1)]
    assert poll.percent is None
    assert [row.question.id for row in context["hardest"]] == ["q1", "q2"]
    assert [
        (player.place, player.username, [mark.verdict for mark in player.marks]) for player in context["players"]
    ] == [
        (1, "Ana", ["correct", "correct", "correct"]),
        (2, "Bo", ["wrong", "wrong", ""]),
        (2, "<b>Cy</b>", ["wrong", "", ""]),
    ]
    assert [[mark.why for mark in player.marks] for player in context["players"]][1] == [
        "0 points: not right",
        "0 points: not right",
        "0 points: a poll has no points",
    ]
    assert "<b>Cy</b>" not in page.content.decode()
    # A line of figures breaks between them, never between a figure and its name.
    assert '<span class="qz-unbroken">right: 1 ·</span> <span class="qz-unbroken">wrong: 1 ·</span>' in page.text


def test_the_results_leave_out_what_somebody_answered_whom_the_host_took_out(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None], answer: Callable[..., object]
) -> None:
    session_id = opened.setup.id
    join(opened, "Ana", "Bo", "Cy")
    for command in (Start(), Next(), Next()):
        call(live.sessions.command(session_id, command, actor="test"))
    answer(opened, "Ana", "q2", "a cat")
    answer(opened, "Bo", "q2", "something rude")
    call(live.sessions.remove(session_id, "bo", actor="test"))
    call(live.sessions.command(session_id, End(), actor="test"))
    page = signed_in(host).get(f"{ADMIN}{session_id}/results/")
    assert "something rude" not in page.content.decode()
    assert (page.context["player_count"], page.context["answer_count"]) == (2, 1)
    assert [(part.kind, part.count) for part in page.context["questions"][1].parts] == [("correct", 1), ("missing", 1)]
    # What everybody knew is no hard question.
    assert page.context["hardest"] == []
    assert "No answer was wrong." in page.content.decode()


def test_the_results_read_as_the_pages_do_in_the_hosts_language(
    live: Runtime, host: User, join: Callable[..., None], answer: Callable[..., object]
) -> None:
    truth = QuestionContent(
        id="q1", kind="true_false", text="A cat barks.", options=("True", "False"), correct_answers=("False",)
    )
    order = QuestionContent(id="q2", kind="order", text="By size.", options=("b", "a"), correct_answers=("a", "b"))
    quiz = QuizContent(id="truths", title="Truths", questions=(truth, order))
    view = call(live.sessions.create(quiz, pace="self", owner_id=host.pk, actor="test"))
    join(view, "Ana")
    view = call(live.sessions.command(view.setup.id, Start(), actor="test"))
    answer(view, "Ana", "q1", "True")
    page = signed_in(host).get(f"{ADMIN}{view.setup.id}/results/", headers={"accept-language": "de"})
    barks, size = page.context["questions"]
    assert (barks.right, [given.text for given in barks.given]) == ("Falsch", ["Wahr"])
    assert size.right == "a › b"
    assert not {"True", "False"} & set(
        re.findall(r"\w+", "".join(re.findall(r"<bdi>(.*?)</bdi>", page.content.decode())))
    )


def test_the_scale_of_times_is_the_sessions_own_time_limit(live: Runtime, host: User) -> None:
    made = live.sessions.create(QUIZ, time_limit_ms=30_000, owner_id=host.pk, actor="test")
    page = signed_in(host).get(f"{ADMIN}{call(made).setup.id}/results/")
    assert page.context["longest_ms"] == 30_000


def test_a_session_that_is_over_is_run_again_while_its_quiz_is_there(
    live: Runtime, opened: SessionView, host: User
) -> None:
    again = 'href="/admin/quiz_sessions/quizsession/open/?quiz=animals"'
    results = f"{ADMIN}{opened.setup.id}/results/"
    client = signed_in(host)
    assert again not in client.get(results).content.decode()
    call(live.sessions.command(opened.setup.id, End(), actor="test"))
    assert again in client.get(results).content.decode()
    quiz_delete("animals")
    assert again not in client.get(results).content.decode()


def test_a_question_that_was_not_asked_is_no_question_without_answers(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None], answer: Callable[..., object]
) -> None:
    session_id = opened.setup.id
    join(opened, "Ana", "Bo")
    for command in (Start(), Next()):
        call(live.sessions.command(session_id, command, actor="test"))
    answer(opened, "Ana", "q1", "dog")
    call(live.sessions.command(session_id, End(), actor="test"))
    page = signed_in(host).get(f"{ADMIN}{session_id}/results/")
    parts = [[(part.kind, part.count) for part in row.parts] for row in page.context["questions"]]
    assert parts == [[("correct", 1), ("missing", 1)], [], []]
    # Beside the questions, and in each player's marks, for the eye and for the ear.
    marks = [mark for player in page.context["players"] for mark in player.marks if mark.why == "not asked"]
    assert page.content.decode().count("not asked") == 2 + 2 * len(marks)


def test_the_results_of_a_session_nobody_played_are_a_page(live: Runtime, opened: SessionView, host: User) -> None:
    page = signed_in(host).get(f"{ADMIN}{opened.setup.id}/results/?page=zzz")
    assert "Nobody has answered" in page.content.decode()


def test_what_is_not_there_or_not_ones_own_is_a_page_with_a_way_on(
    live: Runtime, opened: SessionView, host: User, other: User
) -> None:
    clerk = User.objects.create_user("clerk", is_staff=True)
    for user, path, status, said in (
        (other, f"{ADMIN}{opened.setup.id}/results/", 404, "Nothing is here"),
        (host, "/nowhere/", 404, "Nothing is here"),
        (clerk, ADMIN, 403, "Your account may not do this"),
    ):
        page = signed_in(user).get(path)
        assert page.status_code == status
        assert said in page.content.decode()
        assert 'href="/admin/"' in page.content.decode()


def test_who_deletes_a_session_is_told_what_goes(
    live: Runtime, opened: SessionView, host: User, join: Callable[..., None]
) -> None:
    join(opened, "Ana", "<b>Bo</b>")
    code = opened.setup.join_code
    client = signed_in(host)
    delete = f"{ADMIN}{opened.setup.id}/delete/"
    players = f"Animals ({code}), with 2 players and all answers"
    assert f"{players}. It is open, and ends for everybody." in client.get(delete).content.decode()
    call(live.sessions.command(opened.setup.id, End(), actor="test"))
    several = {"action": "delete_selected", "_selected_action": [opened.setup.id]}
    for page in (client.get(delete), client.post(ADMIN, several)):
        assert players in page.content.decode()
        assert "It is open" not in page.content.decode()


def test_the_results_cost_as_many_queries_for_many_typed_questions_as_for_one(
    live: Runtime, host: User, django_assert_max_num_queries: Callable[..., AbstractContextManager[object]]
) -> None:
    many = tuple(replace(QUIZ.questions[1], id=f"q{number}") for number in range(60))
    quiz = replace(QUIZ, questions=many)
    made = live.sessions.create(quiz, owner_id=host.pk, auto_start=True, actor="test")
    results = f"{ADMIN}{call(made).setup.id}/results/"
    client = signed_in(host)
    with django_assert_max_num_queries(25):
        assert client.get(results).status_code == 200


def test_the_run_form_asks_for_every_option_once_and_opens_what_is_wrong() -> None:
    fresh = OptionFields().option_groups()
    assert sorted(field.name for group in fresh for field in group.fields) == sorted(OptionFields.base_fields)
    assert not any(group.open for group in fresh)
    wrong = OptionFields({"pace": "self", "board": "full", "advance_after_ms": "-1", "names_on_screen": "on"})
    opened = {group.title for group in wrong.option_groups() if group.open}
    assert "How questions come and go" in opened
