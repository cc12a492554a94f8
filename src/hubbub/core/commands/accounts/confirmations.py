"""What an operator is told once what it did with an account has been applied.

Records that an account's owner may ask for as well (`by` tells them apart) come here by way of
hubbub.core.commands.accounts.registration, which has their follow-ups.
"""

from __future__ import annotations

from typing import Final

from hubbub.core.commands.accounts import reset_codes
from hubbub.core.deciding.context import Command, Context, FollowUps
from hubbub.core.records.accounts import (
    AccountDropped,
    AccountRegistered,
    AccountRenamed,
    AccountSet,
)
from hubbub.core.records.entries import Entry


def account_registered(ctx: Context, record: AccountRegistered, entry: Entry) -> None:
    """Confirm an account that an operator made; where it has no password, give out a code."""
    ctx.tell("ACCOUNT", "ADDED", record.account, "Account made")
    if not record.histories:
        reset_codes.give(ctx, record.account)


def account_set(ctx: Context, record: AccountSet, entry: Entry) -> None:
    """Confirm what an operator changed about an account."""
    told = f"{record.what}: {record.value}" if record.value else f"{record.what} no more"
    ctx.tell("ACCOUNT", "SET", record.account, told)


def account_dropped(ctx: Context, record: AccountDropped, entry: Entry) -> None:
    """Confirm that an account is over."""
    is_kept = ctx.world.reserved_for(record.account) is not None
    kept = "its name is not given again" if is_kept else "nobody had used it: its name is free"
    ctx.tell("ACCOUNT", "DROPPED", record.account, f"Account dropped; {kept}")


def account_renamed(ctx: Context, record: AccountRenamed, entry: Entry) -> None:
    """Confirm that an account has another name, and give out a code for it."""
    ctx.tell("ACCOUNT", "RENAMED", record.name, f"It was {record.account}, which is free again")
    reset_codes.give(ctx, record.name)


COMMANDS: Final[tuple[Command, ...]] = ()
FOLLOW_UPS: Final[FollowUps] = {
    AccountDropped: account_dropped,
    AccountRenamed: account_renamed,
}
