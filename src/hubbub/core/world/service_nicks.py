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
_ALIKE: Final = str.maketrans("01345i|", "oleasll")
"""What is taken for a letter at a glance, and that letter; `I` for `l` as well."""
_INITIALS: Final = frozenset(initial for nick in SERVICES for initial in (nick[0], nick[0].lower()))


def named(target: str) -> str:
    """Return the service that a nick is of, "" where it is of none."""
    # Nearly every target is a channel, or begins otherwise.
    return _BY_FOLDED.get(fold(target), "") if target[:1] in _INITIALS else ""


def is_lookalike(nick: str, *ours: str) -> bool:
    """Say whether a nick could be taken for a service's, or for one of ours: network and server.

    So is every name that ends in `serv`, with whatever signs and digits stand around it, or in the
    place of letters that look like them.
    """
    official = {fold(name).translate(_ALIKE) for name in (*_OFFICIAL, *ours)}
    folded = fold(nick)
    # A digit at the end may stand behind the name, or for a letter of it.
    cores = folded.strip(_DECORATION).translate(_ALIKE), folded.translate(_ALIKE).strip(_DECORATION)
    return any(core.endswith(_SERV) or core in official for core in cores)


def is_addressed(message: Message) -> bool:
    """Say whether a message that is said to somebody is said to a service."""
    params = message.params
    return bool(params) and params[0][:1] in _INITIALS and named(params[0]) != ""


def source_of(service: str, server: str) -> str:
    """Return the source of what a service says."""
    return f"{service}!{service}@{server}"
