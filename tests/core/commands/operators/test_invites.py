"""Invitations: no more than are wanted, and not too many."""

from __future__ import annotations

from hubbub.core.commands.channels.membership import INVITES
from tests.core.world_harness import Harness, shown


def test_who_has_silenced_somebody_is_not_invited_by_them(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    ann.send("JOIN #a")
    bob.send("SILENCE +ann!*@*")
    # As with messages, who is silenced does not learn of it.
    assert shown(ann.send("INVITE bob #a")) == ["341 ann bob #a"]
    assert bob.take() == []
    assert not harness.world.channels["#a"].invited
    bob.send("SILENCE -ann!*@*")
    ann.send("INVITE bob #a")
    assert [message.command for message in bob.take()] == ["INVITE"]


def test_invitations_have_a_rate_of_their_own(harness: Harness) -> None:
    ann, bob = harness.connect("ann"), harness.connect("bob")
    ann.send("JOIN #a")
    for _ in range(INVITES.limit):
        assert shown(ann.send("INVITE bob #a"))[0].startswith("341")
    (refused,) = shown(ann.send("INVITE bob #a"))
    assert refused.startswith("FAIL INVITE RATE_LIMITED bob #a")
    assert "invite again in 6 seconds" in refused
    assert len(bob.take()) == INVITES.limit
