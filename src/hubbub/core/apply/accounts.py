"""Records about accounts: registering, credentials, logging in, invite codes."""

from __future__ import annotations

from typing import Final

from hubbub.core.access import ranks
from hubbub.core.access.admission import registration_refusal
from hubbub.core.apply.account_ends import (
    end_back_doors,
    end_codes,
    give_back,
    is_spared,
    send_away,
    set_operator,
)
from hubbub.core.apply.channels import still_invited
from hubbub.core.apply.credentials import (
    end_claims,
    forget_credentials,
    keep,
    last_owner,
    lost,
    take_out,
    too_high,
    unknown,
)
from hubbub.core.apply.nicks import displace, is_reserved, take_nick
from hubbub.core.apply.operators import operator_changed, operator_no_more
from hubbub.core.apply.registered_channels import grant_access, revoke_access
from hubbub.core.apply.users import came, end_absent, went
from hubbub.core.outcomes import (
    Afterwards,
    Deliver,
    Failed,
    HistoryEnded,
    Notify,
    Outcome,
    Refused,
)
from hubbub.core.policy.privileges import OWNER
from hubbub.core.records.accounts import (
    AccountRegistered,
    AccountSet,
    AccountVerified,
    InviteMade,
    InviteRevoked,
    LoggedIn,
    LoggedOut,
    Reauthenticated,
    Redeemed,
)
from hubbub.core.records.entries import Entry
from hubbub.core.world.accounts import Account, Credential, Invite
from hubbub.core.world.bans import ACCOUNT
from hubbub.core.world.state import User
from hubbub.core.world.world import World
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.names import fold

Outcomes = list[Outcome]

ACCOUNTS: Final = 1_000_000
"""How many accounts there are at most; one more is refused."""
OTHER_SESSIONS: Final = "You are connected more than once; QUIT instead"
USED: Final = "This code was used already, or your password was changed; try again"
INVITES: Final = 10_000
"""How many invite codes there are at most; those that are used up or over make room."""


def registered(world: World, record: AccountRegistered, entry: Entry) -> Outcomes:
    """Make an account, and log its registrant in."""
    seconds = entry.seconds
    user = world.sessions.get(record.origin.session)
    refusal = _registration_refusal(world, record, user, seconds)
    if refusal is not None:
        code, text = refusal
        return lost(record, entry, Failed(record.origin, "REGISTER", (code, record.account, text)))
    invite = world.invites.get(record.invite)
    account = Account(record.account, seconds, record.by, record.verified, invite=record.invite)
    outcomes = _forget_unverified(world, record.account, seconds)
    world.accounts[fold(account.name)] = account
    if not account.verified:
        world.unverified[fold(account.name)] = account
    if record.histories:
        keep(world, account, Credential("password", "", entry.seq, created=seconds))
    if record.key:
        keep(world, account, Credential("ssh", record.key, entry.seq, created=seconds))
        outcomes += end_claims(world, "ssh", record.key)
    if invite is not None:
        invite.uses -= 1
        account.operator, account.operator_by = invite.grants, invite.by if invite.grants else ""
    if record.by:
        return [*outcomes, *displace(world, account.name, account, entry)]
    if record.verified:
        outcomes += _log_in(world, account, user, entry)
    return outcomes


def _registration_refusal(
    world: World, record: AccountRegistered, user: User | None, now: int
) -> tuple[str, str] | None:
    """Return the code and text of why an account may not be made, or None."""
    if not ranks.may_still_act(world, record.origin, record.by, "accounts"):
        return "NO_PRIVILEGES", ranks.NO_MORE
    refusal = _name_refusal(world, record, user, now)
    if refusal is not None:
        return refusal
    if user is not None and user.account and not record.by:
        return "ALREADY_AUTHENTICATED", "You have an account"
    refusal = _invite_refusal(world, record, now)
    if refusal is not None:
        return refusal
    if record.key and ("ssh", record.key) in world.credentials:
        return "IN_USE", "This key belongs to an account already"
    if len(world.accounts) >= ACCOUNTS:
        return "TEMPORARILY_UNAVAILABLE", "There is no room for more accounts"
    return None


def _name_refusal(
    world: World, record: AccountRegistered, user: User | None, now: int
) -> tuple[str, str] | None:
    """Return why nobody, or not this user, may have an account of this name."""
    earlier = world.reserved_for(record.account)
    if earlier is not None and not earlier.is_free(now):
        return "ACCOUNT_EXISTS", "This name belongs to an account already"
    # An operator who makes an account takes its name from whoever has it as a nick (displace).
    if world.user(record.account) not in (None, user) and not record.by:
        return "ACCOUNT_EXISTS", "Somebody else is using this nick"
    return None


def _invite_refusal(world: World, record: AccountRegistered, now: int) -> tuple[str, str] | None:
    """Return why the code that was shown, or none, lets nobody register."""
    invite = world.invites.get(record.invite) if record.invite else None
    if record.invite and (invite is None or not invite.is_good(now)):
        return "INVALID_INVITE", "This invite code is not valid, or no longer"
    # A code that makes an operator works where registration is closed: a server is set up with it.
    if record.by or (invite is not None and invite.grants):
        return None
    return registration_refusal(world)


