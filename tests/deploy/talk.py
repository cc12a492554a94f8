"""Talking at a deployed server: what is said, and what is still there later."""

from __future__ import annotations

from collections.abc import Callable

from tests.e2e.irc_client import Client

Door = Callable[[], Client]
"""Connects to a server."""


def somebody(door: Door, nick: str) -> Client:
    """Come in, into #lobby."""
    return door().register(nick, "draft/chathistory").join("#lobby")


def says(door: Door, text: str) -> None:
    """Say something in #lobby, and wait until it is kept."""
    with somebody(door, "ann") as ann:
        ann.send(f"PRIVMSG #lobby :{text}")
        ann.sync()
        ann.leave()


def history(door: Door) -> list[str]:
    """Return what was said in #lobby."""
    with somebody(door, "bob") as bob:
        bob.send("CHATHISTORY LATEST #lobby * 50")
        said = [m.params[1] for m in bob.sync() if m.command == "PRIVMSG"]
        bob.leave()
        return said
