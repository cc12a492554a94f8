"""Names of those whom one has spoken to directly, and which conversation a name stands for.

A conversation is kept under presences, never under nicks. An account's is called as the account is
here, or by its name. A guest's is called by the guest's nick; once the guest is gone by the nick of
its newest message. Where somebody else is called so, or a guest who spoke later was, it is called
`nick/ending`, which nobody's nick can be: so two guests of one nick are never taken for one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Final

from hubbub.core.records.base import SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Said
from hubbub.core.world.accounts import Account, presence_of
from hubbub.core.world.state import ACCOUNT_PRESENCE, GUEST_PRESENCE, User
from hubbub.core.world.world import World
from hubbub.irc.names import fold, is_nick

SEPARATOR: Final = "/"
"""What stands between a nick and what tells it from others of the same: no nick has it."""
_ENDING: Final = 6


def partner_in(history: str) -> str:
    """Return the presence at the other end of a direct history `@OWNER/PARTNER`."""
    return history.partition("/")[2]


def owner_of(history: str) -> str:
    """Return the presence whose side of a conversation a direct history `@OWNER/PARTNER` is."""
    return history[1:].partition("/")[0]


def users_of(world: World, presence: str) -> list[User]:
    """Return who is here under a presence: an account's users, or a guest."""
    if not is_guest(presence):
        account = world.accounts.get(presence.removeprefix(ACCOUNT_PRESENCE))
        return list(account.users) if account is not None else []
    user = world.present.get(_session_of(presence))
    return [user] if user is not None else []


def _session_of(presence: str) -> SessionId:
    node, epoch, number = map(int, presence.removeprefix(GUEST_PRESENCE).split("."))
    return SessionId(node, epoch, number)


def is_guest(presence: str) -> bool:
    """Say whether a presence is a guest's."""
    return presence.startswith(GUEST_PRESENCE)


def presence_called(world: World, name: str) -> str | None:
    """Return whose presence a name means now: somebody here, or an account, dropped or not."""
    user = world.user(name)
    if user is not None:
        return user.presence
    account = _account(world, fold(name))
    return presence_of(account.name) if account is not None else None


def is_called_like(name: str) -> bool:
    """Say whether a name could be that of somebody whom one has spoken to."""
    return is_nick(name.partition(SEPARATOR)[0])


def name_of(world: World, presence: str) -> str | None:
    """Return what a presence is called now, or None for a guest who is gone."""
    if not is_guest(presence):
        account = _account(world, presence.removeprefix(ACCOUNT_PRESENCE))
        if account is None:
            return None
        return account.here[0].nick if account.users else account.name
    user = world.present.get(_session_of(presence))
    return user.nick if user is not None and not user.account else None


def names_of_gone(world: World, newest: Iterable[tuple[str, Entry]]) -> Iterator[tuple[str, str]]:
    """Return (presence, name) of guests who are gone, given the newest message of each.

    The guest who spoke last, or was spoken to, comes first and has the nick.
    """
    taken: set[str] = set()
    for presence, entry in newest:
        nick = nick_in(entry, presence)
        is_free = presence_called(world, nick) is None and fold(nick) not in taken
        taken.add(fold(nick))
        yield presence, nick if is_free else full_name(nick, presence)


def means(name: str, entry: Entry, presence: str) -> bool:
    """Say whether a name means the guest of a presence, a message from or to whom is at hand."""
    nick = nick_in(entry, presence)
    return fold(name) in (fold(nick), fold(full_name(nick, presence)))


def full_name(nick: str, presence: str) -> str:
    """Return the name of a guest who is gone that no other guest has."""
    return f"{nick}{SEPARATOR}{hashlib.sha256(presence.encode()).hexdigest()[:_ENDING]}"


def nick_in(entry: Entry, presence: str) -> str:
    """Return the nick that a guest has in a message which the guest said, or which was for it."""
    said = entry.record
    assert isinstance(said, Said), "what somebody said"
    by_guest = GUEST_PRESENCE + ".".join(map(str, said.origin.session)) == presence
    return said.source.partition("!")[0] if by_guest else said.target


def is_from_another(entry: Entry, user: User) -> bool:
    """Say whether an entry is something that somebody else said, on none of a user's devices."""
    said = entry.record
    if not isinstance(said, Said) or said.origin.session in user.sessions:
        return False
    return not user.account or fold(said.account) != fold(user.account)


def _account(world: World, folded: str) -> Account | None:
    """Return an account that has, or had, messages: one that was never verified has none."""
    account = world.accounts.get(folded)
    return account if account is not None and (account.verified or account.dropped) else None
