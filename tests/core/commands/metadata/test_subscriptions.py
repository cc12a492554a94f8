"""SUB, UNSUB, SUBS and SYNC: whose keys a session is told, and when."""

from __future__ import annotations

import pytest

from hubbub.core.commands.metadata import subscriptions
from hubbub.irc.capabilities import METADATA_SUBSCRIPTIONS
from tests.core.world_harness import Client, Harness, shown

CAPS = ("batch", "draft/metadata-3")
OLDER = ("batch", "draft/metadata-2")


def subscriber(harness: Harness, nick: str, *caps: str) -> Client:
    """Return a client that subscribes to url."""
    client = harness.connect(nick, *(caps or CAPS))
    client.send("METADATA * SUB url")
    return client


def test_keys_are_subscribed_to_listed_and_let_go(harness: Harness) -> None:
    ann = harness.connect("ann", *CAPS)
    assert shown(ann.send("METADATA * SUB url Bad avatar url")) == [
        "FAIL METADATA INVALID_KEY Bad Invalid key",
        "770 ann url avatar url",
        "774 ann *ALL 0",
    ]
    opening, listed, _ = ann.send("METADATA * SUBS")
    assert opening.params[1:] == ("metadata-subs",)
    assert listed.params == ("ann", "url", "avatar")
    assert shown(ann.send("METADATA * UNSUB url none")) == ["771 ann url none"]
    assert ann.session.subscriptions == {"avatar": None}


def test_there_is_room_for_so_many(harness: Harness) -> None:
    ann = harness.connect("ann", *CAPS)
    for number in range(METADATA_SUBSCRIPTIONS - 1):
        ann.send(f"METADATA * SUB k{number}")
    failure, accepted, _ = ann.send("METADATA * SUB last over another")
    assert failure.params[:4] == ("METADATA", "LIMIT_REACHED", "over", "100")
    assert accepted.params == ("ann", "last")
    assert len(ann.session.subscriptions) == METADATA_SUBSCRIPTIONS


def test_those_who_share_a_channel_are_told_of_changes(harness: Harness) -> None:
    ann = harness.connect("ann", *CAPS)
    bob, old, deaf = (
        subscriber(harness, "bob"),
        subscriber(harness, "old", *OLDER),
        harness.connect("deaf", *CAPS),
    )
    stranger = subscriber(harness, "stranger")
    for client in (ann, bob, old, deaf):
        client.send("JOIN #a")
    for client in (ann, bob, old, deaf):
        client.take()
    ann.send("METADATA * SET url :x")
    assert shown(bob.take()) == ["761 bob ann url * x"]
    assert shown(old.take()) == ["METADATA ann url * x"]
    assert deaf.take() == stranger.take() == []
    ann.send("METADATA * SET other :x")
    ann.send("METADATA * SET url")
    assert shown(bob.take()) == ["766 bob ann url key not set"]
    ann.send("METADATA #a SET url :y")
    assert shown(bob.take()) == ["761 bob #a url * y"]


def test_ones_other_sessions_are_told(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", *CAPS)
    other = harness.attach(ann, *CAPS)
    other.send("METADATA * SUB url")
    assert shown(ann.send("METADATA * SET url :x")) == ["761 ann ann url * x"]
    assert shown(other.take()) == ["761 ann ann url * x"]


def test_who_joins_is_told_what_is_there_and_those_there_what_comes(harness: Harness) -> None:
    ann, bob = subscriber(harness, "ann"), subscriber(harness, "bob")
    for client in (ann, bob):
        client.send("METADATA * SET url :x")
    ann.send("JOIN #a")
    ann.send("METADATA #a SET url :y")
    told = [line for line in shown(bob.send("JOIN #a")) if line.startswith("761")]
    assert told == ["761 bob #a url * y", "761 bob ann url * x"]
    assert shown(ann.take()) == ["JOIN #a", "761 ann bob url * x"]


def test_who_monitors_is_told(harness: Harness) -> None:
    ann, bob = harness.connect("ann", *CAPS), subscriber(harness, "bob")
    ann.send("METADATA * SET url :x")
    assert shown(bob.send("MONITOR + ann"))[-1] == "761 bob ann url * x"
    ann.send("METADATA * SET url :y")
    assert shown(bob.take()) == ["761 bob ann url * y"]


def test_sync_tells_what_is_subscribed_to(harness: Harness) -> None:
    ann, bob = harness.connect("ann", *CAPS), harness.connect("bob", *CAPS)
    ann.send("METADATA * SET url :x")
    ann.send("METADATA * SET other :x")
    ann.send("JOIN #a")
    ann.send("METADATA #a SET url :y")
    bob.send("JOIN #a")
    bob.send("METADATA * SET url :z")
    bob.send("METADATA * SUB url")
    assert shown(bob.send("METADATA #a SYNC"))[1:-1] == [
        "761 bob #a url * y",
        "761 bob ann url * x",
        "761 bob bob url * z",
    ]
    assert shown(bob.send("METADATA ann SYNC"))[1:-1] == ["761 bob ann url * x"]
    carl = subscriber(harness, "carl")
    carl.send("MONITOR + ann")
    opening, *inside, _ = carl.send("METADATA *ALL SYNC")
    assert opening.params[1:] == ("metadata", "*ALL")
    assert shown(inside) == ["761 carl ann url * x"]
    assert len(bob.send("METADATA *all SYNC")) == 5


def test_the_older_draft_is_told_to_ask_for_each_channel(harness: Harness) -> None:
    ann = harness.connect("ann", *OLDER)
    ann.send("JOIN #a")
    assert shown(ann.send("METADATA * SUB url")) == ["770 ann url", "774 ann #a 0"]


def test_a_key_that_is_none_is_not_let_go(harness: Harness) -> None:
    ann = subscriber(harness, "ann")
    assert shown(ann.send("METADATA * UNSUB Bad url")) == [
        "FAIL METADATA INVALID_KEY Bad Invalid key",
        "771 ann url",
    ]
    assert shown(ann.send("METADATA * SUB")) == ["461 ann METADATA Not enough parameters"]


def test_who_joins_a_large_channel_asks_when_it_is_ready(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subscriptions, "JOIN_MEMBERS", 1)
    harness.connect("bob").send("JOIN #a")
    ann = subscriber(harness, "ann")
    told = shown(ann.send("JOIN #a"))
    assert any(line.startswith("774 ann #a ") for line in told)


def test_what_one_carries_oneself_is_shown_on_coming_in(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", *CAPS)
    ann.send("METADATA * SET url :x")
    for caps, line in ((CAPS, "761 ann ann url * x"), (OLDER, "METADATA ann url * x")):
        client = harness.open(caps)
        client.session.account, client.session.credential = "ann", ("password", "")
        client.send("NICK ann")
        assert line in shown(client.send("USER ann 0 * :ann"))
