"""What ends with an account that is kept out: what it could come back by, or have others act by."""

from __future__ import annotations

from hubbub.core.access import back_doors
from hubbub.core.deciding.context import Context
from hubbub.core.world.accounts import Account


def tell(ctx: Context, account: Account) -> None:
    """Say what ends with an account (core.apply.account_ends.end_back_doors), if anything does."""
    made = back_doors.appointed(ctx.world, account, ctx.by)
    invites = [one for each in (account, *made) for one in back_doors.invites_of(ctx.world, each)]
    if invites:
        text = f"{len(invites)} codes that it made end with it"
        ctx.tell("ACCOUNT", "ENDS", account.name, text)
    if made:
        names = ", ".join(f"{one.name} ({one.operator})" for one in made)
        text = f"it made these operators, who are none any more: {names}"
        ctx.tell("ACCOUNT", "ENDS", account.name, text)
