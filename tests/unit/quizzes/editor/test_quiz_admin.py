"""The quiz editor: what a host writes, what it says of mistakes, and whose quizzes are whose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from quizzes.models import Question, Quiz
from quizzes.rules import limits
from quizzes.rules.content import Grading, QuestionContent, QuizContent
from quizzes.services.quizzes import quiz_create

pytestmark = pytest.mark.django_db

CONTENT = QuizContent(
    id="sums",
    title="Sums",
    questions=(
        QuestionContent(id="q1", kind="choice", text="2 + 2?", options=("3", "4"), correct_answers=("4",)),
        QuestionContent(
            id="q2",
            kind="typed",
            text="Coffee?",
            correct_answers=("(le) café",),
            time_limit_ms=12_500,
            grading=Grading(case="strict", accents="strict", articles="required", almost=0.25),
            confusable=("thé", "lait"),
        ),
    ),
)


@pytest.fixture
def host(make_host: Callable[[str], User]) -> User:
    return make_host("host")


@pytest.fixture
def other(make_host: Callable[[str], User]) -> User:
    return make_host("other")


@pytest.fixture
def superuser(django_user_model: type[User]) -> User:
    return django_user_model.objects.create_superuser("chief")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


QUESTION = {
    "text": "2 + 2?",
    "kind": "choice",
    "options": "3\r\n4",
    "correct_answers": "4",
    "points": "10",
    "time_limit": "20",
    "explanation": "",
    "media": "",
    "tolerance": "0.0",
    "confusable": "",
    "position": "",
    "case": "ignore",
    "accents": "almost",
    "articles": "optional",
    "almost": "0.5",
}


def page(*questions: dict[str, Any], stored: int = 0, **quiz: Any) -> dict[str, Any]:
    """What a browser sends for a quiz's page, the first ``stored`` questions being there already."""
    data = {"title": "Sums", "id": "sums", "language": "en", "description": "", **quiz}
    data |= {"questions-TOTAL_FORMS": str(len(questions)), "questions-INITIAL_FORMS": str(stored)}
    for number, question in enumerate(questions):
        data |= {f"questions-{number}-{name}": value for name, value in {**QUESTION, **question}.items()}
        data[f"questions-{number}-quiz"] = "sums" if stored else ""
    return data


def errors(response: Any) -> dict[str, list[str]]:
    """All messages of a refused page, by the field they stand beside."""
    assert response.status_code == 200
    found = dict(response.context["adminform"].form.errors)
    formset = response.context["inline_admin_formsets"][0].formset
    for number, form_errors in enumerate(formset.errors):
        found |= {f"questions-{number}-{name}": messages for name, messages in form_errors.items()}
    if formset.non_form_errors():
        found["questions"] = formset.non_form_errors()
    return {name: list(messages) for name, messages in found.items()}


def as_posted(client: Client, quiz_id: str) -> dict[str, Any]:
    """The fields of a quiz's page as a browser would send them back untouched."""
    response = client.get(change_url(quiz_id))
    forms = [response.context["adminform"].form]
    formset = response.context["inline_admin_formsets"][0].formset
    data = {}
    for form in [*forms, formset.management_form, *formset.forms]:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                data[bound.html_name] = str(value)
    return data


def change_url(quiz_id: str) -> str:
    return reverse("admin:quizzes_quiz_change", args=[quiz_id])


ADD_URL = "/admin/quizzes/quiz/add/"
LIST_URL = "/admin/quizzes/quiz/"


