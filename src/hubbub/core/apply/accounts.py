"""Records about accounts: registering, credentials, logging in, invite codes."""

from __future__ import annotations

from typing import Final

from hubbub.core.account_records import (
    AccountDropped,
    AccountRegistered,
    AccountSet,
    AccountVerified,
    CredentialAdded,
    CredentialRemoved,
    InviteMade,
    InviteRevoked,
    LoggedIn,
    LoggedOut,
    Redeemed,
)
from hubbub.core.accounts import CREDENTIALS, FOUND_BY_ID, SINGLE, Account, Credential, Invite
from hubbub.core.admission import registration_refusal
from hubbub.core.apply.registered_channels import account_removed, grant_access
from hubbub.core.apply.users import displace, end_user, operator_changed
from hubbub.core.bans import ACCOUNT
from hubbub.core.effects import (
    CredentialGone,
    Deliver,
    Erase,
    Failed,
    HistoryEnded,
    Outcome,
    Refused,
)
from hubbub.core.records import Entry
from hubbub.core.state import User
from hubbub.core.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.names import fold

Outcomes = list[Outcome]

ACCOUNTS: Final = 1_000_000
"""How many accounts there are at most; one more is refused."""
INVITES: Final = 10_000
"""How many invite codes there are at most; those that are used up or over make room."""


def registered(world: World, record: AccountRegistered, entry: Entry) -> Outcomes:
    """Make an account, and log its registrant in."""
    seconds = entry.time // 1_000_000
    user = world.sessions.get(record.origin.session)
    refusal = _registration_refusal(world, record, user, seconds)
    if refusal is not None:
        code, text = refusal
        return [Failed(record.origin, "REGISTER", (code, record.account, text))]
    invite = world.invites.get(record.invite)
    account = Account(record.account, seconds, record.by, record.verified)
    outcomes = _forget_earlier(world, record.account)
    world.accounts[fold(account.name)] = account
    if entry.seq and record.histories:
        account.credentials["password", ""] = Credential("password", "", entry.seq, created=seconds)
    if invite is not None:
        invite.uses -= 1
        account.operator = invite.grants
    if record.by:
        return [*outcomes, *displace(world, account.name, account, entry)]
    if record.verified:
        outcomes += _log_in(world, account, user, entry)
    return outcomes


def _registration_refusal(
    world: World, record: AccountRegistered, user: User | None, now: int
) -> tuple[str, str] | None:
    """Return the code and text of why an account may not be made, or None."""
    earlier = world.reserved_for(record.account)
    holder = world.user(record.account)
    if earlier is not None and not earlier.is_free(now):
        return "ACCOUNT_EXISTS", "This name belongs to an account already"
    if holder is not None and holder is not user and not record.by:
        return "ACCOUNT_EXISTS", "Somebody else is using this nick"
    if user is not None and user.account and not record.by:
        return "ALREADY_AUTHENTICATED", "You have an account"
    if record.invite:
        invite = world.invites.get(record.invite)
        if invite is None or not invite.is_good(now):
            return "INVALID_INVITE", "This invite code is not valid, or no longer"
    if not record.by and not (record.invite and world.invites[record.invite].grants):
        closed = registration_refusal(world)
        if closed is not None:
            return closed
    if len(world.accounts) >= ACCOUNTS:
        return "TEMPORARILY_UNAVAILABLE", "There is no room for more accounts"
    return None


def _forget_earlier(world: World, name: str) -> Outcomes:
    """Take out an account that nobody verified in time, so that the name is free."""
    earlier = world.accounts.pop(fold(name), None)
    if earlier is None:
        return []
    return _forget_credentials(world, earlier)


def _forget_credentials(world: World, account: Account) -> Outcomes:
    seqs = []
    for held in account.credentials.values():
        world.credentials.pop((held.kind, held.id), None)
        seqs.append(held.seq)
    account.credentials.clear()
    return [Erase(tuple(seqs))] if seqs else []


