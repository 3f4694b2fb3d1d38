"""The pages of classes: who sees them, what they ask, and that a deleted class is gone from everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.core import serializers as django_serializers
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from classes.cards import card_hash
from classes.models import Pupil, SchoolClass
from classes.services import add_pupils, card_of, create_class, replace_card
from sessions.database.retention import purge
from sessions.models import Participant, QuizSession
from sessions.protocol.errors import SessionError
from sessions.rules.commands import End, Next, Start
from sessions.rules.options import SessionOptions
from sessions.services.hosting import SessionView
from sessions.services.tokens import Proof
from sessions.wiring.class_deletion import delete_class, delete_expired_classes, delete_pupil
from sessions.wiring.runtime import Runtime, call
from tests.unit.sessions.host.conftest import QUIZ, signed_in

ADMIN = "/admin/classes/schoolclass/"
API = "/api/v1/classes"
#: A name that occurs nowhere else.
ANN = "Annegretchen Q."


@pytest.fixture
def school_class(live: Runtime, host: User) -> SchoolClass:
    made = create_class("7a", owner_id=host.pk)
    assert len(add_pupils(made, [ANN, "Bob"]).fresh) == 2
    return made


@pytest.fixture
def ann(school_class: SchoolClass) -> Pupil:
    return Pupil.objects.get(name=ANN)


@pytest.fixture
def play(live: Runtime, host: User, school_class: SchoolClass) -> Callable[..., SessionView]:
    """Opens a session of the class."""

    def opened(**options: Any) -> SessionView:
        chosen = SessionOptions(class_id=school_class.id, **options)
        return call(live.sessions.create(QUIZ, pace="host", options=chosen, owner_id=host.pk, actor="user:teacher"))

    return opened


def enter(live: Runtime, view: SessionView, name: str | None = None, **who: Any) -> Any:
    """Come in as a pupil or a guest; the membership."""
    known = {"pupil_id": None, "card": None, "join_key": None, **who}
    seat = call(live.pupils.seat(view.setup, username=name, **known))
    return call(
        live.players.join(
            view.setup,
            user_id=seat.user_id if seat else f"guest-{name}",
            proof=Proof(seat.user_id, 0) if seat else None,
            username=seat.name if seat else name,
            listed=seat is not None,
            connection="test/1",
        )
    )


# -- who sees a class -------------------------------------------------------------------------------------------------


def pages(school_class: SchoolClass, pupil: Pupil) -> list[str]:
    own = f"{ADMIN}{school_class.id}/"
    return [f"{own}change/", f"{own}cards/", f"{own}export/", f"{own}delete-class/", f"{own}pupils/{pupil.id}/"]


def calls(school_class: SchoolClass, pupil: Pupil) -> list[tuple[str, str, Any]]:
    own = f"{API}/{school_class.id}"
    return [
        ("get", own, None),
        ("patch", own, {"name": "8a"}),
        ("delete", own, None),
        ("post", f"{own}/pupils", {"names": ["Eve"]}),
        ("patch", f"{own}/pupils/{pupil.id}", {"name": "Eve"}),
        ("delete", f"{own}/pupils/{pupil.id}", None),
        ("post", f"{own}/pupils/{pupil.id}/card", None),
        ("get", f"{own}/cards", None),
        ("post", f"{own}/shares", {"username": "colleague"}),
        ("delete", f"{own}/shares/colleague", None),
        ("get", f"{own}/export", None),
    ]


def test_to_others_there_is_no_such_class(school_class: SchoolClass, ann: Pupil, other: User) -> None:
    client, rest = signed_in(other), APIClient()
    rest.force_login(other)
    for page in pages(school_class, ann):
        assert client.get(page).status_code == 404, page
        assert client.post(page, {"do": "names", "names": "Eve"}).status_code == 404, page
    for method, path, body in calls(school_class, ann):
        assert getattr(rest, method)(path, body, format="json").status_code == 404, (method, path)
    assert ANN not in client.get(ADMIN).content.decode()
    assert rest.get(API).json()["results"] == []
    opened = rest.post("/api/v1/sessions", {"quiz_id": "x", "options": {"class_id": school_class.id}}, format="json")
    assert opened.status_code == 404
    school_class.refresh_from_db()
    assert (school_class.name, school_class.pupils.count(), school_class.shared_with.count()) == ("7a", 2, 0)


def test_a_colleague_uses_a_shared_class_and_only_its_owner_disposes_of_it(
    school_class: SchoolClass, ann: Pupil, host: User, other: User
) -> None:
    owner, colleague, rest = signed_in(host), signed_in(other), APIClient()
    rest.force_login(other)
    change = f"{ADMIN}{school_class.id}/change/"
    assert "No host has this user name" in owner.post(change, {"do": "share", "username": "nobody"}).content.decode()
    owner.post(change, {"do": "share", "username": "colleague"})
    assert ANN in colleague.get(change).content.decode()
    colleague.post(change, {"do": "names", "names": "Eve"})
    assert school_class.pupils.filter(name="Eve").exists()
    assert colleague.get(f"{ADMIN}{school_class.id}/delete-class/").status_code == 403
    assert colleague.post(change, {"do": "share", "username": "teacher"}).status_code == 403
    for method, path, body in calls(school_class, ann):
        if (path.endswith(school_class.id) and method == "delete") or "/shares" in path:
            assert getattr(rest, method)(path, body, format="json").status_code == 403, (method, path)
    late = {"keep_until": "2099-01-01"}
    assert rest.patch(f"{API}/{school_class.id}", late, format="json").status_code == 403
    owner.post(change, {"do": "unshare", "user": str(other.pk)})
    assert colleague.get(change).status_code == 404


def test_a_key_needs_the_scope_of_classes(school_class: SchoolClass, ann: Pupil, operator: APIClient) -> None:
    from quizserver.models import OperatorKey

    assert operator.get(f"{API}/{school_class.id}").json()["pupils"][0]["name"] == ANN
    _key, secret = OperatorKey.objects.create_key(name="reader", may_read=True, may_run=True, may_edit_content=True)
    reader = APIClient()
    reader.credentials(HTTP_AUTHORIZATION=f"Api-Key {secret}")
    for method, path, body in calls(school_class, ann):
        assert getattr(reader, method)(path, body, format="json").status_code == 403, (method, path)


# -- making one -------------------------------------------------------------------------------------------------------


def test_names_are_pasted_and_two_of_one_name_are_asked_about(live: Runtime, host: User) -> None:
    client = signed_in(host)
    asked = client.post(
        f"{ADMIN}add/", {"name": "8b", "names": "Ann\nBob\nAnn\n" + "x" * 31, "keep_until": "2099-07-31"}
    ).content.decode()
    made = SchoolClass.objects.get()
    assert "One pupil or two?" in asked
    assert "too long" in asked
    assert made.pupils.count() == 0
    client.post(f"{ADMIN}{made.id}/change/", {"do": "names", "names": "Ann\nBob", "other": ["Ann K."]})
    assert list(made.pupils.values_list("name", flat=True)) == ["Ann", "Ann K.", "Bob"]
    # Left empty, it was the same pupil.
    client.post(f"{ADMIN}{made.id}/change/", {"do": "names", "names": "Cem", "other": [""]})
    assert made.pupils.count() == 4


def test_a_day_that_is_over_is_no_day_to_keep_names_until(school_class: SchoolClass, host: User) -> None:
    client, rest = signed_in(host), APIClient()
    rest.force_login(host)
    change = f"{ADMIN}{school_class.id}/change/"
    shown = client.post(change, {"do": "details", "name": "7a", "keep_until": "2020-01-01"}).content.decode()
    assert "This day is over" in shown
    assert rest.patch(f"{API}/{school_class.id}", {"keep_until": "2020-01-01"}, format="json").status_code == 400
    client.post(change, {"do": "details", "name": "7b", "keep_until": "2099-01-01"})
    school_class.refresh_from_db()
    assert (school_class.name, school_class.keep_until.isoformat()) == ("7b", "2099-01-01")


def test_rest_names_those_who_are_there_twice_and_adds_nobody(school_class: SchoolClass, host: User) -> None:
    rest = APIClient()
    rest.force_login(host)
    refused = rest.post(f"{API}/{school_class.id}/pupils", {"names": ["Eve", "bob"]}, format="json")
    assert (refused.status_code, refused.json()["names"]) == (409, ["bob"])
    assert school_class.pupils.count() == 2
    assert rest.post(API, {"name": "9", "pupils": ["A", "a"]}, format="json").status_code == 409
    assert SchoolClass.objects.count() == 1


# -- cards ------------------------------------------------------------------------------------------------------------


def test_a_sheet_is_the_same_every_time_and_a_replaced_card_opens_nothing(
    live: Runtime, school_class: SchoolClass, ann: Pupil, host: User, play: Callable[..., SessionView]
) -> None:
    client = signed_in(host)
    sheet = client.get(f"{ADMIN}{school_class.id}/cards/")
    assert sheet.headers["Cache-Control"].count("no-store")
    assert sheet.content.decode().count("<svg") == client.get(sheet.request["PATH_INFO"]).content.decode().count("<svg")
    lost = card_of(ann)
    assert lost not in str(list(Pupil.objects.values_list("id", "name", "card_number", "card_hash")))
    assert Pupil.objects.get(card_hash=card_hash(lost)) == ann
    view = play()
    greeting = call(live.pupils.greet(lost))
    assert greeting is not None
    assert greeting.sessions == [(view.setup.join_code, "Animals")]
    client.post(f"{ADMIN}{school_class.id}/pupils/{ann.id}/", {"do": "card"})
    ann.refresh_from_db()
    assert call(live.pupils.greet(lost)) is None
    with pytest.raises(SessionError) as refused:
        enter(live, view, card=lost)
    assert (refused.value.code, refused.value.reason) == ("INVALID_PUPIL", "card_invalid")
    assert enter(live, view, card=card_of(ann)).joined.participant.username == ANN


def test_the_card_page_says_who_it_is_and_never_has_the_secret_in_an_address(
    live: Runtime, ann: Pupil, play: Callable[..., SessionView]
) -> None:
    client, secret = Client(), card_of(ann)
    assert client.get("/card").status_code == 200
    told = client.post("/card", json.dumps({"card": secret}), content_type="text/plain")
    assert told.json() == {"name": ANN, "sessions": []}
    view = play()
    told = client.post("/card", json.dumps({"card": secret}), content_type="text/plain")
    assert told.json()["sessions"] == [{"code": view.setup.join_code, "title": "Animals"}]
    assert client.post("/card", json.dumps({"card": "x" * 22}), content_type="text/plain").status_code == 404
    for body in ("", "[]", "{", '{"card": 1}', "x" * 2_000):
        assert client.post("/card", body, content_type="text/plain").status_code == 400


# -- playing ----------------------------------------------------------------------------------------------------------


def test_the_first_to_pick_a_name_has_it_until_the_host_frees_it(
    live: Runtime, ann: Pupil, play: Callable[..., SessionView]
) -> None:
    view = play()
    first = enter(live, view, pupil_id=ann.id, join_key="k" * 16)
    again = enter(live, view, pupil_id=ann.id, join_key="k" * 16)
    assert again.joined.participant.user_id == first.joined.participant.user_id
    for key in (None, "x" * 16):
        with pytest.raises(SessionError) as refused:
            enter(live, view, pupil_id=ann.id, join_key=key)
        assert refused.value.reason == "taken"
    told = Client().get(f"/j/{view.setup.join_code}")
    assert told.headers["Cache-Control"] == "no-store"
    page = told.content.decode()
    assert re.search(rf'data-pupil="{ann.id}"[^>]*>{re.escape(ANN)} ✓', page)
    call(live.sessions.remove(view.setup.id, first.joined.participant.user_id, actor="user:teacher"))
    call(live.settle(view.setup.id))
    freed = enter(live, view, pupil_id=ann.id, join_key="x" * 16)
    assert freed.joined.participant.user_id != first.joined.participant.user_id
    assert freed.joined.participant.username == ANN


def test_a_card_takes_the_name_from_whoever_picked_it(
    live: Runtime, ann: Pupil, play: Callable[..., SessionView]
) -> None:
    view = play()
    picked = enter(live, view, pupil_id=ann.id, join_key="k" * 16)
    shown = enter(live, view, card=card_of(ann))
    assert shown.joined.participant.user_id == picked.joined.participant.user_id
    assert shown.joined.resumed
    with pytest.raises(SessionError):
        enter(live, view, pupil_id=ann.id, join_key="k" * 16)


def test_where_cards_are_needed_no_name_is_told_or_picked(
    live: Runtime, ann: Pupil, play: Callable[..., SessionView]
) -> None:
    view = play(cards_only=True, guests=False)
    assert ANN not in Client().get(f"/j/{view.setup.join_code}").content.decode()
    for who in ({"pupil_id": ann.id}, {"name": "Eve"}):
        with pytest.raises(SessionError) as refused:
            enter(live, view, **who)
        assert refused.value.reason == "card_needed"
    assert enter(live, view, card=card_of(ann)).joined.participant.username == ANN


def test_guests_come_under_names_of_their_own_and_only_where_they_may(
    live: Runtime, ann: Pupil, play: Callable[..., SessionView]
) -> None:
    view = play()
    enter(live, view, "Guest")
    with pytest.raises(SessionError) as refused:
        enter(live, view, ANN.upper())
    assert refused.value.code == "USERNAME_TAKEN"
    with pytest.raises(SessionError) as refused:
        enter(live, play(guests=False), "Guest")
    assert refused.value.reason == "needed"


def test_a_pupil_of_another_class_is_none_of_this_one(
    live: Runtime, host: User, play: Callable[..., SessionView]
) -> None:
    elsewhere = create_class("8c", owner_id=host.pk)
    add_pupils(elsewhere, ["Zoe"])
    zoe = Pupil.objects.get(name="Zoe")
    view = play()
    for who, reason in (({"card": card_of(zoe)}, "card_invalid"), ({"pupil_id": zoe.id}, "unknown")):
        with pytest.raises(SessionError) as refused:
            enter(live, view, **who)
        assert refused.value.reason == reason


def test_a_pupil_keeps_the_name_when_the_players_lose_theirs(
    live: Runtime, ann: Pupil, host: User, other: User, play: Callable[..., SessionView]
) -> None:
    view = play()
    user_id = enter(live, view, pupil_id=ann.id, join_key="k" * 16).joined.participant.user_id
    enter(live, view, "Guest")
    call(live.sessions.command(view.setup.id, Start(), actor="a"))
    call(live.sessions.command(view.setup.id, Next(), actor="a"))
    call(live.players.answer(view.setup, user_id=user_id, question_id="q1", answer="dog", claimed_ms=None))
    call(live.sessions.command(view.setup.id, End(), actor="a"))
    call(live.settle(view.setup.id))
    client = signed_in(host)
    results = f"/admin/quiz_sessions/quizsession/{view.setup.id}/results/"
    assert "Guests are called" in client.get(results).content.decode()
    assert client.get(f"/api/v1/sessions/{view.setup.id}/results").json()["names_until"]
    assert purge(now=timezone.now(), ended_before=timezone.now() + timedelta(hours=1)) == 1
    page = client.get(results).content.decode()
    assert ANN in page
    assert "Guest<" not in page
    told = client.get(f"/api/v1/sessions/{view.setup.id}/results").json()
    assert {each["username"] for each in told["participants"]} == {ANN, "Player 2"}
    assert told["names_until"] is None
    assert [each["pupil_id"] for each in told["participants"]] == [ann.id, None]
    # Whoever may not see the class may not read its names in a session either.
    QuizSession.objects.update(owner=other)
    assert ANN not in signed_in(other).get(results).content.decode()
    hidden = signed_in(other).get(f"/api/v1/sessions/{view.setup.id}/results").json()
    assert [each["pupil_id"] for each in hidden["participants"]] == [None, None]
    [answer] = client.get(f"{API}/{ann.school_class_id}/export?pupil={ann.id}").json()["answers"]
    assert (answer["pupil_id"], answer["answer"], answer["verdict"]) == (ann.id, "dog", "correct")


# -- deleting ---------------------------------------------------------------------------------------------------------


def everything() -> str:
    """All rows of all tables."""
    rows = [str(django_serializers.serialize("json", model._base_manager.all())) for model in apps.get_models()]
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            rows.append(str(cursor.fetchall()))
    return "\n".join(rows)


@pytest.mark.parametrize("way", ["class", "pupil", "expired", "rest", "page"])
def test_a_name_is_nowhere_after_its_deletion_and_the_game_goes_on(
    live: Runtime,
    school_class: SchoolClass,
    ann: Pupil,
    host: User,
    play: Callable[..., SessionView],
    way: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    over, running = play(), play()
    for view in (over, running):
        user_id = enter(live, view, card=card_of(ann)).joined.participant.user_id
        call(live.sessions.command(view.setup.id, Start(), actor="a"))
        call(live.sessions.command(view.setup.id, Next(), actor="a"))
        call(live.players.answer(view.setup, user_id=user_id, question_id="q1", answer="dog", claimed_ms=None))
    renamed = Participant.objects.get(session=over.setup.id).user_id
    call(live.sessions.rename(over.setup.id, renamed, f"{ANN}!", actor="user:teacher"))
    call(live.sessions.command(over.setup.id, End(), actor="a"))
    call(live.settle(over.setup.id))
    assert ANN in everything()
    client, rest = signed_in(host), APIClient()
    rest.force_login(host)
    match way:
        case "class":
            delete_class(school_class.id, actor="test")
        case "pupil":
            delete_pupil(ann.id, actor="test")
        case "expired":
            SchoolClass.objects.update(keep_until=timezone.localdate() - timedelta(days=1))
            assert delete_expired_classes(timezone.localdate()) == 1
        case "rest":
            assert rest.delete(f"{API}/{school_class.id}").status_code == 204
        case "page":
            asked = client.get(f"{ADMIN}{school_class.id}/delete-class/").content.decode()
            assert "The class is playing right now" in asked
            assert client.post(f"{ADMIN}{school_class.id}/delete-class/").status_code == 302
    call(live.settle(running.setup.id))
    assert ANN not in everything()
    assert not LogEntry.objects.exists()
    assert ANN not in caplog.text
    # Nothing that was answered is lost, and the one who plays plays on.
    for view in (over, running):
        [player] = Participant.objects.filter(session=view.setup.id)
        assert player.username.startswith("Player 1")
        told = call(live.store.participant(view.setup.id, player.user_id))
        assert told is not None
        assert told.username == player.username
        assert player.score > 0
    [standing] = call(live.store.standings(over.setup.id)).order
    assert standing.score == Participant.objects.get(session=over.setup.id).score
    call(live.sessions.command(running.setup.id, Next(), actor="a"))
    user_id = Participant.objects.get(session=running.setup.id).user_id
    call(live.players.answer(running.setup, user_id=user_id, question_id="q2", answer="cat", claimed_ms=None))
    with pytest.raises(SessionError) as refused:
        enter(live, running, card=card_of(ann))
    assert refused.value.reason == ("card_invalid" if way == "pupil" else "class_deleted")


def test_a_class_is_kept_through_its_last_day(school_class: SchoolClass, ann: Pupil) -> None:
    assert delete_expired_classes(school_class.keep_until) == 0
    assert SchoolClass.objects.exists()


def test_a_new_card_has_another_secret(ann: Pupil) -> None:
    assert len({card_of(ann), replace_card(ann), replace_card(ann)}) == 3
