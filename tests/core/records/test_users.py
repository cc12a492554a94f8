"""Facts about users, as they stand in journals."""

from __future__ import annotations

import pytest

from hubbub.core.policy.privileges import ADMIN, privileges_of
from hubbub.core.records import users
from hubbub.core.records.base import Origin
from hubbub.core.records.entries import AnyRecord, Draft
from hubbub.core.records.users import (
    AwaySet,
    Connected,
    Disconnected,
    Killed,
    RealnameSet,
    Renamed,
    SilenceSet,
    StayEnded,
    UserModesSet,
)
from tests.core.records.forms import ORIGIN, OTHER, Written, check_older_texts, check_text, kinds_in
from tests.core.world_harness import Harness

WRITTEN: Written = [
    (
        Connected(
            ORIGIN,
            nick="ann",
            username="a",
            host="host",
            realname="Ann",
            account="ann",
            modes="iw",
            scope="post:#a",
            secure=True,
            absent=True,
            metadata=(("avatar", "x"),),
            device="password: a",
            quiet=True,
        ),
        '["connect",[[1,2,3],4],"ann","a","host","Ann","ann","iw","post:#a",true,true,'
        '[["avatar","x"]],"password: a",true]',
    ),
    (
        Disconnected(
            ORIGIN,
            source="ann!a@host",
            reason="why",
            histories=("#a",),
            by_operator=True,
            by_account="ann",
            told=6,
        ),
        '["quit",[[1,2,3],4],"ann!a@host","why",["#a"],true,"ann",6]',
    ),
    (
        Renamed(
            ORIGIN,
            source="ann!a@host",
            nick="bob",
            histories=("#a",),
            by_operator=True,
            by_account="ann",
            victim=OTHER,
        ),
        '["nick",[[1,2,3],4],"ann!a@host","bob",["#a"],true,"ann",[1,2,9]]',
    ),
    (
        Killed(
            ORIGIN,
            source="ann!a@host",
            victim="bob!b@host",
            reason="why",
            histories=("#a",),
            to=OTHER,
            by_owner=True,
        ),
        '["kill",[[1,2,3],4],"ann!a@host","bob!b@host","why",["#a"],[1,2,9],true]',
    ),
    (
        StayEnded(
            ORIGIN,
            source="ann!a@host",
            user=OTHER,
            since=1_700_000_000,
            reason="why",
            histories=("#a",),
        ),
        '["stay-end",[[1,2,3],4],"ann!a@host",[1,2,9],1700000000,"why",["#a"]]',
    ),
    (
        UserModesSet(
            ORIGIN,
            source="ann!a@host",
            changes=("+i", "-B"),
            operator="root",
            operator_class="admin",
            by_operator=True,
            by_account="ann",
        ),
        '["umode",[[1,2,3],4],"ann!a@host",["+i","-B"],"root","admin",true,"ann"]',
    ),
    (
        AwaySet(
            ORIGIN, source="ann!a@host", text="out for lunch", by_operator=True, by_account="ann"
        ),
        '["away",[[1,2,3],4],"ann!a@host","out for lunch",true,"ann"]',
    ),
    (
        RealnameSet(
            ORIGIN, source="ann!a@host", realname="Ann", by_operator=True, by_account="ann"
        ),
        '["setname",[[1,2,3],4],"ann!a@host","Ann",true,"ann"]',
    ),
    (
        SilenceSet(ORIGIN, added=("x!*@*",), removed=("y!*@*",), limit=20),
        '["silence",[[1,2,3],4],["x!*@*"],["y!*@*"],20]',
    ),
]


def test_every_kind_is_written_here() -> None:
    assert {type(record) for record, _ in WRITTEN} == kinds_in(users)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_stands_in_journals_is_read_as_it_was_meant(record: AnyRecord, text: str) -> None:
    check_text(record, text)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_was_written_before_the_newer_fields_is_read(record: AnyRecord, text: str) -> None:
    check_older_texts(record, text)


def test_an_operator_of_before_there_were_classes_is_an_admin(harness: Harness) -> None:
    ann = harness.connect("ann")
    origin = Origin(ann.session.id, 99)
    harness.append(Draft(UserModesSet(origin, ann.user.source, ("+o",), "root")))
    harness.settle()
    assert ann.user.is_operator
    assert ann.user.privileges == privileges_of(ADMIN)


def test_masks_of_before_there_was_a_bound_are_all_kept(harness: Harness) -> None:
    ann = harness.connect("ann")
    masks = tuple(f"x{number}!*@*" for number in range(200))
    harness.append(Draft(SilenceSet(Origin(ann.session.id, 99), masks, ())))
    harness.settle()
    assert harness.world.silenced[ann.user.presence] == masks
