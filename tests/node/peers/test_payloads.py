"""Payloads: read back as they were written, and nothing else is read."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.node.peers.payloads import MOST, TEXT, packed, unpacked

KINDS = (str, int, bool, list)
TEXTS = st.text(st.characters(categories=["L", "N", "P"]), max_size=20)


@given(TEXTS, st.integers(0, MOST - 1), st.booleans(), st.lists(st.integers(0, 1000)))
def test_what_is_packed_is_unpacked(text: str, number: int, yes: bool, many: list[int]) -> None:
    payload = packed(text, number, yes, many)
    found = unpacked(payload, KINDS)
    assert found == ([text, number, yes, many] if len(payload) <= 8192 else None)


@pytest.mark.parametrize(
    "values",
    [
        ["a", 1, True],
        ["a", 1, True, [], 5],
        ["a", True, True, []],
        ["a", 1, 1, []],
        ["a", 1.0, True, []],
        ["a", -1, True, []],
        ["a", MOST, True, []],
        ["a", 1, True, ["b"]],
        ["a", 1, True, [True]],
        ["a", 1, True, [[1]]],
        ["a\r\nQUIT", 1, True, []],
        ["x" * (TEXT + 1), 1, True, []],
        [None, 1, True, []],
        {"a": 1},
        "a",
    ],
)
def test_what_is_not_as_it_should_be_is_nothing(values: object) -> None:
    assert unpacked(json.dumps(values).encode(), KINDS) is None


@given(st.binary(max_size=200) | st.just(b"[" * 8000) | st.just(b"[1e999]"))
def test_no_bytes_are_a_fault(payload: bytes) -> None:
    assert unpacked(payload, (float,)) is None or json.loads(payload)
