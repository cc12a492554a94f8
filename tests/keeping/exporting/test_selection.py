"""What is meant by a channel, an account, or neither."""

from __future__ import annotations

import pytest

from hubbub.core.records.entries import AnyRecord, Entry
from hubbub.core.records.messages import Said
from hubbub.core.records.users import Renamed
from hubbub.keeping.exporting.selection import Selection, _concerns
from tests.journal.keeper import ORIGIN

OWN = "@a:ann/"


@pytest.mark.parametrize(
    ("record", "is_hers"),
    [
        (Said(ORIGIN, "x!x@x", "Ann", "PRIVMSG", "#a", None, ("#a",)), True),
        (Said(ORIGIN, "x!x@x", "bob", "PRIVMSG", "#a", None, ("#a",)), False),
        (
            Said(ORIGIN, "x!x@x", "bob", "PRIVMSG", "ann", None, ("@a:bob/a:ann", "@a:ann/a:bob")),
            True,
        ),
        (Said(ORIGIN, "x!x@x", "bob", "PRIVMSG", "anna", None, ("@a:anna/a:bob",)), False),
        (Renamed(ORIGIN, "x!x@x", "y", ("#a",), by_account="ann"), True),
    ],
)
def test_what_concerns_an_account(record: AnyRecord, is_hers: bool) -> None:
    assert _concerns(Entry(1, 1, "", record), "ann", OWN) == is_hers


def test_each_has_a_title() -> None:
    titles = [one.title for one in (Selection(), Selection("#a"), Selection(account="ann"))]
    assert titles == ["Everything", "Channel #a", "All that ann said and was told"]
