"""What somebody who is kept out had prepared: codes, and operators who would act in his place."""

from __future__ import annotations

from hubbub.core.world.accounts import Account, Credential, Invite, has_made
from hubbub.core.world.world import World
from hubbub.irc.names import fold


def appointed(world: World, account: Account, spared: str) -> list[Account]:
    """Return the operators whom an account made, and whom those made, as far as it goes.

    Not the one who is `spared`, and so none whom that one made.
    """
    chain = [account]
    for maker in chain:
        chain += [
            one
            for one in world.accounts.values()
            if one.operator
            and one not in chain
            and has_made(maker, one.operator_by)
            and fold(one.name) != fold(spared)
        ]
    return chain[1:]


def invites_of(world: World, account: Account) -> list[Invite]:
    """Return the invite and owner codes that an account has made."""
    return [one for one in world.invites.values() if has_made(account, one.by)]


def resets_of(world: World, account: Account) -> list[tuple[Account, Credential]]:
    """Return the codes for passwords that an account has given out, and for whom."""
    return [
        (owner, owner.credentials[kind, id])
        for (kind, id), owner in world.credentials.items()
        if kind == "reset" and has_made(account, owner.credentials[kind, id].by)
    ]
