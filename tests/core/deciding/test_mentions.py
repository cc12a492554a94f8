"""For whom a message is meant: decided by who is in the channel when it is said."""

from __future__ import annotations

import pytest

from hubbub.core.deciding.mentions import MOST_HERE
from hubbub.core.policy.policy import Policy
from hubbub.core.records.messages import Said
from tests.core.world_harness import Client, Harness


def meant(harness: Harness, speaker: Client, text: str) -> tuple[str, ...]:
    """Return for whom the newest message is meant, once this has been said."""
    speaker.send(f"PRIVMSG #c :{text}")
    body = [entry.body for entry in harness.entries if type(entry.record) is Said][-1]
    assert body is not None
    assert body.text == text
    return body.mentions


@pytest.fixture
def people(harness: Harness) -> tuple[Client, Client]:
    """Return ann, who operates #c, and Bob, whose account is called otherwise."""
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("Bob", "robert")
    for one in (ann, bob, harness.connect("guest"), harness.connect_as("away", "outside")):
        if one.user.nick != "away":
            one.send("JOIN #c")
    return ann, bob


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("bob: hi", "robert"),
        ("hello @Robert", "robert"),
        ("bob and robert", "robert"),
        # The speaker, a guest and who is not there are nobody to be told.
        ("ann, guest, away and outside", ""),
        ("@channel", "*"),
        ("@here", "robert"),
        ("@here @channel", "*"),
        ("here in the channel", ""),
    ],
)
def test_it_is_meant_for_who_is_there(
    harness: Harness, people: tuple[Client, Client], text: str, accounts: str
) -> None:
    assert meant(harness, people[0], text) == tuple(accounts.split())


@pytest.mark.parametrize(
    ("setting", "allowed"),
    [("all", "ann bob"), ("voice", "ann"), ("halfop", "ann"), ("op", "ann"), ("nobody", "")],
)
def test_the_channel_says_who_calls_everybody(
    harness: Harness, people: tuple[Client, Client], setting: str, allowed: str
) -> None:
    ann, bob = people
    harness.world.channels["#c"].metadata["hubbub/everybody"] = setting
    may = {one.user.nick.lower() for one in (ann, bob) if meant(harness, one, "@channel")}
    assert may == set(allowed.split())


def test_where_many_are_here_all_are_meant(harness: Harness, people: tuple[Client, Client]) -> None:
    for number in range(MOST_HERE):
        harness.connect_as(f"u{number}", f"u{number}").send("JOIN #c")
    assert meant(harness, people[0], "@here") == ("*",)


def test_what_is_in_no_history_is_meant_for_nobody() -> None:
    harness = Harness(Policy(flood=None))
    ann, bob = harness.connect_as("ann", "ann"), harness.connect_as("bob", "bob")
    ann.send("JOIN #c")
    bob.send("JOIN #c")
    ann.send("PRIVMSG @#c :bob")
    ann.send("TAGMSG #c")
    assert all(not entry.body.mentions for entry in harness.entries if entry.body is not None)
