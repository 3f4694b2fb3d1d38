"""Codes as people type and paste them."""

from __future__ import annotations

import pytest

from sessions.rules.join_codes import read_code


@pytest.mark.parametrize(
    "typed",
    [
        "k7m2pq",
        " K7M 2PQ ",
        "K7M-2PQ",
        "\u200eK7M2PQ\u200f",
        "K7\u200bM2\ufeffPQ\n",
        "\uff2b\uff17\uff2d\uff12\uff30\uff31",
        "K\u0667M\u0662PQ",
        "K\u06f7M\u06f2PQ",
        "K\u096dM\u0968PQ",
    ],
)
def test_a_code_is_read_as_it_was_meant(typed: str) -> None:
    assert read_code(typed) == "K7M2PQ"


def test_what_holds_no_letter_or_digit_is_no_code() -> None:
    assert read_code("\u2066 \u200f\u2014 \U0001f600") == ""
