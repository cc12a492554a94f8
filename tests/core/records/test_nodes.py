"""Facts about nodes, as they stand in journals."""

from __future__ import annotations

import pytest

from hubbub.core.records import nodes
from hubbub.core.records.entries import AnyRecord
from hubbub.core.records.nodes import (
    ORDER,
    ClockSetBack,
    Forgotten,
    NodeAdmitted,
    NodeDraining,
    NodeLeft,
    NodeLost,
    NodeStarted,
    NodeStopped,
    RetentionSet,
    RulesRaised,
    SettingsSet,
)
from tests.core.records.forms import ORIGIN, Written, check_older_texts, check_text, kinds_in

WRITTEN: Written = [
    (
        NodeStarted(
            ORIGIN, knows=8, least=7, program="2.0", bundle="b", name="c", route="r", door="d"
        ),
        '["start",[[1,2,3],4],8,7,"2.0","b","c","r","d"]',
    ),
    (
        NodeAdmitted(ORIGIN, name="b", route="b:6222", door="b:7900"),
        '["admit",[[1,2,3],4],"b","b:6222","b:7900"]',
    ),
    (NodeDraining(ORIGIN, node=3, is_draining=False), '["drain",[[1,2,3],4],3,false]'),
    (NodeLeft(ORIGIN, node=3), '["left",[[1,2,3],4],3]'),
    (
        SettingsSet(ORIGIN, name="channels.keep_limit", value="5"),
        '["settings",[[1,2,3],4],"channels.keep_limit","5"]',
    ),
    (Forgotten(ORIGIN, history="!audit", upto=5), '["forgot",[[1,2,3],4],"!audit",5]'),
    (NodeStopped(ORIGIN, told=((5, 6),)), '["stop",[[1,2,3],4],[[5,6]]]'),
    (NodeLost(ORDER, node=3, epoch=7), '["lost",[[0,0,0],0],3,7]'),
    (RulesRaised(ORIGIN, rules=8), '["rules",[[1,2,3],4],8]'),
    (
        RetentionSet(
            ORIGIN,
            stay_seconds=5,
            audit_days=6,
            channel_days=7,
            channel_messages=8,
            direct_days=9,
            direct_messages=10,
        ),
        '["retain",[[1,2,3],4],5,6,7,8,9,10]',
    ),
    (
        ClockSetBack(
            ORIGIN, ahead=3_600_000_000, since=1_699_990_000_000_000, now=1_700_000_000_000_000
        ),
        '["clock",[[1,2,3],4],3600000000,1699990000000000,1700000000000000]',
    ),
]


def test_every_kind_is_written_here() -> None:
    assert {type(record) for record, _ in WRITTEN} == kinds_in(nodes)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_stands_in_journals_is_read_as_it_was_meant(record: AnyRecord, text: str) -> None:
    check_text(record, text)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_was_written_before_the_newer_fields_is_read(record: AnyRecord, text: str) -> None:
    check_older_texts(record, text)
