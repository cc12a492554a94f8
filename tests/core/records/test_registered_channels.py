"""Facts about registered channels, as they stand in journals."""

from __future__ import annotations

import pytest

from hubbub.core.records import registered_channels
from hubbub.core.records.entries import AnyRecord
from hubbub.core.records.registered_channels import (
    ChannelAccessSet,
    ChannelPastOpened,
    ChannelRegistered,
    ChannelRetentionSet,
    ChannelTransferred,
    ChannelUnregistered,
)
from tests.core.records.forms import ORIGIN, Written, check_older_texts, check_text, kinds_in

WRITTEN: Written = [
    (
        ChannelRegistered(
            ORIGIN,
            source="ann!a@host",
            account="ann",
            channel="#a",
            incarnation="#a,1.2.3.4",
            limit=20,
        ),
        '["register-channel",[[1,2,3],4],"ann!a@host","ann","#a","#a,1.2.3.4",20]',
    ),
    (
        ChannelUnregistered(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            incarnation="#a,1.2.3.4",
            purged=True,
            reason="why",
        ),
        '["unregister-channel",[[1,2,3],4],"ann!a@host","#a","#a,1.2.3.4",true,"why"]',
    ),
    (
        ChannelTransferred(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            account="ann",
            incarnation="#a,1.2.3.4",
            limit=20,
        ),
        '["transfer-channel",[[1,2,3],4],"ann!a@host","#a","ann","#a,1.2.3.4",20]',
    ),
    (
        ChannelAccessSet(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            account="ann",
            level="o",
            incarnation="#a,1.2.3.4",
            limit=20,
        ),
        '["channel-access",[[1,2,3],4],"ann!a@host","#a","ann","o","#a,1.2.3.4",20]',
    ),
    (
        ChannelPastOpened(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            histories=("#a",),
            by_operator=True,
            by_account="ann",
        ),
        '["open-past",[[1,2,3],4],"ann!a@host","#a",["#a"],true,"ann"]',
    ),
    (
        ChannelRetentionSet(
            ORIGIN,
            source="ann!a@host",
            channel="#a",
            incarnation="#a,1.2.3.4",
            days=30,
            messages=1000,
        ),
        '["channel-retention",[[1,2,3],4],"ann!a@host","#a","#a,1.2.3.4",30,1000]',
    ),
]


def test_every_kind_is_written_here() -> None:
    assert {type(record) for record, _ in WRITTEN} == kinds_in(registered_channels)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_stands_in_journals_is_read_as_it_was_meant(record: AnyRecord, text: str) -> None:
    check_text(record, text)


@pytest.mark.parametrize(("record", "text"), WRITTEN)
def test_what_was_written_before_the_newer_fields_is_read(record: AnyRecord, text: str) -> None:
    check_older_texts(record, text)
