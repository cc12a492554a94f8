"""Names of histories."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.journal.names import after_prefix, histories_of, is_prefix, is_said
from tests.journal.keeper import joined, kept, said

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


def test_what_people_said_is_told_from_events() -> None:
    drafts = [
        said("x", "#a"),
        said("x", command="NOTICE"),
        said("x", command="TAGMSG"),
        joined("#a"),
    ]
    assert [is_said(draft.record) for draft in drafts] == [True, True, False, False]


def test_each_history_of_a_record_is_named_once_and_some_have_none() -> None:
    found = [histories_of(draft.record) for draft in (said("x", "#a", "#b", "#a"), kept("#a"))]
    assert found == [("#a", "#b"), ()]
