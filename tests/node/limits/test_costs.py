"""What a line takes of the flood allowance."""

from __future__ import annotations

import pytest

from hubbub.core.deciding.context import LIGHT
from hubbub.core.dispatch import COMMANDS
from hubbub.core.policy.policy import Policy
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message
from hubbub.node.limits.costs import FREE_TAG_OCTETS, Unreadable, cost_of, own_cost
from tests.node.node_harness import Node, commands, texts

BURST = 20
FLOOD = (BURST, 0.001)
"""So slow that nothing comes back while a test runs."""
SAYS = COMMANDS["PRIVMSG"]


def saying(**tags: str) -> Message:
    """Return a message with tags."""
    return Message("PRIVMSG", ("#c", "hi"), None, tags)


def test_what_is_no_command_is_not_free() -> None:
    assert own_cost(None) == cost_of(None, Message("NONSENSE"), False) == LIGHT
    assert cost_of(None, Unreadable(Message("FAIL"), {"batch": "1"}), True) == LIGHT


def test_only_tags_that_others_get_cost_beyond_a_few() -> None:
    free = {"+a": "x" * (FREE_TAG_OCTETS - 2)}
    assert cost_of(SAYS, saying(**free), False) == own_cost(SAYS)
    assert cost_of(SAYS, saying(label="x" * 4000), False) == own_cost(SAYS)
    heavy = {"+a": "x" * (FREE_TAG_OCTETS - 2 + LINE_BYTES)}
    assert cost_of(SAYS, saying(**heavy), False) == pytest.approx(own_cost(SAYS) + 1)


def test_a_line_of_a_batch_is_light_only_while_one_is_open() -> None:
    assert cost_of(SAYS, saying(batch="1"), True) == LIGHT
    assert cost_of(SAYS, saying(batch="1"), False) == own_cost(SAYS) > LIGHT
    assert cost_of(SAYS, saying(), True) == own_cost(SAYS)


async def test_tags_that_others_get_cost_what_they_weigh() -> None:
    node = Node(Policy(flood=FLOOD, replay=0))
    guests = [await node.guest(nick, "message-tags", "echo-message") for nick in ("ann", "bob")]
    light, heavy = guests
    for guest, tag in ((light, "+a=x"), (heavy, f"+a={'x' * 3500}")):
        await guest.ask(f"JOIN #{'l' if guest is light else 'h'}")
        guest.give(*[f"@{tag} TAGMSG #{'l' if guest is light else 'h'}"] * 4 * BURST)
    await node.quiet()
    passed = [commands(guest.read()).count("TAGMSG") for guest in guests]
    assert passed[0] > 2 * BURST
    assert 1 <= passed[1] <= 4


async def test_the_lines_of_one_message_cost_less_than_messages() -> None:
    node = Node(Policy(flood=(10, 0.001), replay=0))
    ann = await node.guest("ann", "echo-message", "message-tags", "batch", "draft/multiline")
    await ann.ask("JOIN #c")
    lines = [f"@batch=1 PRIVMSG #c :{number}" for number in range(20)]
    told = await ann.ask("BATCH +1 draft/multiline #c", *lines, "BATCH -1")
    assert len(texts(told)) == 20
    told = await ann.ask(*(f"PRIVMSG #c :{number}" for number in range(20)))
    assert len(texts(told)) < 3
