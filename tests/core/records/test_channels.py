"""Facts about channels, as they stand in journals."""

from __future__ import annotations

import pytest

from hubbub.core.records import channels
from hubbub.core.records.base import Origin
from hubbub.core.records.channels import (
    ChannelModesSet,
    ChannelRenamed,
    Invited,
    Joined,
    Kept,
    Kicked,
    ListEntryExpired,
    Parted,
    TopicSet,
)
from hubbub.core.records.entries import AnyRecord, Draft
from tests.core.records.forms import ORIGIN, OTHER, Written, check_older_texts, check_text, kinds_in
from tests.core.world_harness import Harness

WRITTEN: Written = [
    (
        Kept(ORIGIN, patterns=("#kept", "#team-*"), limit=20, spares=True),
        '["kept",[[1,2,3],4],["#kept","#team-*"],20,true]',
    ),
    (
        Joined(
            ORIGIN,
            source="ann!a@host",
            account="ann",
            realname="Ann",
            channel="#a",
            key="key",
            histories=("#a",),
            invited=True,
            by_operator=True,
            victim=OTHER,
            limit=20,
        ),
        '["join",[[1,2,3],4],"ann!a@host","ann","Ann","#a","key",["#a"],true,true,[1,2,9],20]',
    ),
    (
        Parted(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            reason="why",
            histories=("#a",),
            by_operator=True,
            by_account="ann",
            victim=OTHER,
        ),
        '["part",[[1,2,3],4],"ann!a@host","#a","why",["#a"],true,"ann",[1,2,9]]',
    ),
    (
        Kicked(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            nick="bob",
            reason="why",
            histories=("#a",),
            victim=OTHER,
            by_operator=True,
            by_account="ann",
        ),
        '["kick",[[1,2,3],4],"ann!a@host","#a","bob","why",["#a"],[1,2,9],true,"ann"]',
    ),
    (
        TopicSet(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            text="hello",
            histories=("#a",),
            by_operator=True,
            by_account="ann",
        ),
        '["topic",[[1,2,3],4],"ann!a@host","#a","hello",["#a"],true,"ann"]',
    ),
    (
        ChannelModesSet(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            changes=(("+o", "bob"), ("-k", "*")),
            histories=("#a",),
            targets=(OTHER,),
            by_operator=True,
            by_account="ann",
            seconds=60,
            reason="why",
            limit=20,
        ),
        '["mode",[[1,2,3],4],"ann!a@host","#a",[["+o","bob"],["-k","*"]],["#a"],[[1,2,9]],'
        'true,"ann",60,"why",20]',
    ),
    (
        ListEntryExpired(
            ORIGIN, source="hub.test", channel="#a", letter="b", mask="x!*@*", histories=("#a",)
        ),
        '["expired",[[1,2,3],4],"hub.test","#a","b","x!*@*",["#a"]]',
    ),
    (
        Invited(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            nick="bob",
            incarnation="#a,1.2.3.4",
            guest=OTHER,
            by_operator=True,
            by_account="ann",
            lets_in=False,
        ),
        '["invite",[[1,2,3],4],"ann!a@host","#a","bob","#a,1.2.3.4",[1,2,9],true,"ann",false]',
    ),
    (
        ChannelRenamed(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            name="#new",
            reason="why",
            histories=("#a",),
            by_operator=True,
            by_account="ann",
        ),
        '["rename-channel",[[1,2,3],4],"ann!a@host","#a","#new","why",["#a"],true,"ann"]',
    ),
]


def test_every_kind_is_written_here() -> None:
    assert {type(record) for record, _ in WRITTEN} == kinds_in(channels)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_stands_in_journals_is_read_as_it_was_meant(record: AnyRecord, text: str) -> None:
    check_text(record, text)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_was_written_before_the_newer_fields_is_read(record: AnyRecord, text: str) -> None:
    check_older_texts(record, text)


def test_an_invitation_of_before_ranks_counted_lets_in(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    ann.send("JOIN #a")
    ann.send("MODE #a +i")
    channel = harness.world.channels["#a"]
    origin = Origin(ann.session.id, 99)
    history, guest = channel.history, bob.user.id
    harness.append(Draft(Invited(origin, ann.user.source, "#a", "bob", history, guest)))
    harness.settle()
    bob.send("JOIN #a")
    assert bob.user in channel.members


def test_a_list_of_masks_from_before_there_was_a_bound_is_kept_whole(harness: Harness) -> None:
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    channel, origin = harness.world.channels["#a"], Origin(ann.session.id, 99)
    changes = tuple(("+b", f"x{number}!*@*") for number in range(500))
    record = ChannelModesSet(origin, ann.user.source, "#a", changes, (channel.history,))
    harness.append(Draft(record))
    harness.settle()
    assert len(channel.lists["b"]) == 500
