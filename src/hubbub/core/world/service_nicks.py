"""The services: NickServ and ChanServ, as others meet them. They are no users of the World."""

from __future__ import annotations

from typing import Final

from hubbub.irc.message import Message
from hubbub.irc.names import fold

NICKSERV: Final = "NickServ"
CHANSERV: Final = "ChanServ"
SERVICES: Final = {NICKSERV: "Accounts and what proves them", CHANSERV: "Registered channels"}
"""The nicks of services, which nobody else may have, and what each is for."""
_BY_FOLDED: Final = {fold(nick): nick for nick in SERVICES}
_SERV: Final = "serv"
_OFFICIAL: Final = frozenset({"global", "hubbub", "server", "services"})
_DECORATION: Final = "_-`^|[]{}\\0123456789"
_INITIALS: Final = frozenset(initial for nick in SERVICES for initial in (nick[0], nick[0].lower()))


def named(target: str) -> str:
    """Return the service that a nick is of, "" where it is of none."""
    # Nearly every target is a channel, or begins otherwise.
    return _BY_FOLDED.get(fold(target), "") if target[:1] in _INITIALS else ""


def is_lookalike(nick: str, *ours: str) -> bool:
    """Say whether a nick could be taken for a service's, or for one of ours: network and server.

    So is every name that ends in `serv`, with whatever signs and digits stand around it.
    """
    core = fold(nick).strip(_DECORATION)
    return core.endswith(_SERV) or core in _OFFICIAL or core in {fold(our) for our in ours}


def is_addressed(message: Message) -> bool:
    """Say whether a message that is said to somebody is said to a service."""
    params = message.params
    return bool(params) and params[0][:1] in _INITIALS and named(params[0]) != ""


def source_of(service: str, server: str) -> str:
    """Return the source of what a service says."""
    return f"{service}!{service}@{server}"