def test_a_host_makes_a_quiz_of_their_own(host: User) -> None:
    questions: tuple[dict[str, Any], ...] = (
        {},
        {"kind": "true_false", "options": "", "correct_answers": "True", "time_limit": "7.5"},
        {
            "kind": "typed",
            "options": "",
            "correct_answers": " caf\u00e9 \n\n(le) cafe\u0301\n",
            "accents": "strict",
            "almost": "0.25",
            "confusable": "th\u00e9",
        },
    )
    response = signed_in(host).post(ADD_URL, page(*questions))
    assert response.status_code == 302, errors(response)
    quiz = Quiz.objects.get()
    assert quiz.owner == host
    assert quiz.content() == QuizContent(
        id="sums",
        title="Sums",
        questions=(
            QuestionContent(id="q1", kind="choice", text="2 + 2?", options=("3", "4"), correct_answers=("4",)),
            QuestionContent(
                id="q2",
                kind="true_false",
                text="2 + 2?",
                options=("True", "False"),
                correct_answers=("True",),
                time_limit_ms=7500,
            ),
            QuestionContent(
                id="q3",
                kind="typed",
                text="2 + 2?",
                correct_answers=("caf\u00e9", "(le) caf\u00e9"),
                grading=Grading(accents="strict", almost=0.25),
                confusable=("th\u00e9",),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("French food!", "french-food"),
        ("日本語", "quiz"),
        ("Import", "import-2"),
        ("Sums", "sums-2"),
        ("x" * 60, "x" * 36),
    ],
)
def test_a_quiz_without_an_id_gets_one_from_its_title(host: User, title: str, expected: str) -> None:
    quiz_create(CONTENT)
    response = signed_in(host).post(ADD_URL, page({}, title=title, id=""))
    assert response.status_code == 302, errors(response)
    assert Quiz.objects.filter(pk=expected, owner=host).exists()


@pytest.mark.parametrize(
    ("question", "field", "message"),
    [
        ({"correct_answers": ""}, "correct_answers", "No right answer is given."),
        ({"correct_answers": "5"}, "correct_answers", "Entry 1: “5” is not among the options."),
        ({"options": "4"}, "options", "Give at least 2 options."),
        ({"options": "4\n3\n4"}, "options", "Entry 3: “4” is given twice."),
        ({"kind": "order", "options": "", "correct_answers": "a"}, "correct_answers", "Give the entries in their"),
        ({"kind": "number", "options": "", "correct_answers": "four"}, "correct_answers", "Entry 1: Write a number"),
        ({"media": "picture.png"}, "media", "Give an address"),
        ({"text": ""}, "text", "This field is required."),
        ({"time_limit": "0.5"}, "time_limit", "Ensure this value is greater"),
        ({"points": "5000"}, "points", "Give a whole number from 0 to 1000."),
        ({"almost": "2"}, "almost", "Ensure this value is less"),
    ],
)
def test_it_says_beside_the_field_what_is_wrong(host: User, question: dict[str, Any], field: str, message: str) -> None:
    found = errors(signed_in(host).post(ADD_URL, page({}, question)))
    assert list(found) == [f"questions-1-{field}"]
    assert len(found[f"questions-1-{field}"]) == 1
    assert found[f"questions-1-{field}"][0].startswith(message)
    assert not Quiz.objects.exists()


@pytest.mark.parametrize(
    ("quiz", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "nul \x00"}, "title"),
        ({"title": "\u202eneddih"}, "title"),
        ({"id": "a b"}, "id"),
        ({"id": "import"}, "id"),
        ({"language": "?"}, "language"),
        ({"description": "x" * 2001}, "description"),
    ],
)
def test_it_says_what_is_wrong_with_the_quiz_itself(host: User, quiz: dict[str, Any], field: str) -> None:
    found = errors(signed_in(host).post(ADD_URL, page({}, **quiz)))
    assert list(found) == [field]
    assert len(found[field]) == 1


def test_it_wants_a_question(host: User) -> None:
    found = errors(signed_in(host).post(ADD_URL, page()))
    assert found == {"questions": ["A quiz needs at least one question."]}


def test_the_last_question_cannot_be_deleted(host: User) -> None:
    quiz_create(CONTENT, owner=host)
    client = signed_in(host)
    data = as_posted(client, "sums") | {"questions-0-DELETE": "on", "questions-1-DELETE": "on"}
    assert errors(client.post(change_url("sums"), data)) == {"questions": ["A quiz needs at least one question."]}


def test_an_id_that_is_taken_is_refused(host: User, other: User) -> None:
    quiz_create(CONTENT, owner=other)
    assert list(errors(signed_in(host).post(ADD_URL, page({})))) == ["id"]


def test_saving_a_page_untouched_changes_nothing(host: User) -> None:
    quiz_create(CONTENT, owner=host)
    client = signed_in(host)
    response = client.post(change_url("sums"), as_posted(client, "sums"))
    assert response.status_code == 302, errors(response)
    assert Quiz.objects.get().content() == CONTENT


def test_questions_are_sorted_by_their_numbers_and_new_ones_come_last(host: User) -> None:
    quiz_create(CONTENT, owner=host)
    client = signed_in(host)
    data = as_posted(client, "sums") | {"questions-0-position": "1", "questions-1-position": "0"}
    data |= {f"questions-2-{name}": value for name, value in QUESTION.items()}
    data |= {"questions-TOTAL_FORMS": "3", "questions-2-text": "New?", "questions-2-quiz": "sums"}
    response = client.post(change_url("sums"), data)
    assert response.status_code == 302, errors(response)
    assert [(question.id, question.text) for question in Quiz.objects.get().content().questions] == [
        ("q2", "Coffee?"),
        ("q1", "2 + 2?"),
        ("q3", "New?"),
    ]


