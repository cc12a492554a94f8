"""Facts about metadata, as they stand in journals."""

from __future__ import annotations

import pytest

from hubbub.core.records import metadata
from hubbub.core.records.base import Origin
from hubbub.core.records.entries import AnyRecord, Draft
from hubbub.core.records.metadata import BufferSet, MetadataSet
from tests.core.records.forms import ORIGIN, Written, check_older_texts, check_text, kinds_in
from tests.core.world_harness import Harness

WRITTEN: Written = [
    (
        MetadataSet(
            ORIGIN,
            channel="#a",
            history="#a,1.2.3.4",
            keys=("avatar", "url"),
            value="https://pic.example",
            cleared=True,
        ),
        '["metadata",[[1,2,3],4],"#a","#a,1.2.3.4",["avatar","url"],"https://pic.example",true]',
    ),
    (
        BufferSet(ORIGIN, target="#a", key="soju.im/muted", value="1"),
        '["buffer",[[1,2,3],4],"#a","soju.im/muted","1"]',
    ),
]


def test_every_kind_is_written_here() -> None:
    assert {type(record) for record, _ in WRITTEN} == kinds_in(metadata)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_stands_in_journals_is_read_as_it_was_meant(record: AnyRecord, text: str) -> None:
    check_text(record, text)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_was_written_before_the_newer_fields_is_read(record: AnyRecord, text: str) -> None:
    check_older_texts(record, text)


def test_a_record_without_a_value_takes_the_keys_away(harness: Harness) -> None:
    ann = harness.connect("ann", "draft/metadata-2")
    for line in ("JOIN #a", "METADATA #a SET url :https://a.example"):
        ann.send(line)
    channel, origin = harness.world.channels["#a"], Origin(ann.session.id, 99)
    assert channel.metadata == {"url": "https://a.example"}
    harness.append(Draft(MetadataSet(origin, "#a", channel.history, ("url",))))
    harness.settle()
    assert channel.metadata == {}
