"""Options in an order of each player's own: all of them, the same ones each time, with the shapes of the session."""

from __future__ import annotations

import json
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quizzes.rules.content import Gap, QuestionContent, QuizContent
from sessions.fanout.events import Event, EventReader, write
from sessions.fanout.sockets import Message
from sessions.protocol.encoding import encode
from sessions.rules.options import SessionOptions
from sessions.rules.state import SessionSetup
from sessions.services.event_messages import options_for, options_of, question_opened
from sessions.services.ports import Store
from tests.unit.sessions.fanout.test_hub import RecordingSocket

texts = st.lists(st.text(min_size=1, max_size=5), min_size=2, max_size=6, unique=True)
users = st.text("abcdef0123456789", min_size=1, max_size=36)
FOUR = QuestionContent("q", "choice", "?", options=("a", "b", "c", "d"), correct_answers=("a",))


def setup_of(question: QuestionContent, *, own_order: bool = True, shuffle: bool = False) -> SessionSetup:
    quiz = QuizContent(id="quiz", title="Quiz", shuffle_options=shuffle, questions=(question,))
    return SessionSetup(id="s", quiz=quiz, join_code="C", pace="host", options=SessionOptions(own_order=own_order))


@given(texts, users, st.booleans(), st.sampled_from(["choice", "multi", "poll", "order"]))
def test_each_player_sees_all_options_once_with_the_shapes_of_the_session(
    options: list[str], user: str, shuffle: bool, kind: str
) -> None:
    in_order = kind == "order"
    question = QuestionContent(
        id="q",
        kind=kind,  # type: ignore[arg-type]
        text="?",
        options=() if in_order else tuple(options),
        correct_answers=tuple(options) if in_order else (options[0],),
    )
    setup = setup_of(question, shuffle=shuffle)
    session = options_of(setup, question)
    own = options_for(setup, question, user)
    assert own is not None
    assert own == options_for(setup, question, user)
    assert [session[place] for place in own.shapes] == own.options
    assert sorted(own.shapes) == list(range(len(session)))
    assert not in_order or own.options != options
    assert options_for(replace(setup, options=SessionOptions()), question, user) is None
    assert options_for(setup, question, "") is None


def told(setup: SessionSetup, user_id: str) -> Any:
    opened = question_opened(setup, setup.quiz.questions[0], opened_at=0, deadline=0, now=0, user_id=user_id)
    return json.loads(encode(opened, at=0))["payload"]


def test_players_have_different_orders() -> None:
    assert len({tuple(told(setup_of(FOUR), f"u{number}")["options"]) for number in range(40)}) > 10


@pytest.mark.parametrize("own_order", [True, False])
async def test_a_broadcast_has_for_each_player_what_the_player_is_told_on_joining(own_order: bool) -> None:
    setup = setup_of(FOUR, own_order=own_order)

    async def kept(session_id: str) -> SessionSetup:
        return setup

    body = encode(question_opened(setup, FOUR, opened_at=0, deadline=0, now=0), at=0, seq=2)
    reader = EventReader(cast(Store, SimpleNamespace(setup=kept)))
    suffix = await reader.suffix("s", Event(2, "question_opened", "q", body))
    ears = [RecordingSocket(f"here/{number}") for number in range(6)]
    for number, ear in enumerate(ears):
        ear.user_id, ear.role = f"u{number}", "screen" if number == 5 else "player"
    write(ears, Message(body), suffix)
    for ear in ears:
        [heard] = ear.heard
        assert heard["payload"] == told(setup, ear.user_id if ear.role == "player" else "")
        assert (heard["type"], heard["seq"]) == ("QUESTION_OPENED", 2)
        assert ("shapes" in heard["payload"]) == (own_order and ear.role == "player")


GAPS = QuestionContent(
    "q", "gaps", "[[1]] [[2]]", gaps=(Gap(("a",), tuple("abcdefgh")), Gap(("b",))), listen="", points=10
)


@pytest.mark.parametrize("own_order", [True, False])
async def test_the_options_of_gaps_stand_in_an_order_that_is_not_the_authors(own_order: bool) -> None:
    setup = setup_of(GAPS, own_order=own_order)

    async def kept(session_id: str) -> SessionSetup:
        return setup

    body = encode(question_opened(setup, GAPS, opened_at=0, deadline=0, now=0), at=0, seq=2)
    reader = EventReader(cast(Store, SimpleNamespace(setup=kept)))
    suffix = await reader.suffix("s", Event(2, "question_opened", "q", body))
    ears = [RecordingSocket(f"here/{number}") for number in range(6)]
    for number, ear in enumerate(ears):
        ear.user_id, ear.role = f"u{number}", "player"
    write(ears, Message(body), suffix)
    orders = set()
    for ear in ears:
        [heard] = ear.heard
        assert heard["payload"] == told(setup, ear.user_id)
        first, second = heard["payload"]["gaps"]
        assert sorted(first["options"]) == list("abcdefgh")
        assert first["options"] != list("abcdefgh")
        assert second == {"options": []}
        orders.add(tuple(first["options"]))
    assert (len(orders) > 1) == own_order
