"""What ends with an account that is kept out: what it could come back by, or have others act by."""

from __future__ import annotations

from hubbub.core.deciding.context import Context
from hubbub.core.world.accounts import Account, has_made
from hubbub.irc.names import fold


def tell(ctx: Context, account: Account) -> None:
    """Say what ends with an account (core.apply.account_ends.end_back_doors), if anything does."""
    invites = [one for one in ctx.world.invites.values() if has_made(account, one.by)]
    made = [
        f"{one.name} ({one.operator})"
        for one in ctx.world.accounts.values()
        if one.operator and has_made(account, one.operator_by) and fold(one.name) != fold(ctx.by)
    ]
    if invites:
        text = f"{len(invites)} codes that it made end with it"
        ctx.tell("ACCOUNT", "ENDS", account.name, text)
    if made:
        text = f"it made these operators, who are none any more: {', '.join(made)}"
        ctx.tell("ACCOUNT", "ENDS", account.name, text)
