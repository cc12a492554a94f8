"""What every record has."""

from __future__ import annotations

from typing import Any, get_args

import msgspec
import pytest

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import AnyRecord

KINDS = get_args(AnyRecord)


@pytest.mark.parametrize("kind", KINDS)
def test_every_record_says_first_where_it_came_from(kind: Any) -> None:
    assert msgspec.structs.fields(kind)[0].name == "origin"


def test_no_two_kinds_are_called_the_same_in_a_journal() -> None:
    tags = [kind.__struct_config__.tag for kind in KINDS]
    assert len(set(tags)) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_a_fact_is_not_changed_afterwards(kind: Any) -> None:
    origin = Origin(SessionId(1, 2, 3), 4)
    rest = [one for one in msgspec.structs.fields(kind) if one.required][1:]
    record = kind(origin, *("x" for _ in rest))
    with pytest.raises(AttributeError):
        record.origin = Origin(SessionId(9, 9, 9), 9)


def test_sessions_are_in_the_order_of_nodes_starts_and_numbers() -> None:
    early, later, elsewhere = SessionId(1, 1, 9), SessionId(1, 2, 1), SessionId(2, 1, 1)
    assert sorted([elsewhere, later, early]) == [early, later, elsewhere]
