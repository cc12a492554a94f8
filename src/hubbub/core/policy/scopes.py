"""What a session may do that came in by a token for one purpose.

`post:#channel` says something in one channel and hears nothing; `read:#channel` hears one channel,
and reads it back, and says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hubbub.irc.message import Message, parse_tags
from hubbub.irc.names import fold, is_channel

CONSOLE: Final = "console"
"""The scope of who speaks through the control socket, from the server's machine."""
_CONSOLE: Final = frozenset(
    {
        "ACCOUNT",
        "AUDIT",
        "CLUSTER",
        "DRAIN",
        "INVITECODE",
        "MAIL",
        "OWNERCODE",
        "PING",
        "PURGE",
        "QUIT",
        "REHASH",
        "SEARCH",
        "STATUS",
        "SWITCH",
        "UBAN",
    }
)
_EARLY: Final = frozenset({"AUTHENTICATE", "NICK", "USER", "PASS"})
_ALWAYS: Final = frozenset({"CAP", "PING", "PONG", "QUIT", "HELP", "ISUPPORT", "VERSION"})
_POST: Final = frozenset({"JOIN", "PART", "PRIVMSG", "NOTICE", "TAGMSG"})
_READ: Final = frozenset({"JOIN", "PART", "NAMES", "TOPIC"})


def is_scope(text: str) -> bool:
    """Say whether a text is a scope that a token can have."""
    if text == "chat":
        return True
    kind, colon, channel = text.partition(":")
    return kind in ("post", "read") and bool(colon) and is_channel(channel)


def channel_of(scope: str) -> str:
    """Return the one channel that a scope is about, folded."""
    return fold(scope.partition(":")[2])


def for_channel(scope: str, channel: str) -> str:
    """Return the same scope for another channel, or for the same under another name."""
    return f"{scope.partition(':')[0]}:{channel}"


def may_hear(scope: str | None, channel: str) -> bool:
    """Say whether a session with a scope, None for none, may be told what happens in a channel."""
    if scope is None:
        return True
    return scope.startswith("read:") and channel_of(scope) == fold(channel)


def without_words(scope: str, message: Message) -> Message:
    """Return a command as a session with a scope may give it: who only reads gives no reasons."""
    kept = {"QUIT": 0, "PART": 1}.get(message.command)
    if kept is None or not scope.startswith("read:"):
        return message
    return message._replace(params=message.params[:kept])


def allows(scope: str, message: Message, registered: bool) -> bool:
    """Say whether a session with a scope, a user already or not yet, may give a command."""
    command, params = message.command, message.params
    if scope == CONSOLE:
        return command in _CONSOLE
    if command in _ALWAYS or (command in _EARLY and not registered):
        return True
    channel = channel_of(scope)
    if scope.startswith("post:"):
        return _may_post(command, params, channel)
    return _may_read(command, params, channel)


def _may_post(command: str, params: Sequence[str], channel: str) -> bool:
    if command == "BATCH":
        # One is closed by its name, and opened for a target.
        return "".join(params[:1]).startswith("-") or _names(params, 2, channel)
    return command in _POST and _names(params, 0, channel)


def _may_read(command: str, params: Sequence[str], channel: str) -> bool:
    if command == "CHATHISTORY":
        return _names(params, 1, channel)
    if command == "SEARCH":
        # The text may name no other: see hubbub.core.commands.messages.searching.
        attributes = parse_tags("".join(params[:1]))
        return fold(attributes.get("in", "")) == channel
    if command == "TOPIC" and len(params) > 1:
        return False
    return command in _READ and _names(params, 0, channel)


def _names(params: Sequence[str], place: int, channel: str) -> bool:
    """Say whether the channel stands at a place of what a command is given."""
    return len(params) > place and fold(params[place]) == channel
