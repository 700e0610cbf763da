"""Canonical JSON: one spelling per value."""

from __future__ import annotations

import math
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cellctl.evidence.canonical import canonical, plain, restore

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_reading_and_writing_again_changes_no_byte(value: Any) -> None:
    """What a verifier reads back and spells again is what was hashed."""
    data = canonical(value)
    assert canonical(msgspec.json.decode(data)) == data


def test_keys_are_sorted_without_white_space() -> None:
    """The order of keys in memory does not matter."""
    assert canonical({"b": 1, "a": {"d": 2, "c": 3}}) == b'{"a":{"c":3,"d":2},"b":1}'


def test_non_finite_floats_keep_their_names() -> None:
    """A NaN on record is a NaN, not null, and comes back as one."""
    assert canonical([math.nan, math.inf, -math.inf]) == b'["NaN","Infinity","-Infinity"]'
    assert math.isnan(restore(plain(math.nan), float))