def test_a_new_question_never_takes_the_id_of_one_that_is_being_deleted(host: User) -> None:
    quiz_create(CONTENT, owner=host)
    client = signed_in(host)
    data = as_posted(client, "sums") | {"questions-0-DELETE": "on"}
    data |= {f"questions-2-{name}": value for name, value in QUESTION.items()}
    data |= {"questions-TOTAL_FORMS": "3", "questions-2-quiz": "sums"}
    response = client.post(change_url("sums"), data)
    assert response.status_code == 302, errors(response)
    assert [question.id for question in Quiz.objects.get().content().questions] == ["q2", "q3"]


def test_a_quiz_keeps_its_id(host: User) -> None:
    quiz_create(CONTENT, owner=host)
    client = signed_in(host)
    client.post(change_url("sums"), as_posted(client, "sums") | {"id": "other", "title": "Renamed"})
    assert list(Quiz.objects.values_list("pk", "title")) == [("sums", "Renamed")]


def test_hosts_see_their_own_quizzes_and_the_demo_quizzes(host: User, other: User) -> None:
    for quiz_id, owner in (("mine", host), ("theirs", other), ("demo", None)):
        quiz_create(QuizContent(id=quiz_id, title=quiz_id, questions=CONTENT.questions), owner=owner)
    client = signed_in(host)
    assert [quiz.pk for quiz in client.get(LIST_URL).context["cl"].result_list] == ["demo", "mine"]
    assert client.get(change_url("mine")).context["has_change_permission"]
    assert not client.get(change_url("demo")).context["has_change_permission"]
    assert client.get(change_url("theirs")).status_code == 302


def test_superusers_see_and_change_every_quiz(superuser: User, other: User) -> None:
    quiz_create(CONTENT, owner=other)
    client = signed_in(superuser)
    data = as_posted(client, "sums")
    assert data["owner"] == str(other.pk)
    response = client.post(change_url("sums"), data | {"title": "Checked"})
    assert response.status_code == 302, errors(response)
    assert list(Quiz.objects.values_list("title", "owner")) == [("Checked", other.pk)]


def test_a_host_can_neither_change_nor_delete_a_demo_quiz(host: User) -> None:
    quiz_create(CONTENT)
    client = signed_in(host)
    assert client.post(change_url("sums"), page({}, title="Mine now")).status_code == 403
    assert client.post(reverse("admin:quizzes_quiz_delete", args=["sums"]), {"post": "yes"}).status_code == 403
    action = {"action": "delete_selected", "_selected_action": ["sums"], "post": "yes"}
    assert client.post(LIST_URL, action).status_code == 403
    assert Quiz.objects.get().content() == CONTENT


def test_a_host_cannot_give_a_quiz_away(host: User, other: User) -> None:
    quiz_create(CONTENT, owner=host)
    client = signed_in(host)
    client.post(change_url("sums"), as_posted(client, "sums") | {"owner": str(other.pk)})
    assert Quiz.objects.get().owner == host


def test_a_host_deletes_a_quiz_of_their_own(host: User) -> None:
    quiz_create(CONTENT, owner=host)
    url = reverse("admin:quizzes_quiz_delete", args=["sums"])
    assert signed_in(host).get(url).context["perms_lacking"] == set()
    assert signed_in(host).post(url, {"post": "yes"}).status_code == 302
    assert not Question.objects.exists()


def test_a_host_duplicates_a_demo_quiz_and_owns_the_copy(host: User) -> None:
    quiz_create(CONTENT)
    response = signed_in(host).post(LIST_URL, {"action": "duplicate", "_selected_action": ["sums"]}, follow=True)
    assert [str(message) for message in response.context["messages"]] == ["1 quiz was copied."]
    copy = Quiz.objects.get(owner=host)
    assert (copy.pk, copy.title) == ("sums-copy", "Sums (copy)")
    assert copy.content().questions == CONTENT.questions
    assert response.redirect_chain == [(change_url("sums-copy"), 302)]


def test_several_copies_are_shown_in_the_list(host: User) -> None:
    for quiz_id in ("one", "two"):
        quiz_create(QuizContent(id=quiz_id, title=quiz_id, questions=CONTENT.questions), owner=host)
    response = signed_in(host).post(LIST_URL, {"action": "duplicate", "_selected_action": ["one", "two"]}, follow=True)
    assert response.redirect_chain == [(LIST_URL, 302)]
    assert Quiz.objects.count() == 4


