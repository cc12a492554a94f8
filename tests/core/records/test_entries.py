"""Records in their places, with their bodies."""

from __future__ import annotations

import importlib
import pkgutil
from typing import get_args

from hypothesis import given
from hypothesis import strategies as st

from hubbub.core import records
from hubbub.core.records.entries import AnyRecord, Body, Entry
from hubbub.core.records.nodes import NodeStarted
from tests.core.records.forms import ORIGIN, kinds_in


def test_every_kind_that_a_subject_has_can_be_in_a_journal() -> None:
    found = set()
    for module in pkgutil.iter_modules(records.__path__, f"{records.__name__}."):
        found |= kinds_in(importlib.import_module(module.name))
    assert {kind for kind in found if kind.__name__ != "Record"} == set(get_args(AnyRecord))


@given(st.integers(0, 1 << 50), st.integers(0, 1 << 30))
def test_the_clock_of_an_entry_is_its_time_without_the_lead(clock: int, lead: int) -> None:
    entry = Entry(1, clock + lead, "m1", NodeStarted(ORIGIN), lead=lead)
    assert entry.clock == clock
    assert entry.seconds * 1_000_000 <= clock < (entry.seconds + 1) * 1_000_000


def test_bodies_without_tags_do_not_share_them() -> None:
    Body("one").tags["+typing"] = "done"
    assert Body("two").tags == {}
