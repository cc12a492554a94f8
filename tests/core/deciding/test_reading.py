"""What of a target may be read: the one answer for all that reads it back."""

from __future__ import annotations

import pytest

from hubbub.core.access.history import EVERYTHING
from hubbub.core.deciding.reading import readable
from hubbub.irc.message import Message
from tests.core.world_harness import Client, Harness


def read(client: Client, target: str) -> str | None:
    """Return the history that somebody may read of a target, if any."""
    found = readable(client.command_context(Message("CHATHISTORY")), target)
    if found is None:
        return None
    history, name, part = found
    assert (name.lower(), part) == (target.lower(), EVERYTHING)
    return history


@pytest.fixture
def ann(harness: Harness) -> Client:
    ann = harness.connect("ann")
    ann.send("JOIN #a")
    return ann


def test_a_channel_is_read_by_who_is_in(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    assert read(ann, "#A") == harness.world.channels["#a"].history
    assert read(bob, "#a") is None
    assert read(bob, "#nowhere") is None
    ann.send("PART #a")
    assert read(ann, "#a") is None


def test_who_passes_by_reads_what_who_came_in_would(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob", "hubbub/quiet")
    assert read(bob, "#a") == harness.world.channels["#a"].history
    ann.send("MODE #a +s")
    assert read(bob, "#a") is None


def test_a_conversation_is_read_on_ones_own_side(harness: Harness, ann: Client) -> None:
    bob = harness.connect("bob")
    assert read(ann, "bob") == f"@{ann.user.presence}/{bob.user.presence}"
    assert read(ann, "gone") == f"@{ann.user.presence}/"
    assert read(ann, "no nick") is None
