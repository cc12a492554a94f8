"""METADATA: what users and channels carry, who may read and change it, and what stays."""

from __future__ import annotations

import pytest

from hubbub.core import snapshot
from hubbub.core.records.base import Origin
from hubbub.core.records.entries import Draft
from hubbub.core.records.metadata import MetadataSet
from hubbub.core.records.users import Connected
from hubbub.irc.capabilities import METADATA_KEYS, METADATA_VALUE_BYTES
from tests.core.world_harness import Client, Harness, shown

CAPS = ("batch", "draft/metadata-3")
OLDER = ("batch", "draft/metadata-2")


def in_batch(client: Client, line: str, *kind: str) -> list[str]:
    """Send a line, and return what it is answered in a batch of this kind."""
    opening, *inside, closing = client.send(line)
    reference = opening.params[0][1:]
    assert (opening.command, opening.params[1:]) == ("BATCH", kind)
    assert (closing.command, closing.params) == ("BATCH", (f"-{reference}",))
    assert all(message.tags["batch"] == reference for message in inside)
    return shown(inside)


def test_a_value_is_set_read_and_taken_away(harness: Harness) -> None:
    ann = harness.connect("ann", *CAPS)
    assert shown(ann.send("METADATA * SET url :http://a b")) == ["761 ann ann url * http://a b"]
    assert in_batch(ann, "METADATA ANN GET url avatar URL", "metadata", "ann") == [
        "761 ann ann url * http://a b",
        "766 ann ann avatar key not set",
        "FAIL METADATA INVALID_KEY URL Invalid key",
    ]
    assert in_batch(ann, "METADATA * LIST", "metadata", "ann") == ["761 ann ann url * http://a b"]
    assert shown(ann.send("METADATA * SET url")) == ["766 ann ann url key not set"]
    assert shown(ann.send("METADATA * SET url :")) == ["766 ann ann url key not set"]
    assert in_batch(ann, "METADATA * LIST", "metadata", "ann") == []
    assert len(harness.records(MetadataSet)) == 2


def test_all_is_cleared_at_once(harness: Harness) -> None:
    ann = harness.connect("ann", *CAPS)
    assert in_batch(ann, "METADATA * CLEAR", "metadata", "ann") == []
    ann.send("METADATA * SET a :1")
    ann.send("METADATA * SET b :2")
    assert in_batch(ann, "METADATA * CLEAR", "metadata", "ann") == [
        "766 ann ann a key not set",
        "766 ann ann b key not set",
    ]
    assert harness.world.metadata == {}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("METADATA * SET Bad :x", "INVALID_KEY"),
        (f"METADATA * SET {'k' * 33} :x", "INVALID_KEY"),
        (f"METADATA * SET a :{'é' * (METADATA_VALUE_BYTES // 2 + 1)}", "INVALID_VALUE"),
        ("METADATA * DESTROY", "INVALID_PARAMS"),
        ("METADATA nobody LIST", "INVALID_TARGET"),
        ("METADATA #none SET a :x", "INVALID_TARGET"),
        ("METADATA bob SET a :x", "KEY_NO_PERMISSION"),
        ("METADATA bob CLEAR", "KEY_NO_PERMISSION"),
        ("METADATA #a SET a :x", "KEY_NO_PERMISSION"),
    ],
)
def test_what_is_wrong_is_said(harness: Harness, line: str, code: str) -> None:
    harness.connect("bob").send("JOIN #a")
    ann = harness.connect("ann", *CAPS)
    ann.send("JOIN #a")
    [answer] = ann.send(line)
    assert (answer.command, answer.params[:2]) == ("FAIL", ("METADATA", code))
    assert harness.records(MetadataSet) == []


def test_the_older_draft_has_other_words(harness: Harness) -> None:
    ann = harness.connect("ann", *OLDER)
    codes = [
        ann.send(line)[0].params[1]
        for line in ("METADATA * SET Bad", "METADATA * NONE", "METADATA * SET a")
    ]
    assert codes == ["KEY_INVALID", "SUBCOMMAND_INVALID", "KEY_NOT_SET"]


def test_there_is_room_for_so_many_keys(harness: Harness) -> None:
    ann = harness.connect_as("ann", "ann", *CAPS)
    for number in range(METADATA_KEYS - 1):
        ann.send(f"METADATA * SET k{number} :x")
    other = harness.attach(ann, *CAPS)
    harness.held = True
    ann.send("METADATA * SET last :x")
    other.send("METADATA * SET late :x")
    harness.held = False
    harness.settle()
    assert shown(ann.take()) == ["761 ann ann last * x"]
    # The value that it has now may differ from the one that was sent.
    assert shown(other.take()) == ["766 ann ann late key not set"]
    [answer] = ann.send("METADATA * SET late :x")
    assert answer.params[:4] == ("METADATA", "LIMIT_REACHED", "*", str(METADATA_KEYS))
    assert shown(ann.send("METADATA * SET last :y")) == ["761 ann ann last * y"]


