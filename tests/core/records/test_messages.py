"""Facts about what was said, as they stand in journals."""

from __future__ import annotations

import pytest

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.records import messages
from hubbub.core.records.entries import AnyRecord
from hubbub.core.records.messages import (
    Announced,
    Edited,
    Erased,
    ReadMarked,
    Redacted,
    Said,
    SaidInAbsence,
)
from tests.core.records.forms import ORIGIN, OTHER, Written, check_older_texts, check_text, kinds_in
from tests.core.world_harness import Harness

WRITTEN: Written = [
    (
        Said(
            ORIGIN,
            source="ann!a@host",
            account="ann",
            command="PRIVMSG",
            target="#a",
            to=OTHER,
            histories=("#a",),
            bot=True,
            relayed_by="cy",
            by_operator=True,
            to_account="bob",
            ctcp=True,
        ),
        '["said",[[1,2,3],4],"ann!a@host","ann","PRIVMSG","#a",[1,2,9],["#a"],true,"cy",true,'
        '"bob",true]',
    ),
    (
        SaidInAbsence(
            ORIGIN,
            source="ann!a@host",
            account="ann",
            command="PRIVMSG",
            target="#a",
            to=OTHER,
            histories=("#a",),
            bot=True,
            relayed_by="cy",
            by_operator=True,
            to_account="bob",
            ctcp=True,
            bound=200,
        ),
        '["said-absent",[[1,2,3],4],"ann!a@host","ann","PRIVMSG","#a",[1,2,9],["#a"],true,'
        '"cy",true,"bob",true,200]',
    ),
    (
        Announced(ORIGIN, source="ann!a@host", text="hello", by_operator=True, by_account="ann"),
        '["wallops",[[1,2,3],4],"ann!a@host","hello",true,"ann"]',
    ),
    (
        Edited(
            ORIGIN,
            source="ann!a@host",
            target="#a",
            msgid="m1",
            seq=7,
            command="NOTICE",
            to=OTHER,
            message_histories=("#a",),
            keeps=True,
            by_account="ann",
        ),
        '["edit",[[1,2,3],4],"ann!a@host","#a","m1",7,"NOTICE",[1,2,9],["#a"],true,"ann"]',
    ),
    (
        Redacted(
            ORIGIN,
            source="ann!a@host",
            target="#a",
            msgid="m1",
            seq=7,
            own=True,
            reason="why",
            to=OTHER,
            histories=("#a",),
            by_operator=True,
            by_account="ann",
            purged=True,
        ),
        '["redact",[[1,2,3],4],"ann!a@host","#a","m1",7,true,"why",[1,2,9],["#a"],true,"ann",true]',
    ),
    (Erased(ORIGIN, seqs=(5, 6)), '["erase",[[1,2,3],4],[5,6]]'),
    (
        ReadMarked(ORIGIN, target="#a", time=1_700_000_000_000_000, newest=1_700_000_000_000_001),
        '["markread",[[1,2,3],4],"#a",1700000000000000,1700000000000001]',
    ),
]


def test_every_kind_is_written_here() -> None:
    assert {type(record) for record, _ in WRITTEN} == kinds_in(messages)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_stands_in_journals_is_read_as_it_was_meant(record: AnyRecord, text: str) -> None:
    check_text(record, text)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_was_written_before_the_newer_fields_is_read(record: AnyRecord, text: str) -> None:
    check_older_texts(record, text)


def test_what_is_said_to_who_is_here_changes_nothing_that_a_start_needs(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect_as("bob", "bob")
    for line in ("OPER root secret", "JOIN #a"):
        ann.send(line)
    world, first = snapshot.decode(snapshot.encode(harness.world)), len(harness.entries)
    for line in ("PRIVMSG bob :hello", "NOTICE #a :all", "WALLOPS :all"):
        ann.send(line)
    said = harness.entries[first:]
    assert {type(one.record) for one in said if not one.record.changes_world} == {Said, Announced}
    for entry in said:
        if entry.record.changes_world:
            apply(world, entry)
    world.applied = harness.world.applied
    assert snapshot.encode(world) == snapshot.encode(harness.world)
    harness.disconnect(bob)
    ann.send("PRIVMSG bob :it waits")
    assert harness.entries[-1].record.changes_world
