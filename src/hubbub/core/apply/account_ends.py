"""Records with which operators end what an account can do, and give on what it has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hubbub.core.access import back_doors, ranks
from hubbub.core.apply.credentials import (
    forget_credentials,
    keep,
    last_owner,
    take_out,
    too_high,
    unknown,
)
from hubbub.core.apply.nicks import displace
from hubbub.core.apply.operators import operator_changed
from hubbub.core.apply.registered_channels import account_removed, hand_on
from hubbub.core.apply.users import end_sessions, end_user
from hubbub.core.outcomes import (
    REFUSALS,
    AccountClosed,
    CredentialGone,
    Erase,
    EraseAccount,
    Failed,
    HistoryEnded,
    Outcome,
)
from hubbub.core.policy.privileges import privileges_of
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.records.accounts import (
    AccountDropped,
    AccountErased,
    AccountHandedOver,
    AccountLoggedOut,
    AccountRenamed,
    AccountSet,
)
from hubbub.core.records.entries import Entry
from hubbub.core.world.accounts import SECRET, Account, Waiting, presence_of
from hubbub.core.world.state import Channel, User
from hubbub.core.world.world import World
from hubbub.irc.names import fold

Outcomes = list[Outcome]

LOGGED_OUT = "An operator ended your connections; log in again"


def send_away(world: World, account: Account, entry: Entry, reason: str) -> Outcomes:
    """End an account's users, and the sessions that are none yet."""
    outcomes: Outcomes = [AccountClosed(account.name, reason)]
    for user in _users(world, account):
        outcomes += end_user(world, user, entry, reason)
    return outcomes


def _users(world: World, account: Account) -> list[User]:
    """Return the users under an account, those with a token for one purpose too."""
    return [user for user in world.users.values() if user.account == account.name]


def set_operator(world: World, account: Account, operator_class: str, by: str) -> Outcomes:
    """Make an account an operator of a class, "" for none.

    What somebody of a lower class gave it, to set its password by, ends as it rises.
    """
    outcomes: Outcomes = []
    for held in [*account.of_kind("reset"), *account.of_kind("email")]:
        if held.by not in ("", CONSOLE) and not ranks.gives(world, held.by, operator_class):
            take_out(world, account, held)
            outcomes += [Erase((held.seq,))] if held.kind in SECRET else []
    account.operator = operator_class
    account.operator_by = by if operator_class else ""
    for user in account.users:
        outcomes += operator_changed(user, account)
    return outcomes


def end_codes(world: World, account: Account) -> Outcomes:
    """End the codes that an account gave out and may give out no more."""
    held = privileges_of("" if account.suspended or account.dropped else account.operator)
    for invite in back_doors.invites_of(world, account):
        if ("operators" if invite.grants else "accounts") not in held:
            del world.invites[invite.code]
    if "accounts" not in held:
        for owner, code in back_doors.resets_of(world, account):
            take_out(world, owner, code)
    return []


def end_back_doors(world: World, account: Account, record: AccountSet | AccountDropped) -> Outcomes:
    """End what an account that is kept out from now on could come back by, or have others act by.

    That are its codes, and the operators it made, with theirs; but for the one who keeps it out.
    """
    appointed = back_doors.appointed(world, account, record.by)
    outcomes = end_codes(world, account)
    for made in appointed:
        outcomes += set_operator(world, made, "", "") + end_codes(world, made)
    return outcomes


def logged_out(world: World, record: AccountLoggedOut, entry: Entry) -> Outcomes:
    """End an account's sessions, and where that is wanted whatever could begin new ones."""
    account = world.account(record.account)
    if account is None:
        return [unknown(record)]
    if ranks.overruled(world, record.origin, record.by, account.name):
        return [too_high(record)]
    account.void_before = entry.seq
    outcomes: Outcomes = forget_credentials(world, account) if record.revoked else []
    outcomes.append(AccountClosed(account.name, LOGGED_OUT))
    for user in _users(world, account):
        outcomes += end_sessions(world, user, entry, LOGGED_OUT)
    return outcomes


def handed_over(world: World, record: AccountHandedOver, entry: Entry) -> Outcomes:
    """Let channels and tokens of one account be another's."""
    account, heir = world.account(record.account), world.account(record.to)
    if account is None or heir is None:
        return [unknown(record)]
    # Whoever has a token would be the heir with it.
    for name in (account.name, heir.name) if record.tokens else (account.name,):
        if ranks.overruled(world, record.origin, record.by, name):
            return [too_high(record)]
    outcomes: Outcomes = []
    for channel in _still_owned(world, account, record.channels):
        outcomes += hand_on(channel, heir.name, entry)
    for id in record.tokens:
        token = account.credential("token", id)
        if token is None:
            continue
        take_out(world, account, token)
        token.was = account.name
        keep(world, heir, token)
        # What came in by it comes back as the other account's.
        outcomes.append(CredentialGone(account.name, "token", id, record.origin.session))
    return outcomes


