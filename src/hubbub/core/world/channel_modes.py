"""What the modes of a channel with an argument hold, by letter."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.core.policy.flood import parse_rate
from hubbub.core.world.state import Channel
from hubbub.irc import modes


def argument_of(channel: Channel, letter: str) -> str:
    """Return the argument of a key or setting, "" where it is not set."""
    match letter:
        case modes.KEY:
            return channel.key
        case modes.LIMIT:
            return str(channel.limit) if channel.limit else ""
        case modes.FORWARD:
            return channel.forward
        case modes.JOIN_RATE:
            return str(channel.join_rate or "")
        case modes.SPEECH_RATE:
            return str(channel.speech_rate or "")
    return ""


def set_argument(channel: Channel, letter: str, argument: str) -> None:
    """Set a key or setting, or unset it (""). Only for apply."""
    match letter:
        case modes.KEY:
            channel.key = argument
        case modes.LIMIT:
            channel.limit = int(argument or 0)
        case modes.FORWARD:
            channel.forward = argument
        case modes.JOIN_RATE:
            channel.join_rate = parse_rate(argument)
            channel.joins = (0, 0)
        case modes.SPEECH_RATE:
            channel.speech_rate = parse_rate(argument)


def without_key(changes: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Return changes as those may see them who were not there: a key is for who was."""
    return tuple((mode, "*" if mode[1] == modes.KEY else argument) for mode, argument in changes)
