"""Somebody leaves, or was given a wrong name: what an account has, and giving it on."""

from __future__ import annotations

from collections.abc import Iterable

from hubbub.core.access import channels as access
from hubbub.core.access import ranks
from hubbub.core.access import registered_channels as rights
from hubbub.core.deciding import audit
from hubbub.core.deciding.context import CommandContext, Context, shown
from hubbub.core.records.accounts import AccountHandedOver, AccountRenamed
from hubbub.core.records.entries import Entry
from hubbub.core.world.accounts import CREDENTIALS, Account, Credential, is_account_name
from hubbub.core.world.state import Channel
from hubbub.irc.names import CHANNEL_PREFIXES, fold


def channels(ctx: Context, account: Account) -> None:
    """Tell in which channels an account is what, and who would have its own after it."""
    for channel in ctx.world.channels.values():
        level = channel.level(account.name)
        if level and access.sees_channel(channel, ctx.user):
            ctx.tell("ACCOUNT", "CHANNEL", channel.name, _about(channel, account, level))
    ctx.tell("ACCOUNT", "END", "End of channels")


def _about(channel: Channel, account: Account, level: str) -> str:
    held = channel.registration
    if held is None or not _founded(channel, account):
        return rights.LEVEL_NAMES[level]
    heir = rights.successor(held)
    return f"owner; next in line: {heir or 'nobody'}"


def _founded(channel: Channel, account: Account) -> bool:
    held = channel.registration
    return held is not None and fold(held.founder) == fold(account.name)


def hand_over(ctx: CommandContext, account: Account) -> None:
    """Give another account the channels of this one and its tokens for one purpose, or some."""
    name, wanted = ctx.param(2), ctx.message.params[3:]
    heir = ctx.world.account(name)
    if heir is None or not heir.verified or heir is account:
        ctx.fail("ACCOUNT_UNKNOWN", shown(name), "There is no such account to hand it to")
        return
    owned = [channel for channel in ctx.world.channels.values() if _founded(channel, account)]
    if wanted:
        owned, tokens = _named(account, owned, wanted)
    else:
        tokens = [held for held in account.of_kind("token") if held.scope]
    missing = _missing(wanted, owned, tokens)
    if missing:
        what = "channel" if missing[:1] in CHANNEL_PREFIXES else "token"
        ctx.fail("NOT_FOUND", shown(missing), f"{account.name} has no such {what}")
    elif not owned and not tokens:
        ctx.fail("NOT_FOUND", account.name, "It has no channel and no bot's token to hand over")
    elif tokens and not ranks.may_act_on_account(ctx.world, ctx.user.wielded, heir.name):
        # Whoever has a token would be the heir with it.
        ctx.fail("NO_PRIVILEGES", heir.name, f"{ranks.TOO_HIGH}: hand over channels only")
    elif len(heir.credentials) + len(tokens) > CREDENTIALS:
        text = f"It would have more than {CREDENTIALS} credentials; remove some first"
        ctx.fail("TOO_MANY", heir.name, text)
    else:
        _hand(ctx, account, heir, owned, tokens)


def _hand(
    ctx: CommandContext,
    account: Account,
    heir: Account,
    owned: Iterable[Channel],
    tokens: Iterable[Credential],
) -> None:
    places = tuple((channel.name, channel.history) for channel in owned)
    ids = tuple(held.id for held in tokens)
    ctx.append(AccountHandedOver(ctx.origin, account.name, heir.name, ctx.by, places, ids))
    given = [*(channel.name for channel in owned), *(held.label for held in tokens)]
    audit.acted(ctx, "ACCOUNT HANDOVER", account.name, f"to {heir.name}: {' '.join(given)}")


def _named(
    account: Account, owned: Iterable[Channel], wanted: Iterable[str]
) -> tuple[list[Channel], list[Credential]]:
    """Return those of the channels, and of the account's tokens, that are called by name."""
    names = {fold(word) for word in wanted}
    tokens = [held for held in account.of_kind("token") if fold(held.label) in names]
    return [channel for channel in owned if fold(channel.name) in names], tokens


def _missing(wanted: Iterable[str], owned: Iterable[Channel], tokens: Iterable[Credential]) -> str:
    """Return the first word that names none of these; "" where each does."""
    have = {fold(channel.name) for channel in owned} | {fold(held.label) for held in tokens}
    return next((word for word in wanted if fold(word) not in have), "")


def handed_over(ctx: Context, record: AccountHandedOver, entry: Entry) -> None:
    """Confirm what was handed over."""
    channels, tokens = len(record.channels), len(record.tokens)
    text = f"{record.to} has {channels} channels and {tokens} tokens of it now"
    ctx.tell("ACCOUNT", "HANDOVER", record.account, text)


def rename(ctx: CommandContext, account: Account) -> None:
    """Give an account that nobody has used yet another name."""
    name = ctx.param(2)
    taken = ctx.world.reserved_for(name)
    if not is_account_name(name) or ctx.is_reserved(name):
        text = "An account's name is a valid nick, and none like a service's or the server's"
        ctx.fail("BAD_ACCOUNT_NAME", shown(name), text)
    elif taken is not None and taken is not account:
        ctx.fail("ACCOUNT_EXISTS", name, "This name is taken")
    elif not account.is_unused:
        text = "It has been used, and others know it by its name: make another, and HANDOVER to it"
        ctx.fail("IN_USE", account.name, text)
    else:
        ctx.append(AccountRenamed(ctx.origin, account.name, name, ctx.by))
        audit.acted(ctx, "ACCOUNT RENAME", account.name, name)