def _still_owned(
    world: World, account: Account, named: Iterable[tuple[str, str]]
) -> Iterator[Channel]:
    """Give those channels (name, history) that are not others by now, nor another's."""
    for name, history in named:
        channel = world.channel(name)
        held = channel.registration if channel is not None else None
        if channel is None or held is None or channel.history != history:
            continue
        if fold(held.founder) == fold(account.name):
            yield channel


def renamed(world: World, record: AccountRenamed, entry: Entry) -> Outcomes:
    """Give an account that nobody has used another name; what proved it, or waited for it, goes."""
    account = world.account(record.account)
    if account is None:
        return [unknown(record)]
    if ranks.overruled(world, record.origin, record.by, account.name):
        return [too_high(record)]
    taken = world.reserved_for(record.name)
    if not account.is_unused or (taken is not None and taken is not account):
        text = "It has been used meanwhile, or the name is taken"
        return [Failed(record.origin, "ACCOUNT", ("IN_USE", record.account, text))]
    outcomes = forget_credentials(world, account) + account_removed(world, account.name, entry)
    outcomes += [HistoryEnded(f"@{presence_of(account.name)}/*"), HistoryEnded(account.secrets)]
    world.unverified.pop(fold(account.name), None)
    del world.accounts[fold(account.name)]
    account.name, account.waiting, account.verified = record.name, Waiting(), True
    world.accounts[fold(account.name)] = account
    return [*outcomes, *displace(world, account.name, account, entry)]


def is_spared(world: World, account: Account, record: AccountSet | AccountDropped) -> bool:
    """Say whether it has become the last owner meanwhile, whom nobody confirmed to remove."""
    return record.spares_last and ranks.is_last_owner(world, account)


def dropped(world: World, record: AccountDropped, entry: Entry) -> Outcomes:
    """End an account; its name is kept from others, who would be taken for its owner.

    A name that nobody ever used is free again.
    """
    account = world.account(record.account)
    if account is None:
        return []
    if ranks.overruled(world, record.origin, record.by, account.name):
        return [too_high(record)]
    if is_spared(world, account, record):
        return [last_owner(record)]
    unused = account.is_unused
    outcomes = send_away(world, account, entry, "Account dropped")
    # Before its codes are looked for: they end because it may give out none any more.
    account.dropped = True
    outcomes += end_back_doors(world, account, record)
    outcomes += forget_credentials(world, account)
    outcomes += account_removed(world, account.name, entry)
    world.unverified.pop(fold(account.name), None)
    if unused:
        give_back(world, account)
        del world.accounts[fold(account.name)]
    account.operator = account.suspended = ""
    account.waiting, account.devices = Waiting(), {}
    presence = presence_of(account.name)
    for kept in (world.read_markers, world.metadata, world.silenced, world.buffers):
        kept.pop(presence, None)
    return [*outcomes, HistoryEnded(f"@{presence}/*"), HistoryEnded(account.secrets)]


def erased(world: World, record: AccountErased, entry: Entry) -> list[Outcome]:
    """End an account, also one that had ended, and have all go that it said.

    Its name is kept from others, as that of each that was dropped.
    """
    account = world.accounts.get(fold(record.account))
    if account is None:
        return []
    outcomes = dropped(world, record, entry)
    if any(type(outcome) in REFUSALS for outcome in outcomes):
        return outcomes
    _take_out(world, account)
    account.erased = entry.seconds
    presence = presence_of(account.name)
    # Once more, for one that had ended before, under older rules or in parts.
    ended = [HistoryEnded(f"@{presence}/*"), HistoryEnded(account.secrets)]
    return [*outcomes, *ended, EraseAccount(fold(account.name))]


def _take_out(world: World, account: Account) -> None:
    """Take out of the World what the account had others see."""
    name = fold(account.name)
    for channel in world.channels.values():
        if fold(channel.topic_by.partition("!")[0]) == name:
            channel.topic, channel.topic_by, channel.topic_time = "", "", 0
    kept = [past for past in world.whowas if fold(past.account) != name]
    world.whowas.clear()
    world.whowas.extend(kept)
    account.invite = account.operator_by = ""


def give_back(world: World, account: Account) -> None:
    """Give back to an invite code what an account has used that came to nothing.

    The e-mail with its code may never have come: that is not to cost an invitation.
    """
    invite = world.invites.get(account.invite)
    if invite is not None and not account.verified:
        invite.uses += 1
