"""What in records is somebody's words."""

from __future__ import annotations

import pytest

from hubbub.core.records import channels, users
from hubbub.core.records.entries import AnyRecord
from hubbub.core.records.erasure import is_message, is_of, without_words
from hubbub.core.records.messages import Said
from tests.journal.keeper import ORIGIN

ANN = "Ann!a@host"


@pytest.mark.parametrize(
    ("record", "is_hers"),
    [
        (Said(ORIGIN, ANN, "Ann", "PRIVMSG", "#a"), True),
        (Said(ORIGIN, ANN, "", "PRIVMSG", "#a"), False),
        (Said(ORIGIN, "bob!b@h", "bob", "PRIVMSG", "ann", to_account="Ann"), False),
        (channels.Parted(ORIGIN, ANN, "#a", "bye", by_account="ANN"), True),
        (channels.Kicked(ORIGIN, "bob!b@h", "#a", "ann", "so", by_account="bob"), False),
    ],
)
def test_what_an_account_did_is_its_own(record: AnyRecord, is_hers: bool) -> None:
    assert is_of(record, "ann") == is_hers
    assert is_message(record) == isinstance(record, Said)


@pytest.mark.parametrize(
    "record",
    [
        channels.Joined(ORIGIN, ANN, "Ann", "a secret", "#a"),
        channels.Parted(ORIGIN, ANN, "#a", "a secret"),
        channels.TopicSet(ORIGIN, ANN, "#a", "a secret"),
        channels.Kicked(ORIGIN, ANN, "#a", "bob", "a secret"),
        users.AwaySet(ORIGIN, ANN, "a secret"),
        users.RealnameSet(ORIGIN, ANN, "a secret"),
        users.Disconnected(ORIGIN, ANN, "a secret"),
    ],
)
def test_words_go_and_the_rest_stays(record: AnyRecord) -> None:
    rest = without_words(record)
    assert "secret" not in repr(rest)
    assert (type(rest), rest.source) == (type(record), ANN)  # type: ignore[union-attr]
    assert without_words(rest) is rest
