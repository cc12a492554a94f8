"""No line is longer than 512 bytes without its tags, however long everything in it is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from hubbub.core.dispatch import COMMANDS
from hubbub.core.policy.policy import OperBlock
from hubbub.core.showing.delivery import encode
from hubbub.irc.framing import LINE_BYTES
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import POLICY, Client, Harness, shown
from tests.fuzz.corpus import likely

LONG_POLICY = replace(
    POLICY,
    server="s" * 59 + ".org",
    network="\\" * 64,
    description="d" * 300,
    motd=("m" * 2000, "é" * 300),
    admin=("a" * 300, "b" * 300, "c" * 300),
    operators={"root": OperBlock("hash:secret")},
)
HOST = "0123456789abcdef0123.cloak"
CHANNEL = "#" + "c" * 63
EVERYTHING = (
    f"TOPIC {CHANNEL} :" + "t" * 400,
    f"TOPIC {CHANNEL}",
    "LIST",
    f"NAMES {CHANNEL}",
    f"WHO {CHANNEL}",
    f"WHO {CHANNEL} %tcuihsnfdlaor,999",
    "WHOIS " + "n" * 32,
    "WHOWAS " + "n" * 32,
    "USERHOST" + (" " + "n" * 32) * 5,
    "MONITOR + " + ",".join(f"{number:032}".replace("0", "x") for number in range(15)),
    "MONITOR S",
    "MONITOR L",
    "SILENCE +" + "m" * 190,
    "SILENCE",
    f"MODE {CHANNEL} +bbb-o+k {'b' * 190} {'d' * 190} e!f@g {'n' * 32} {'k' * 23}",
    f"MODE {CHANNEL}",
    f"MODE {CHANNEL} b",
    "AWAY :" + "w" * 400,
    "SETNAME :" + "r" * 150,
    "MOTD",
    "VERSION",
    "ADMIN",
    "WALLOPS :" + "w" * 480,
    f"KICK {CHANNEL} {'o' * 32} :" + "k" * 400,
    f"PART {CHANNEL} :" + "p" * 420,
    "QUIT :" + "q" * 500,
)


@pytest.fixture
def harness() -> Harness:
    return Harness(LONG_POLICY)


def long_named(harness: Harness, letter: str) -> Client:
    """Return a client whose every name is as long as may be, in the channel."""
    client = harness.open(("userhost-in-names", "multi-prefix", "setname", "away-notify"), HOST)
    client.send(f"NICK {letter * 32}")
    client.send(f"USER {letter * 10} 0 * :{letter * 150}")
    client.send(f"JOIN {CHANNEL}")
    client.take()
    return client


def test_of_what_is_answered_and_shown(harness: Harness) -> None:
    client, other = long_named(harness, "n"), long_named(harness, "o")
    client.send("OPER root secret")
    for line in EVERYTHING:
        client.send(line)
        other.take()
    # The harness refuses answers that are too long; this is what others were shown.
    lines = [encode(entry, 0) for entry in harness.entries]
    assert max(map(len, lines)) == LINE_BYTES


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_of_what_is_repeated(harness: Harness, command: str) -> None:
    client = long_named(harness, "n")
    for before, repeated in (("", ""), ("", ":"), ("#", ""), (f"{CHANNEL} +", ""), ("LS ", ":")):
        line = f"{command} {before}{repeated}"
        client.send(line + "é" * ((510 - len(line)) // 2))
        client.send(line + "x" * (510 - len(line)))


def test_of_a_full_monitor_list_which_names_every_nick() -> None:
    harness = Harness(replace(LONG_POLICY, monitor=1))
    client = long_named(harness, "n")
    nicks = [chr(ord("a") + number) * 32 for number in range(15)]
    answers = client.send(f"MONITOR + {','.join(nicks)}")
    full = [message for message in answers if message.command == "734"]
    assert len(full) == 2
    assert ",".join(message.params[2] for message in full).split(",") == nicks[1:]


def test_of_a_long_request_for_capabilities(harness: Harness) -> None:
    client = harness.open()
    words = ["message-tags", "-message-tags"] * 18
    answers = client.send(f"CAP REQ :{' '.join(words)}")
    assert " ".join(message.params[2] for message in answers).split() == words
    assert {message.params[1] for message in answers} == {"ACK"}


def test_the_topic_is_shown_as_far_as_it_fits(harness: Harness) -> None:
    client = long_named(harness, "n")
    [message] = client.send(f"TOPIC {CHANNEL} :{'t' * 390}")
    assert shown([message])[0].startswith(f"TOPIC {CHANNEL} ttt")
    assert harness.world.channels[CHANNEL].topic == "t" * 390


@pytest.mark.parametrize("line", [line for line in likely("#a", "ann") if re.search(r"\d", line)])
def test_a_number_may_be_as_long_as_the_longest_line(line: str) -> None:
    """As where `limits.line_bytes` is large: Python reads no number of so many digits."""
    harness = Harness()
    client = operator(harness, "root", "owner")
    client.send("JOIN #a")
    client.send(re.sub(r"\d+", "9" * 5000, line))
