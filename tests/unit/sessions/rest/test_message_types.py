"""The types of the pages' scripts are those of the server's messages."""

from __future__ import annotations

import re

from sessions.protocol import inbound
from sessions.rest import asyncapi
from sessions.rest.message_types import message_types


def typed(name: str) -> str:
    found = re.search(rf"@typedef {{((?:(?!@typedef).)*)}} {name} \*/", message_types(), re.DOTALL)
    assert found, name
    return found[1]


def test_every_message_has_its_type() -> None:
    for name, messages in (
        ("FromClient", set(inbound.TYPES)),
        ("FromServer", {kind.type for kind in asyncapi.sent()}),
    ):
        assert set(re.findall(r"^ \*   (\w+):", typed(name), re.MULTILINE)) == messages


def test_what_may_be_left_out_says_so_and_so_does_what_may_be_null() -> None:
    fields = typed("QuestionOpened")
    assert " text: string," in fields
    assert " deadline: string | null," in fields
    assert " shapes?: number[] | null" in fields
    assert ' board?: "end" | "full" | "own" | "top3",' in typed("SessionOptions")
    assert " distribution: Record<string, number>," in typed("QuestionClosed")


def test_what_only_players_are_told_may_be_missing() -> None:
    sent = typed("FromServer")
    assert "QUESTION_CLOSED: QuestionClosed & Partial<ClosedForYou>," in sent
    assert "CLOSING_CHANGED: ClosingChanged & Partial<ClosingForYou>," in sent