def test_a_channels_is_its_operators(harness: Harness) -> None:
    ann, bob = harness.connect("ann", *CAPS), harness.connect("bob", *CAPS)
    ann.send("JOIN #a")
    assert shown(ann.send("METADATA #A SET url :x")) == ["761 ann #a url * x"]
    assert in_batch(bob, "METADATA #a LIST", "metadata", "#a") == ["761 bob #a url * x"]
    for mode, code in (("+i", "KEY_NO_PERMISSION"), ("-i+s", "INVALID_TARGET")):
        ann.send(f"MODE #a {mode}")
        for subcommand in ("LIST", "GET url", "SYNC"):
            [answer] = bob.send(f"METADATA #a {subcommand}")
            assert answer.params[1] == code


def test_a_channel_that_begins_anew_carries_nothing(harness: Harness) -> None:
    ann = harness.connect("ann", *CAPS)
    ann.send("JOIN #a")
    ann.send("METADATA #a SET url :x")
    ann.send("PART #a")
    ann.send("JOIN #a")
    assert in_batch(ann, "METADATA #a LIST", "metadata", "#a") == []


def test_an_accounts_stays_and_a_guests_does_not(harness: Harness) -> None:
    ann, bob = harness.connect_as("ann", "Ann", *CAPS), harness.connect("bob", *CAPS)
    keeper = harness.connect("keeper", *CAPS)
    keeper.send("JOIN #a")
    for client, target in ((ann, "*"), (bob, "*"), (keeper, "#a")):
        client.send(f"METADATA {target} SET url :x")
    for client in (ann, bob):
        harness.disconnect(client)
    encoded = snapshot.encode(harness.world)
    world = snapshot.decode(encoded)
    assert world.metadata == {"a:ann": {"url": "x"}}
    assert world.channels["#a"].metadata == {"url": "x"}
    assert snapshot.encode(world) == encoded


def test_what_is_set_before_registration_is_taken_over(harness: Harness) -> None:
    ann = harness.open(CAPS)
    assert shown(ann.send("METADATA * SET url :x")) == ["761 * * url * x"]
    ann.send("METADATA * SET avatar :y")
    assert shown(ann.send("METADATA * SET avatar")) == ["766 * * avatar key not set"]
    assert in_batch(ann, "METADATA * GET url", "metadata", "*") == ["761 * * url * x"]
    for line in ("METADATA bob SET a :x", "METADATA bob LIST", "METADATA bob CLEAR"):
        [answer] = ann.send(line)
        assert answer.params[1] == "KEY_NO_PERMISSION"
    assert [m.command for m in ann.send("METADATA * SYNC")] == ["774"]
    ann.send("NICK ann")
    burst = shown(ann.send("USER ann 0 * :Ann"))
    assert "761 ann ann url * x" in burst
    codes = [line[:3] for line in burst]
    assert codes.index("005") < codes.index("761") < codes.index("422")
    assert in_batch(ann, "METADATA * LIST", "metadata", "ann") == ["761 ann ann url * x"]


def test_what_is_set_before_registration_may_be_cleared(harness: Harness) -> None:
    ann = harness.open(CAPS)
    ann.send("METADATA * SET url :x")
    assert in_batch(ann, "METADATA * CLEAR", "metadata", "*") == ["766 * * url key not set"]
    for number in range(METADATA_KEYS):
        ann.send(f"METADATA * SET k{number} :x")
    [answer] = ann.send("METADATA * SET more :x")
    assert answer.params[1] == "LIMIT_REACHED"


def test_whois_shows_it_to_those_who_know_the_capability(harness: Harness) -> None:
    ann, bob = harness.connect("ann", *CAPS), harness.connect("bob")
    ann.send("METADATA * SET url :x")
    assert "760 ann ann url * x" in shown(ann.send("WHOIS ann"))
    assert "760" not in [message.command for message in bob.send("WHOIS ann")]


def test_a_token_for_one_purpose_is_not_for_metadata(harness: Harness) -> None:
    ann = harness.connect_as("ann", "Ann", *CAPS)
    ann.send("METADATA * SET url :x")
    bot = harness.open(CAPS)
    bot.in_flight += 1
    bot.session.scope = "post:#a"
    connected = Connected(
        Origin(bot.session.id, 0),
        "bot",
        "bot",
        "host",
        "Bot",
        "Ann",
        scope="post:#a",
        metadata=(("url", "y"),),
    )
    harness.append(Draft(connected))
    harness.settle()
    assert bot.user.account == "Ann"
    assert harness.world.metadata == {"a:ann": {"url": "x"}}
    assert not [message for message in bot.take() if message.command in ("BATCH", "761")]
