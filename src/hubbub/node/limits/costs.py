"""What a line takes of the flood allowance: a command its own cost, its tags what they weigh."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from hubbub.core.deciding.context import LIGHT, Command
from hubbub.irc.framing import LINE_BYTES
from hubbub.irc.message import Message

FREE_TAG_OCTETS: Final = 128
"""Octets of a message's tags that cost nothing: a reaction, a sign of typing, what one answers."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stand for a line that is no message: it waits its turn, and costs, as a command does.

    Its `tags` could be read.
    """

    answer: Message
    tags: Mapping[str, str]


def cost_of(command: Command | None, message: Message | Unreadable, in_batch: bool) -> float:
    """Return what a line takes of the flood allowance; an unknown command is not free.

    The lines of a message of several lines, whose end is a message, are cheaper than messages.
    """
    if isinstance(message, Unreadable):
        return own_cost(command)
    tags = message.tags
    if in_batch and "batch" in tags:
        return LIGHT
    cost = own_cost(command)
    return cost + _cost_of_tags(tags) if tags else cost


def own_cost(command: Command | None) -> float:
    """Return what a command takes whatever it comes with; an unknown one is not free."""
    return command.cost if command is not None else LIGHT


def _cost_of_tags(tags: Mapping[str, str]) -> float:
    """Return what tags cost that everybody gets: a few are free, of many each line of octets."""
    octets = sum(len(key) + len(value) for key, value in tags.items() if key[0] == "+")
    return max(0, octets - FREE_TAG_OCTETS) / LINE_BYTES