def _forget_unverified(world: World, name: str, now: int) -> Outcomes:
    """Take out the accounts that nobody verified in time, and so the one of a name that is free."""
    outcomes: Outcomes = []
    for folded, account in list(world.unverified.items()):
        if not account.is_free(now):
            # They are in the order in which they were registered.
            break
        del world.accounts[folded], world.unverified[folded]
        outcomes += forget_credentials(world, account)
        give_back(world, account)
    assert fold(name) not in world.accounts, "asked for before"
    return outcomes


def _log_in(world: World, account: Account, user: User | None, entry: Entry) -> Outcomes:
    """Let the session that asked be its account's, and its user too where it has one."""
    seconds = entry.seconds
    account.used = seconds
    if user is None or user.account == account.name:
        return []
    guest = user.presence if not user.account else ""
    outcomes = _leave_account(world, user, entry)
    with still_invited(user):
        user.account = account.name
    account.users.append(user)
    _begin_session(world, account, user, guest, entry)
    outcomes += _account_changed(user, entry)
    if is_reserved(world, user.nick, account):
        outcomes += take_nick(world, user, entry)
    outcomes += operator_changed(user, account)
    outcomes += grant_access(world, user)
    if guest:
        outcomes.append(HistoryEnded(f"@{guest}/*"))
    return outcomes


def _account_changed(user: User, entry: Entry) -> Outcomes:
    """Tell of a login or logout: the user itself once it has had its answer, 900 say, as asked."""
    others = Deliver(entry, None, (), cap.ACCOUNT_NOTIFY, fold(user.nick), circle=user.circle)
    message = Message("ACCOUNT", (user.account or "*",), user.source)
    return [others, Afterwards((Notify(message, (user,), cap.ACCOUNT_NOTIFY),))]


def _begin_session(world: World, account: Account, user: User, guest: str, entry: Entry) -> None:
    """Let the session that asked count as its account's: nothing has to wait any more."""
    record = entry.record
    credential = f"{record.kind}:{record.id}" if isinstance(record, LoggedIn) else ""
    if record.origin.session not in user.quiet:
        came(world, account, record.origin.session, credential, user.username)
    # Whom a guest did not want to hear, it does not want to hear after logging in either.
    masks = dict.fromkeys((*world.silenced.get(user.presence, ()), *world.silenced.pop(guest, ())))
    if masks:
        world.silenced[user.presence] = tuple(masks)


def _leave_account(world: World, user: User, entry: Entry) -> Outcomes:
    """Take from a user, who stays, its account and what it is by that."""
    account = world.accounts.get(fold(user.account)) if user.account else None
    if account is None:
        return []
    if user in account.users:
        account.users.remove(user)
    for session in user.sessions:
        went(world, user, session, entry.seq)
    outcomes = [*operator_no_more(user), *revoke_access(user)]
    with still_invited(user):
        user.account = ""
    return outcomes


def _not_to_be_used(account: Account, user: User | None) -> str:
    """Return why a user cannot use an account, whatever proves it; "" where that is no reason."""
    if account.suspended:
        return f"This account is suspended: {account.suspended}"
    return "You have an account" if user is not None and user.account else ""


def verified(world: World, record: AccountVerified, entry: Entry) -> Outcomes:
    """Let an account be used, whose owner showed the code that was sent."""
    account = world.account(record.account)
    if record.by:
        return _let_in(world, account, record, entry)
    held = account.credential("verify", record.code) if account is not None else None
    seconds = entry.seconds
    if account is None or held is None or held.id != record.code or held.is_over(seconds):
        params = ("INVALID_CODE", record.account, "This code is not valid, or no longer")
        return [Failed(record.origin, "VERIFY", params)]
    user = world.sessions.get(record.origin.session)
    text = _not_to_be_used(account, user)
    if text:
        return [Failed(record.origin, "VERIFY", ("INVALID_CODE", record.account, text))]
    account.verified = True
    world.unverified.pop(fold(account.name), None)
    take_out(world, account, held)
    outcomes = _log_in(world, account, user, entry)
    # Who registered may still be here under the name, and have verified from elsewhere.
    return outcomes + displace(world, account.name, account, entry)


def _let_in(
    world: World, account: Account | None, record: AccountVerified, entry: Entry
) -> Outcomes:
    """Let an account be used whose code never came."""
    if account is None:
        return [unknown(record)]
    if ranks.overruled(world, record.origin, record.by, account.name):
        return [too_high(record)]
    account.verified = True
    world.unverified.pop(fold(account.name), None)
    for code in account.of_kind("verify"):
        take_out(world, account, code)
    return displace(world, account.name, account, entry)


