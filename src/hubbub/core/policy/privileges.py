"""What a server operator may do: privileges by name, and the classes that hold them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

PRIVILEGES: Final[dict[str, str]] = {
    "accounts": "make, suspend and drop accounts, and make invite codes",
    "audit": "read what operators did (AUDIT)",
    "ban-network": "keep masks, addresses and accounts out (UBAN, KLINE, DLINE)",
    "channels": "act on any channel as if channel operator, as a member or from outside",
    "cluster": "say what holds for all nodes, and let one go for good (CLUSTER)",
    "drain": "stop the server in good order (DRAIN)",
    "flood-exempt": "send as fast as the connection allows",
    "kill": "end a user's sessions (KILL)",
    "operators": "make and unmake operators",
    "rehash": "have the settings read again (REHASH)",
    "sajoin": "make others enter and leave channels and change nicks (SAJOIN, SAPART, SANICK)",
    "see-bans": "list and look up network bans (UBAN LIST, INFO and TEST; STATS k and d)",
    "see-secret": "see secret channels and invisible users",
    "switches": "close the server to newcomers on bad days (SWITCH)",
    "wallops": "tell something to all users with mode +w (WALLOPS)",
}
"""Every privilege, and what it lets an operator do."""

FLOOD_EXEMPT: Final = "flood-exempt"
OWNER: Final = "owner"
ADMIN: Final = "admin"

_HELPER: Final = frozenset({"flood-exempt", "see-bans", "wallops"})
_MODERATOR: Final = _HELPER | {
    "audit",
    "ban-network",
    "channels",
    "kill",
    "sajoin",
    "see-secret",
    "switches",
}
CLASSES: Final[dict[str, frozenset[str]]] = {
    OWNER: frozenset(PRIVILEGES),
    ADMIN: frozenset(PRIVILEGES) - {"cluster", "drain", "operators"},
    "moderator": _MODERATOR,
    "helper": _HELPER,
    "bot": frozenset({"flood-exempt"}),
}
"""The classes of operators, highest first, and the privileges that each has."""


def highest_of(classes: Iterable[str]) -> str:
    """Return the class that holds the most, "" for none: each holds what those below it hold."""
    return max(classes, key=lambda one: len(privileges_of(one)), default="")


def privileges_of(operator_class: str) -> frozenset[str]:
    """Return the privileges of a class; none for one that does not exist (any more)."""
    return CLASSES.get(operator_class, frozenset())
