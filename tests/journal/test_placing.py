"""Drafts get their places one after the other."""

from __future__ import annotations

from hubbub.journal.msgid import MsgidKey
from hubbub.journal.placing import Placing
from hubbub.journal.stamps import Stamps
from tests.journal.keeper import kept, said

NOW = 1_700_000_000_000_000
KEY = MsgidKey(bytes(16))


def test_a_place_is_a_seq_a_time_and_a_msgid() -> None:
    drafts = [said("x", "#a"), said("y", "#a"), kept("#b")]
    entries = Placing(KEY, 7, Stamps()).place(drafts, NOW)
    assert [(e.seq, e.time, e.lead) for e in entries] == [
        (8, NOW, 0),
        (9, NOW + 1_000, 1_000),
        (10, NOW, 0),
    ]
    assert [KEY.decode(entry.msgid) for entry in entries] == [8, 9, 10]
    assert [(e.record, e.body) for e in entries] == [(d.record, d.body) for d in drafts]


def test_a_place_that_was_not_taken_is_given_again_at_a_later_time() -> None:
    placing = Placing(KEY, 0, Stamps())
    (lost,) = placing.place([said("lost", "#a")], NOW)
    (kept_one,) = placing.place([said("kept", "#a")], NOW)
    assert (kept_one.seq, kept_one.time) == (lost.seq, lost.time + 1_000)
    placing.settle([kept_one])
    (following,) = placing.place([said("next", "#a")], NOW)
    assert (placing.last_seq, following.seq) == (1, 2)
    assert placing.place([], NOW) == []