def account_set(world: World, record: AccountSet, entry: Entry) -> Outcomes:
    """Change something about an account; who is suspended is sent away."""
    account = world.account(record.account)
    if account is None:
        return [unknown(record)]
    ends = record.value if record.what == "suspended" else record.value != OWNER
    if record.what != "persist" and ends and is_spared(world, account, record):
        return [last_owner(record)]
    privilege = "operators" if record.what == "operator" else "accounts"
    if ranks.overruled(world, record.origin, record.by, account.name, privilege):
        return [too_high(record)]
    if record.what == "persist":
        account.persist = record.value == "on"
        return end_absent(world, list(account.users), entry)
    if record.what == "operator":
        return set_operator(world, account, record.value, record.by) + end_codes(world, account)
    if record.what == "suspended":
        account.suspended = record.value
        if record.value:
            account.void_before = entry.seq
            reason = f"Account suspended: {record.value}"
            return send_away(world, account, entry, reason) + end_back_doors(world, account, record)
    return []


def _proof(account: Account | None, record: LoggedIn, seconds: int) -> Credential | None:
    """Return the credential that proved an account, unless it is gone meanwhile."""
    held = account.credential(record.kind, record.id) if account is not None else None
    good = held is not None and held.id == record.id and held.proved and not held.is_over(seconds)
    return held if good else None


def logged_in(world: World, record: LoggedIn, entry: Entry) -> Outcomes:
    """Let a session be an account's, unless what proved it is gone meanwhile."""
    account = world.account(record.account)
    held = _proof(account, record, entry.seconds)
    seconds = entry.seconds
    if account is None or held is None or not _may_log_in(account, record):
        return [Refused(record.origin, numerics.ERR_SASLFAIL, ())]
    ban = world.bans.get(ACCOUNT, account.name, seconds)
    if ban is not None and ban.binds(ranks.of_account(world, account.name)):
        params = (ban.text,)
        return [Refused(record.origin, numerics.ERR_YOUREBANNEDCREEP, params, closes=True)]
    user = world.sessions.get(record.origin.session)
    if user is not None and not user.may_change_to(account.name):
        return [Refused(record.origin, numerics.ERR_SASLFAIL, ())]
    if 0 < record.since < account.void_before:
        return [Refused(record.origin, numerics.ERR_SASLFAIL, ())]
    held.used = seconds
    account.step = max(account.step, record.step)
    if record.recovery:
        code = account.credential("recovery", record.recovery)
        assert code is not None, "asked for above"
        take_out(world, account, code)
    return _log_in(world, account, user, entry)


def reauthenticated(world: World, record: Reauthenticated, entry: Entry) -> Outcomes:
    """Let the codes that a proof took count once."""
    account = world.account(record.account)
    if account is None or not _may_log_in(account, record):
        return [Failed(record.origin, "REAUTH", ("WRONG_PASSWORD", USED))]
    account.step = max(account.step, record.step)
    if record.recovery:
        take_out(world, account, account.credentials["recovery", record.recovery])
    return []


def _may_log_in(account: Account, record: LoggedIn | Reauthenticated) -> bool:
    if account.suspended or not account.verified:
        return False
    if record.checked and record.checked != account.password_secrets:
        # The password was changed meanwhile, or needs a one-time password now.
        return False
    if record.step and record.step <= account.step:
        return False
    return not record.recovery or account.credential("recovery", record.recovery) is not None


def logged_out(world: World, record: LoggedOut, entry: Entry) -> Outcomes:
    """Let a user with one session be a guest again."""
    user = world.sessions.get(record.origin.session)
    if user is None or not user.account:
        return []
    if len(user.sessions) > 1:
        params = ("OTHER_SESSIONS", OTHER_SESSIONS)
        return [Failed(record.origin, "LOGOUT", params)]
    outcomes = _leave_account(world, user, entry)
    outcomes += _account_changed(user, entry)
    if is_reserved(world, user.nick, None):
        outcomes += take_nick(world, user, entry)
    return outcomes


def invite_made(world: World, record: InviteMade, entry: Entry) -> Outcomes:
    """Let an invite code be used."""
    seconds = entry.seconds
    privilege = "operators" if record.grants else "accounts"
    if not ranks.may_still_act(world, record.origin, record.by, privilege):
        return [Failed(record.origin, "*", ("NO_PRIVILEGES", ranks.NO_MORE))]
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
    held, asker = world.invites.get(record.code), world.sessions.get(record.origin.session)
    if not ranks.may_still_act(world, record.origin, record.by, "accounts"):
        return [Failed(record.origin, "*", ("NO_PRIVILEGES", ranks.NO_MORE))]
    if held and asker and not ranks.may_revoke(world, asker.wielded, held):
        return [Failed(record.origin, "*", ("NO_PRIVILEGES", held.code[:12], ranks.TOO_HIGH))]
    world.invites.pop(record.code, None)
    return []


def redeemed(world: World, record: Redeemed, entry: Entry) -> Outcomes:
    """Let an account be what a code grants."""
    account = world.account(record.account)
    invite = world.invites.get(record.code)
    good = invite is not None and invite.grants and invite.is_good(entry.seconds)
    if account is None or account.suspended or invite is None or not good:
        params = ("INVALID_CODE", "This code is not valid, or no longer")
        return [Failed(record.origin, "REDEEM", params)]
    invite.uses -= 1
    return set_operator(world, account, invite.grants, invite.by)
