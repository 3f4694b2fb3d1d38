"""Options are carried unchanged, and what means none is named."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.host.homework_fields import HomeworkFields
from sessions.host.option_fields import OptionFields
from sessions.rest.serializers import Options
from sessions.rules.options import (
    HOMEWORK,
    OPTIONS,
    InvalidOptions,
    SessionOptions,
    Value,
    all_options,
    options_from_json,
    options_to_json,
)


def values_of(name: str) -> st.SearchStrategy[Value]:
    """What an option may be."""
    default, may = OPTIONS[name].default, OPTIONS[name].metadata
    if isinstance(default, bool):
        return st.booleans()
    if isinstance(default, int):
        return st.just(default) | st.integers(may["least"], may["most"])
    if may["an_id"]:
        return st.just("") | st.from_regex(r"[A-Za-z0-9._-]{1,36}", fullmatch=True)
    return st.sampled_from(may["choices"])


given_options = st.fixed_dictionaries({}, optional={name: values_of(name) for name in OPTIONS})
anything = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.booleans(), max_size=2)


@given(given_options)
def test_options_come_back_as_they_were(data: dict[str, Any]) -> None:
    options = options_from_json(data)
    assert options_from_json(options_to_json(options)) == options
    assert options_from_json(all_options(options)) == options
    assert data.items() <= all_options(options).items()
    assert all(value != OPTIONS[name].default for name, value in options_to_json(options).items())


@given(st.dictionaries(st.sampled_from([*OPTIONS, "", "other"]), anything))
def test_whatever_is_sent_is_options_or_is_refused_by_name(data: dict[str, Any]) -> None:
    try:
        options = options_from_json(data)
    except InvalidOptions as error:
        assert error.name in data
        assert str(error)
    else:
        assert data.items() <= all_options(options).items()


@pytest.mark.parametrize("value", [1, "true", None, [True]])
def test_a_switch_is_true_or_false(value: object) -> None:
    with pytest.raises(InvalidOptions) as refused:
        options_from_json({"accent_keys": value})
    assert refused.value.name == "accent_keys"


def test_without_options_a_session_is_as_it_always_was() -> None:
    assert options_from_json({}) == SessionOptions()
    assert options_to_json(SessionOptions()) == {}


def test_every_option_can_be_chosen_by_hosts_and_is_told_over_rest() -> None:
    assert list(OptionFields.base_fields) == [name for name in OPTIONS if name not in HOMEWORK]
    assert set(HOMEWORK) < set(HomeworkFields.base_fields)
    assert list(Options().get_fields()) == list(OPTIONS)
    assert OptionFields({name: option.default for name, option in OPTIONS.items()}).is_valid()
