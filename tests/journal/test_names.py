"""Names of histories."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.journal.names import after_prefix, is_prefix

NAMES = st.text(st.sampled_from("aB/#é\ud7ff\ue000\uffff\U0001f600\U0010ffff"), max_size=5)


@given(NAMES, NAMES)
def test_the_range_holds_what_begins_so(prefix: str, name: str) -> None:
    end = after_prefix(prefix)
    place = name.encode()
    within = place >= prefix.encode() and (end is None or place < end.encode())
    assert within == name.startswith(prefix)


def test_only_direct_histories_are_named_by_a_prefix() -> None:
    assert is_prefix("@ann/*")
    assert not any(map(is_prefix, ("#*", "#a/*", "*", "", "@ann/bob", "@ann*")))
