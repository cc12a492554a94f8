"""What an operator makes others do: it is done to somebody who is here, by one who still may."""

from __future__ import annotations

import pytest

from hubbub.core.records.channels import Joined, Parted
from hubbub.core.records.entries import AnyRecord
from hubbub.core.records.users import Renamed
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import Client, Harness, refusal, shown


@pytest.fixture
def mod(harness: Harness) -> Client:
    return operator(harness, "mod", "moderator")


def forced(by: Client, victim: Client) -> tuple[AnyRecord, ...]:
    """Return what an operator has another do: enter #a, leave it, and take a nick."""
    user = victim.user
    return (
        Joined(by.origin, user.source, "", "", "#a", victim=user.id),
        Parted(by.origin, user.source, "#a", victim=user.id),
        Renamed(by.origin, user.source, "renamed", victim=user.id),
    )


def test_who_is_made_to_do_something_is_told_by_whom(harness: Harness, mod: Client) -> None:
    ann = harness.connect("ann")
    for record, what in zip(
        forced(mod, ann),
        ("made you join #a", "made you leave #a", "gave you the nick renamed"),
        strict=True,
    ):
        assert refusal(harness.enter(record)) == ""
        assert f"NOTICE {ann.user.nick} The operator mod {what}" in shown(ann.take())


def test_an_operator_whose_victim_or_right_is_gone_is_told_that_nobody_is_there(
    harness: Harness, mod: Client
) -> None:
    ann, boss = harness.connect("ann"), operator(harness, "boss", "owner")
    boss.send("JOIN #a")
    for by, victim in ((ann, mod), (mod, boss)):
        for record in forced(by, victim):
            assert refusal(harness.enter(record)) == "401"
    for record in forced(ann, harness.connect("eve")):
        assert refusal(harness.enter(record)) == "401", "ann is no operator"
    gone = forced(mod, ann)
    harness.disconnect(ann)
    mod.take()
    assert [refusal(harness.enter(record)) for record in gone] == ["401"] * 3
    assert shown(mod.take()) == ["401 mod ann No such nick"] * 3


def test_what_an_operator_asked_for_who_is_gone_by_now_is_done_to_nobody(
    harness: Harness, mod: Client
) -> None:
    ann = harness.connect("ann")
    records = forced(mod, ann)
    harness.disconnect(mod)
    for record in records:
        assert refusal(harness.enter(record)) == "401"
    assert ann.user.nick == "ann"


def test_what_one_does_oneself_is_told_by_no_operator(harness: Harness) -> None:
    ann = harness.connect("ann")
    for line in ("JOIN #a", "NICK anna", "PART #a"):
        told = [message.command for message in ann.send(line)]
        assert "NOTICE" not in told


def test_who_is_gone_itself_is_told_nothing(harness: Harness, mod: Client) -> None:
    ann = harness.connect("ann")
    source = ann.user.source
    records = (Joined(ann.origin, source, "", "", "#a"), Renamed(ann.origin, source, "new"))
    harness.disconnect(ann)
    assert [harness.enter(record) for record in records] == [[], []]
    assert harness.world.channels == {}
