"""CATCHUP and MENTIONS: what they ask the archive for, and what is wrong with a question."""

from __future__ import annotations

import pytest

from hubbub.core.requests import Digest, Mentions, Msgid
from tests.core.world_harness import Harness

TIME = "timestamp=2020-01-01T00:00:00.000Z"


def test_each_channel_counts_from_what_was_read_or_from_ones_coming(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    for channel in ("#a", "#b"):
        ann.send(f"JOIN {channel}")
    ann.send(f"MARKREAD #a {TIME}")
    ann.taken_requests()
    ann.send("CATCHUP 5")
    (asked,) = (one for one in ann.taken_requests() if isinstance(one, Digest))
    since = harness.world.channels["#b"].members[ann.user].since
    assert [one.after for one in asked.channels] == [1_577_836_800_000_000, since]
    assert (asked.direct, asked.limit) == ("@a:ann/", 5)


def test_mentions_go_on_from_a_message(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann")
    ann.taken_requests()
    ann.send("MENTIONS msgid=abc 3")
    (asked,) = (one for one in ann.taken_requests() if isinstance(one, Mentions))
    assert (asked.before, asked.limit) == (Msgid("abc"), 3)


@pytest.mark.parametrize(
    "line", ["CATCHUP x", "CATCHUP 0", "MENTIONS * x", "MENTIONS yesterday", "MENTIONS msgid="]
)
def test_what_is_wrong_is_said(harness: Harness, line: str) -> None:
    (answer,) = harness.connect_as("ann", "ann").send(line)
    assert answer.params[:2] == (line.split()[0], "INVALID_PARAMS")


def test_for_a_guest_nobody_knows_what_was_read(harness: Harness) -> None:
    guest = harness.connect("guest")
    for command in ("CATCHUP", "MENTIONS"):
        (answer,) = guest.send(command)
        assert answer.params[:2] == (command, "ACCOUNT_REQUIRED")
