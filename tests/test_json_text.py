"""Is the text what json writes, where JSON can say it?"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.json_text import indented

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_what_is_read_is_what_was_written(value: object) -> None:
    assert json.loads(indented(value)) == value


def test_its_form_is_that_of_json() -> None:
    value = {"b": [1, {"ü": "a\n\x1b[31m"}, [], {}], "a": None}
    assert indented(value) == json.dumps(value, indent=1, ensure_ascii=False)
    assert indented(value, sort=True) == json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True)


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_json_has_no_number_for_is_null(number: float) -> None:
    assert json.loads(indented([number])) == [None]


def test_what_cannot_be_encoded_is_left_to_json() -> None:
    assert json.loads(indented({"a": "\ud800"})) == {"a": "\ud800"}
