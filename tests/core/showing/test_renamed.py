"""What is read back names its channel and its people as its reader knows them now.

Every record that names a channel, by every way to read: tests/node/test_renamed.py.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import ChannelRenamed, Joined, Kicked, TopicSet
from hubbub.core.records.entries import AnyRecord, Entry
from hubbub.core.records.messages import Redacted, Said
from hubbub.core.records.users import Disconnected
from hubbub.core.showing.renamed import between, in_channel

ORIGIN = Origin(SessionId(1, 1, 1), 1)
SOURCE = "ann!a@h"
MINE, THEIRS = "@a:ann/a:bob", "@a:bob/a:ann"


def entry(record: AnyRecord) -> Entry:
    return Entry(7, 1, "id7", record)


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (Said(ORIGIN, SOURCE, "", "PRIVMSG", "#old"), "target"),
        (Redacted(ORIGIN, SOURCE, "#old", "id3", 3, True), "target"),
        (Joined(ORIGIN, SOURCE, "", "Ann", "#old"), "channel"),
        (Kicked(ORIGIN, SOURCE, "#old", "bob", "out"), "channel"),
        (TopicSet(ORIGIN, SOURCE, "#old", "about #old"), "channel"),
    ],
)
def test_a_record_names_its_channel_as_it_is_called_now_and_changes_in_nothing_else(
    record: AnyRecord, field: str
) -> None:
    named = in_channel("#new")(entry(record))
    assert named == entry(replace(record, **{field: "#new"}))
    assert in_channel("#old")(entry(record)).record is record


@pytest.mark.parametrize(
    "record",
    [ChannelRenamed(ORIGIN, SOURCE, "#old", "#new"), Disconnected(ORIGIN, SOURCE, "gone")],
)
def test_what_tells_of_names_or_names_no_channel_stays_as_it_was(record: AnyRecord) -> None:
    assert in_channel("#newest")(entry(record)).record is record


def test_both_ends_of_a_conversation_are_called_as_they_are_now() -> None:
    said = Said(ORIGIN, SOURCE, "ann", "PRIVMSG", "bob", histories=(MINE, THEIRS))
    answer = Said(ORIGIN, "bob!b@h", "bob", "PRIVMSG", "ann", histories=(THEIRS, MINE))
    named = between(MINE, "anna", "robert")
    found = [named(entry(record)).record for record in (said, answer)]
    assert [(one.source, one.target) for one in found if isinstance(one, Said)] == [
        ("anna!a@h", "robert"),
        ("robert!b@h", "anna"),
    ]


def test_from_the_others_side_it_reads_the_other_way_round() -> None:
    said = Said(ORIGIN, SOURCE, "ann", "PRIVMSG", "bob", histories=(MINE, THEIRS))
    found = between(THEIRS, "robert", "anna")(entry(said)).record
    assert isinstance(found, Said)
    assert (found.source, found.target) == ("anna!a@h", "robert")


def test_what_is_called_right_already_is_left_alone() -> None:
    said = Said(ORIGIN, SOURCE, "ann", "PRIVMSG", "Bob", histories=(MINE,))
    named = between(MINE, "Ann", "bob")
    assert named(entry(said)).record is said
    gone = Disconnected(ORIGIN, SOURCE, "gone")
    assert named(entry(gone)).record is gone
