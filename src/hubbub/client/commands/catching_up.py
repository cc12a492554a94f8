"""Commands about what one has missed, and of which conversations one wants to be told."""

from __future__ import annotations

from typing import Final

from hubbub.client.commands.context import Completes, Console, SlashCommand
from hubbub.client.handlers.catching_up import CAPABILITY, ask_mentions

LEVELS: Final = ("all", "mentions", "nothing")


def _new(console: Console, argument: str) -> None:
    if _is_known(console):
        console.send("CATCHUP")


def _mentions(console: Console, argument: str) -> None:
    if argument not in ("", "more"):
        console.complain("usage: /mentions [more]")
    elif _is_known(console) and console.session.registered:
        ask_mentions(console.session.state, argument == "more")


def _level(console: Console, argument: str) -> None:
    name, _, level = argument.rpartition(" ")
    target = name.strip() or console.view.current
    if level not in LEVELS:
        console.complain(f"usage: /level [CHANNEL|NICK] {'|'.join(LEVELS)}")
    elif target and _is_known(console):
        console.send("METADATA", target, "SET", "hubbub/level", level)


def _pin(console: Console, argument: str) -> None:
    _set_pin(console, argument, "1")


def _unpin(console: Console, argument: str) -> None:
    _set_pin(console, argument, "0")


def _set_pin(console: Console, argument: str, value: str) -> None:
    target = argument or console.view.current
    if not target:
        console.complain("you are in no channel; go to one with /join #channel")
    elif _is_known(console):
        console.send("METADATA", target, "SET", "soju.im/pinned", value)


def _is_known(console: Console) -> bool:
    """Say whether the server knows what we have read, or complain."""
    state = console.session.state
    if not state.has(CAPABILITY):
        console.complain("this server does not know what you have read")
    elif not state.login.account:
        console.complain("what you have read is known for an account only: /register or /login")
    else:
        return True
    return False


COMMANDS: Final = (
    SlashCommand("digest", "", "list where something is new for you", _new, most=0,
        aliases=("catchup",)),
    SlashCommand("mentions", "[more]", "list what was meant for you, in all channels", _mentions,
        most=1, details="The newest first; /mentions more goes on."),
    SlashCommand("level", "[CHANNEL|NICK] all|mentions|nothing", "say of what you are told there",
        _level, Completes.CHANNEL, 1, most=2,
        details="It holds on all your devices; without a name, for the room on the screen."),
    SlashCommand("pin", "[CHANNEL|NICK]", "have a conversation stand first in /digest", _pin,
        Completes.CHANNEL, most=1),
    SlashCommand("unpin", "[CHANNEL|NICK]", "have it stand there no more", _unpin,
        Completes.CHANNEL, most=1),
)  # fmt: skip
"""What concerns catching up."""
