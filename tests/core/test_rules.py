"""Rules are told apart by their numbers, and records by the first that know them."""

from __future__ import annotations

from typing import get_args

from hubbub.core.records.entries import AnyRecord
from hubbub.core.rules import AGREED, FENCED, FIRST_RULES, RULES, SINCE, SPARING, STAYING


def test_no_rule_is_newer_than_the_newest_nor_older_than_the_first() -> None:
    for since in (AGREED, FENCED, SPARING, STAYING, *SINCE.values()):
        assert FIRST_RULES <= since <= RULES


def test_only_records_that_there_are_have_a_beginning() -> None:
    assert SINCE.keys() <= set(get_args(AnyRecord))