def test_a_quiz_is_run_from_its_page_and_from_the_list_and_a_demo_quiz_copied(host: User) -> None:
    quiz_create(QuizContent(id="mine", title="mine", questions=CONTENT.questions), owner=host)
    quiz_create(QuizContent(id="demo", title="demo", questions=CONTENT.questions))
    Quiz.objects.create(id="empty", title="empty", owner=host)
    client = signed_in(host)
    run = 'href="/admin/quiz_sessions/quizsession/open/?quiz={}"'
    pages = {name: client.get(change_url(name)).content.decode() for name in ("mine", "demo", "empty")}
    listed = client.get(LIST_URL).content.decode()
    for name, page in pages.items():
        assert [run.format(name) in shown for shown in (page, listed)] == [name != "empty"] * 2
    assert ["Make a copy to change" in page for page in pages.values()] == [False, True, False]


def test_players_with_an_account_are_no_hosts(django_user_model: type[User]) -> None:
    player = django_user_model.objects.create_user("player")
    assert signed_in(player).get(LIST_URL).status_code == 302


@pytest.fixture
def long(host: User) -> Client:
    """A host with a quiz of 60 questions, which are more than a page."""
    many = tuple(
        QuestionContent(id=f"q{number}", kind="typed", text=f"{number}?", correct_answers=("a",))
        for number in range(1, 61)
    )
    quiz_create(QuizContent(id="long", title="Long", questions=many), owner=host)
    return signed_in(host)


SECOND_PAGE = "?questions-page=2"


def second_page(client: Client) -> dict[str, Any]:
    """The second page's fields as a browser would send them."""
    response = client.get(change_url("long") + SECOND_PAGE)
    formset = response.context["inline_admin_formsets"][0].formset
    data = {"title": "Long", "language": "en", "description": ""}
    for form in [formset.management_form, *formset.forms]:
        values = {bound.html_name: bound.value() for bound in form}
        data |= {name: str(value) for name, value in values.items() if value is not None and value is not False}
    return data


def test_a_long_quiz_is_edited_page_by_page(long: Client) -> None:
    first = long.get(change_url("long")).context["inline_admin_formsets"][0].formset
    assert len(first.forms) == 50
    data = second_page(long)
    assert data["questions-TOTAL_FORMS"] == "10"
    data["questions-0-text"] = "Fifty-first?"
    data |= {f"questions-10-{name}": value for name, value in QUESTION.items()}
    data |= {"questions-TOTAL_FORMS": "11", "questions-10-quiz": "long"}
    response = long.post(change_url("long") + SECOND_PAGE, data)
    assert response.status_code == 302, errors(response)
    questions = Quiz.objects.get().content().questions
    assert [question.id for question in questions] == [f"q{number}" for number in range(1, 62)]
    assert (questions[50].text, questions[60].text) == ("Fifty-first?", "2 + 2?")


def test_a_new_question_on_the_first_page_comes_last_with_an_id_of_its_own(long: Client) -> None:
    data = as_posted(long, "long") | {f"questions-50-{name}": value for name, value in QUESTION.items()}
    data |= {"questions-TOTAL_FORMS": "51", "questions-50-quiz": "long"}
    response = long.post(change_url("long"), data)
    assert response.status_code == 302, errors(response)
    assert Quiz.objects.get().content().questions[-1].id == "q61"


def test_a_page_of_questions_may_be_deleted_when_others_are_left(long: Client) -> None:
    data = second_page(long) | {f"questions-{number}-DELETE": "on" for number in range(10)}
    assert long.post(change_url("long") + SECOND_PAGE, data).status_code == 302
    assert Question.objects.count() == 50


def test_questions_of_all_pages_count_against_the_bound(long: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "QUESTIONS_MAX", 60)
    data = second_page(long) | {f"questions-10-{name}": value for name, value in QUESTION.items()}
    data |= {"questions-TOTAL_FORMS": "11", "questions-10-quiz": "long"}
    found = errors(long.post(change_url("long") + SECOND_PAGE, data))
    assert found == {"questions": ["A quiz has at most 60 questions."]}


def test_right_answers_with_letters_of_another_alphabet_are_named_when_they_are_stored(host: User) -> None:
    question = {"kind": "typed", "options": "", "correct_answers": "хор\u006fшо\nда"}
    response = signed_in(host).post(ADD_URL, page(question, language="ru"), follow=True)
    assert [str(message) for message in response.context["messages"] if message.level_tag == "warning"] == [
        "Some letters are from another alphabet and only look the same. Type these words anew: хор\u006fшо"
    ]
    assert Quiz.objects.filter(pk="sums").exists()
