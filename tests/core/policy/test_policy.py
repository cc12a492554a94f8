"""What is settled fits what it is for: lines, classes and networks."""

from __future__ import annotations

import ipaddress

import pytest

from hubbub.core.policy import lengths, policy
from hubbub.core.policy.policy import OperBlock, Policy
from hubbub.core.policy.privileges import CLASSES
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message
from hubbub.irc.names import CHANNEL_BYTES, NICK_BYTES, USERNAME_BYTES

HOST_BYTES = 26
"""How long a cloaked host is (hubbub.node.entry.cloak)."""
NICK, CHANNEL = "n" * NICK_BYTES, "#" + "c" * (CHANNEL_BYTES - 1)
SOURCE = f"{NICK}!{'u' * USERNAME_BYTES}@{'h' * HOST_BYTES}"


@pytest.mark.parametrize(
    ("command", "params", "room"),
    [
        ("QUIT", (), lengths.QUIT_BYTES + len("Quit: ")),
        ("AWAY", (), lengths.AWAY_BYTES),
        ("301", (NICK, NICK), lengths.AWAY_BYTES),
        ("SETNAME", (), lengths.REALNAME_BYTES),
        ("MODE", (CHANNEL, "+k"), lengths.KEY_BYTES),
    ],
)
def test_the_longest_text_fits_a_line_behind_the_longest_names(
    command: str, params: tuple[str, ...], room: int
) -> None:
    message = Message(command, (*params, "x" * room), SOURCE)
    assert len(message.encode()) <= LINE_BYTES


def test_every_class_that_a_policy_names_is_one() -> None:
    assert OperBlock("hash").operator_class in CLASSES
    assert Policy().second_factor_for <= set(CLASSES)


@pytest.mark.parametrize(
    ("address", "is_ours"),
    [("127.0.0.1", True), ("127.255.0.9", True), ("::1", True), ("192.0.2.1", False)],
)
def test_this_machine_is_known_by_its_addresses(address: str, is_ours: bool) -> None:
    found = ipaddress.ip_address(address)
    assert any(found in ipaddress.ip_network(network) for network in policy.LOOPBACK) == is_ours