def _log_in(world: World, account: Account, user: User | None, entry: Entry) -> Outcomes:
    """Let the session that asked be its account's, and its user too where it has one."""
    seconds = entry.time // 1_000_000
    account.used = seconds
    if user is None or user.account == account.name:
        return []
    before = world.accounts.get(fold(user.account)) if user.account else None
    if before is not None and user in before.users:
        before.users.remove(user)
    guest = user.presence if not user.account else ""
    user.account = account.name
    account.users.append(user)
    told = [user, *world.peers(user)]
    outcomes: Outcomes = [Deliver(entry, None, told, cap.ACCOUNT_NOTIFY, fold(user.nick))]
    outcomes += operator_changed(user, account)
    outcomes += grant_access(world, user)
    if guest:
        outcomes.append(HistoryEnded(f"@{guest}/*"))
    return outcomes


def verified(world: World, record: AccountVerified, entry: Entry) -> Outcomes:
    """Let an account be used, whose owner showed the code that was sent."""
    account = world.account(record.account)
    held = account.credential("verify", record.code) if account is not None else None
    seconds = entry.time // 1_000_000
    if account is None or held is None or held.id != record.code or held.is_over(seconds):
        params = ("INVALID_CODE", record.account, "This code is not valid, or no longer")
        return [Failed(record.origin, "VERIFY", params)]
    account.verified = True
    _take_out(world, account, held)
    user = world.sessions.get(record.origin.session)
    return _log_in(world, account, user, entry)


def account_set(world: World, record: AccountSet, entry: Entry) -> Outcomes:
    """Change something about an account; who is suspended is sent away."""
    account = world.account(record.account)
    if account is None:
        return [_unknown(record)]
    if record.what == "persist":
        account.persist = record.value == "on"
    elif record.what == "operator":
        account.operator = record.value
        return [outcome for user in account.users for outcome in operator_changed(user, account)]
    elif record.what == "suspended":
        account.suspended = record.value
        if record.value:
            return _send_away(world, account, entry, f"Account suspended: {record.value}")
    return []


def _send_away(world: World, account: Account, entry: Entry, reason: str) -> Outcomes:
    outcomes: Outcomes = []
    tokens = [u for u in world.users.values() if u.scope is not None and u.account == account.name]
    for user in (*account.users, *tokens):
        outcomes += end_user(world, user, entry, reason)
    return outcomes


def _unknown(record: AccountSet | CredentialAdded | CredentialRemoved) -> Failed:
    params = ("ACCOUNT_UNKNOWN", record.account, "There is no such account")
    return Failed(record.origin, "*", params)


def dropped(world: World, record: AccountDropped, entry: Entry) -> Outcomes:
    """End an account; its name is kept from others, who would be taken for its owner."""
    account = world.account(record.account)
    if account is None:
        return []
    outcomes = _send_away(world, account, entry, "Account dropped")
    outcomes += _forget_credentials(world, account)
    outcomes += account_removed(world, account.name)
    account.dropped = True
    account.operator = account.suspended = ""
    presence = f"a:{fold(account.name)}"
    for kept in (world.read_markers, world.metadata):
        kept.pop(presence, None)
    return [*outcomes, HistoryEnded(f"@{presence}/*"), HistoryEnded(account.secrets)]


