"""Who is meant by a nick that something is said to: somebody here, or an account that is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hubbub.core.world.accounts import Account, presence_of
from hubbub.core.world.conversations import owner_of
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc.masks import matches


@dataclass(frozen=True, slots=True)
class Addressee:
    """Hold who is meant: `nick` is the name that others see, `presence` the key of what is kept.

    `user` is who would hear it, None where the account is not here; a guest has no `account`.
    """

    nick: str
    presence: str
    user: User | None
    account: Account | None

    @property
    def is_absent(self) -> bool:
        """Say whether nobody under the account hears it: what is said to it has to wait."""
        return self.account is not None and (self.user is None or not self.user.is_connected)


def addressee(world: World, nick: str) -> Addressee | None:
    """Return who is meant by a nick, or None where it can be said to nobody.

    The name of an account means it under whatever nick it is here. A session that passes by hears
    nothing, so what is said to it is for its account.
    """
    user = world.user(nick)
    if user is not None and not user.account:
        return Addressee(user.nick, user.presence, user, None)
    account = world.account(user.account if user is not None else nick)
    return account_addressed(account, user)


def account_addressed(account: Account | None, user: User | None = None) -> Addressee | None:
    """Return an account as somebody to speak to, of several users rather this one."""
    if account is None or not account.verified or account.suspended:
        return None
    here = account.here
    meant = user if user in here else here[0] if here else None
    nick = meant.nick if meant is not None else account.name
    return Addressee(nick, presence_of(account.name), meant, account)


def is_unheard(world: World, speaker: User, histories: Sequence[str]) -> bool:
    """Say whether somebody who has these histories of a speaker's does not want to hear more.

    What is in both sides of a conversation cannot be changed in one of them.
    """
    owners = [owner_of(one) for one in histories if one.startswith("@")]
    return any(one != speaker.presence and is_silenced(world, speaker, one) for one in owners)


def is_silenced(world: World, speaker: User, presence: str) -> bool:
    """Say whether a recipient does not want what a speaker says directly."""
    masks = world.silenced.get(presence, ())
    return any(matches(mask, speaker.source) for mask in masks)
