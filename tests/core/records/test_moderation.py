"""Facts about keeping order, as they stand in journals."""

from __future__ import annotations

import pytest

from hubbub.core.records import moderation
from hubbub.core.records.entries import AnyRecord
from hubbub.core.records.moderation import (
    AUDIT,
    NetworkBanAdded,
    NetworkBanRemoved,
    OperatorActed,
    SwitchSet,
)
from hubbub.irc import names
from tests.core.records.forms import ORIGIN, Written, check_older_texts, check_text, kinds_in

WRITTEN: Written = [
    (
        NetworkBanAdded(
            ORIGIN,
            kind="mask",
            target="x!*@*",
            operator="root",
            seconds=60,
            reason="why",
            note="for ann",
            console=True,
            rank="owner",
        ),
        '["ban",[[1,2,3],4],"mask","x!*@*","root",60,"why","for ann",true,"owner"]',
    ),
    (
        NetworkBanRemoved(ORIGIN, kind="mask", target="x!*@*", console=True),
        '["unban",[[1,2,3],4],"mask","x!*@*",true]',
    ),
    (
        SwitchSet(ORIGIN, name="guests", closed=True, reason="why", console=True),
        '["switch",[[1,2,3],4],"guests",true,"why",true]',
    ),
    (
        OperatorActed(
            ORIGIN,
            source="ann!a@host",
            operator="root",
            account="ann",
            action="KILL",
            target="bob",
            details="how",
            histories=("!audit", "#a"),
        ),
        '["acted",[[1,2,3],4],"ann!a@host","root","ann","KILL","bob","how",["!audit","#a"]]',
    ),
]


def test_every_kind_is_written_here() -> None:
    assert {type(record) for record, _ in WRITTEN} == kinds_in(moderation)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_stands_in_journals_is_read_as_it_was_meant(record: AnyRecord, text: str) -> None:
    check_text(record, text)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_was_written_before_the_newer_fields_is_read(record: AnyRecord, text: str) -> None:
    check_older_texts(record, text)


def test_what_operators_did_is_in_a_history_that_nobody_can_name() -> None:
    acted = OperatorActed(ORIGIN, "ann!a@host", "root", "ann", "KILL")
    assert acted.histories == (AUDIT,)
    assert not names.is_channel(AUDIT)
    assert not names.is_nick(AUDIT)