def credential_added(world: World, record: CredentialAdded, entry: Entry) -> Outcomes:
    """Give an account one more way to be proved, or replace the one of its kind."""
    account = world.account(record.account)
    if account is None:
        return [_unknown(record)]
    owner = world.credentials.get((record.kind, record.id))
    if owner is not None and (owner is not account or record.kind not in SINGLE):
        params = ("IN_USE", record.account, "This belongs to an account already")
        return [Failed(record.origin, "*", params)]
    outcomes: Outcomes = []
    if record.kind in SINGLE:
        for earlier in account.of_kind(record.kind):
            _take_out(world, account, earlier)
            outcomes.append(Erase((earlier.seq,)))
    _drop_over(world, account, entry.time // 1_000_000)
    if len(account.credentials) >= CREDENTIALS:
        text = f"An account has at most {CREDENTIALS} credentials; remove one first"
        return [Failed(record.origin, "*", ("TOO_MANY", record.account, text))]
    held = Credential(
        record.kind,
        record.id,
        entry.seq,
        record.label,
        record.scope,
        entry.time // 1_000_000,
        record.expires,
    )
    account.credentials[held.kind, held.id] = held
    if held.kind in FOUND_BY_ID:
        world.credentials[held.kind, held.id] = account
    return outcomes


def _drop_over(world: World, account: Account, now: int) -> None:
    for held in list(account.credentials.values()):
        if held.is_over(now):
            _take_out(world, account, held)


def _take_out(world: World, account: Account, held: Credential) -> None:
    del account.credentials[held.kind, held.id]
    world.credentials.pop((held.kind, held.id), None)


def credential_removed(world: World, record: CredentialRemoved, entry: Entry) -> Outcomes:
    """Take a way to be proved from an account; sessions that came in by a token end."""
    account = world.account(record.account)
    held = account.credential(record.kind, record.id) if account is not None else None
    if account is None or held is None:
        return [_unknown(record)]
    _take_out(world, account, held)
    if record.kind == "totp":
        for code in account.of_kind("recovery"):
            _take_out(world, account, code)
    gone = CredentialGone(held.kind, held.id, record.origin.session)
    return [Erase((held.seq,)), gone] if held.id else [Erase((held.seq,))]


def logged_in(world: World, record: LoggedIn, entry: Entry) -> Outcomes:
    """Let a session be an account's, unless what proved it is gone meanwhile."""
    account = world.account(record.account)
    held = account.credential(record.kind, record.id) if account is not None else None
    seconds = entry.time // 1_000_000
    good = held is not None and held.id == record.id and not held.is_over(seconds)
    if account is None or held is None or not good or not _may_log_in(account, record):
        return [Refused(record.origin, numerics.ERR_SASLFAIL, ())]
    ban = world.bans.get(ACCOUNT, account.name, seconds)
    if ban is not None:
        params = (ban.text,)
        return [Refused(record.origin, numerics.ERR_YOUREBANNEDCREEP, params, closes=True)]
    held.used = seconds
    account.step = max(account.step, record.step)
    if record.recovery:
        code = account.credential("recovery", record.recovery)
        assert code is not None, "asked for above"
        _take_out(world, account, code)
    user = world.sessions.get(record.origin.session)
    if user is not None and user.account not in ("", account.name) and len(user.sessions) > 1:
        # The user's other sessions have not proved this account.
        return [Refused(record.origin, numerics.ERR_SASLFAIL, ())]
    return _log_in(world, account, user, entry)


def _may_log_in(account: Account, record: LoggedIn) -> bool:
    if account.suspended or not account.verified:
        return False
    if record.step and record.step <= account.step:
        return False
    return not record.recovery or account.credential("recovery", record.recovery) is not None


def logged_out(world: World, record: LoggedOut, entry: Entry) -> Outcomes:
    """Let a user with one session be a guest again."""
    user = world.sessions.get(record.origin.session)
    if user is None or not user.account or len(user.sessions) > 1:
        return []
    account = world.accounts[fold(user.account)]
    if user in account.users:
        account.users.remove(user)
    user.account = ""
    told = [user, *world.peers(user)]
    return [Deliver(entry, None, told, cap.ACCOUNT_NOTIFY, fold(user.nick))]


def invite_made(world: World, record: InviteMade, entry: Entry) -> Outcomes:
    """Let an invite code be used."""
    seconds = entry.time // 1_000_000
    if len(world.invites) >= INVITES:
        good = {code: held for code, held in world.invites.items() if held.is_good(seconds)}
        world.invites = good
    if len(world.invites) >= INVITES:
        text = f"There are {INVITES} invite codes; revoke some first"
        return [Failed(record.origin, "*", ("TOO_MANY", text))]
    world.invites[record.code] = Invite(
        record.code,
        record.uses,
        record.expires,
        record.by,
        record.grants,
        record.note,
        seconds,
    )
    return []


def invite_revoked(world: World, record: InviteRevoked, entry: Entry) -> Outcomes:
    """Let an invite code be used no more."""
    world.invites.pop(record.code, None)
    return []


def redeemed(world: World, record: Redeemed, entry: Entry) -> Outcomes:
    """Let an account be what a code grants."""
    account = world.account(record.account)
    invite = world.invites.get(record.code)
    good = invite is not None and invite.grants and invite.is_good(entry.time // 1_000_000)
    if account is None or invite is None or not good:
        params = ("INVALID_CODE", "This code is not valid, or no longer")
        return [Failed(record.origin, "REDEEM", params)]
    invite.uses -= 1
    account.operator = invite.grants
    return [outcome for user in account.users for outcome in operator_changed(user, account)]
