"""What an account connects with, and up to where that was told everything.

A device is known by the credential that it proves the account with, and by the user name that it
gives: several programs may have one password, and most call themselves differently.
"""

from __future__ import annotations

from hubbub.core.records.base import SessionId
from hubbub.core.world.accounts import Account, Waiting
from hubbub.core.world.state import User
from hubbub.core.world.world import World


def came(
    world: World, account: Account, session: SessionId, credential: str, username: str
) -> None:
    """Let a session be its account's, for which nothing has to wait any more.

    Not for those that only pass by: they are shown nothing that waited.
    """
    world.devices[session] = f"{credential} {username}"
    account.waiting = Waiting()


def went(world: World, user: User, session: SessionId, told: int) -> None:
    """Let a session be its account's no more; its device was told everything up to a seq."""
    # Sessions that began under rules before 4 have no device.
    device, account = world.devices.pop(session, ""), world.account(user.account)
    if account is not None and session not in user.quiet:
        account.left(device, told)
