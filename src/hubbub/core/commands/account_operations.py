"""What operators do with accounts: ACCOUNT, INVITECODE and STATUS; `hubbub account` and the like.

The control socket (hubbub.control) brings the same commands from the server's machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from hubbub.core import access, audit, isupport, ranks
from hubbub.core.account_records import (
    AccountDropped,
    AccountRegistered,
    AccountSet,
    CredentialAdded,
    CredentialRemoved,
    InviteMade,
    InviteRevoked,
)
from hubbub.core.accounts import (
    Account,
    Invite,
    code_digest,
    is_account_name,
    secrets_of,
    shown_code,
)
from hubbub.core.commands import credentials
from hubbub.core.context import Command, Context, shown
from hubbub.core.effects import Draw, Hash
from hubbub.core.passwords import MOST_BYTES, unacceptable
from hubbub.core.policy import KICK_BYTES
from hubbub.core.privileges import CLASSES, OWNER
from hubbub.core.records import Body
from hubbub.core.session import Awaiting
from hubbub.irc import masks
from hubbub.irc.durations import seconds_of
from hubbub.irc.fitting import clip
from hubbub.irc.timestamps import format_time

RESET_SECONDS: Final = 86_400
"""How long a code can be used that an operator gave to who lost a password."""
SURE: Final = "SURE"
LAST_OWNER: Final = (
    "This is the last owner, and nobody could make another but on the server's machine; to do it,"
    " put the word SURE before the rest (on the machine: --sure)"
)
MOST_USES: Final = 10_000


def _by(ctx: Context) -> str:
    """Return who acts, for the record: the operator's account, or else its name."""
    return ctx.user.account or ctx.user.operator


def account(ctx: Context) -> None:
    """Make, list, show, suspend, restore, drop and change accounts."""
    sure = ctx.param(0).upper() == SURE
    if sure:
        ctx.message = ctx.message._replace(params=ctx.message.params[1:])
    subcommand = ctx.param(0).upper()
    if subcommand == "LIST":
        _list(ctx)
    elif subcommand == "ADD":
        _add(ctx)
    elif subcommand in _ON_ONE:
        found = ctx.world.account(ctx.param(1))
        if found is None:
            ctx.fail("ACCOUNT_UNKNOWN", shown(ctx.param(1)), "There is no such account")
        elif subcommand in _READING or _may_act(ctx, subcommand, found, sure):
            _ON_ONE[subcommand](ctx, found)
    else:
        ctx.fail("INVALID_PARAMS", f"ACCOUNT ADD, LIST, {', '.join(_ON_ONE)}")


def _add(ctx: Context) -> None:
    name, password = ctx.param(1), ctx.param(2)
    earlier = ctx.world.reserved_for(name)
    if not is_account_name(name) or ctx.is_reserved(name):
        text = "An account's name is a valid nick, and none like a service's or the server's"
        ctx.fail("BAD_ACCOUNT_NAME", shown(name), text)
    elif earlier is not None and not earlier.is_free(ctx.now // 1_000_000):
        held = "belonged to an account that was dropped" if earlier.dropped else "is taken"
        ctx.fail("ACCOUNT_EXISTS", name, f"This name {held}")
    elif not password:
        _append_account(ctx, name, "")
    else:
        why = unacceptable(password, name, 1, MOST_BYTES)
        if why is not None:
            ctx.fail(*why)
            return
        ctx.effects.append(Hash(password, lambda secret: _append_account(ctx, name, secret)))


def _append_account(ctx: Context, name: str, secret: str) -> None:
    histories = (secrets_of(name),) if secret else ()
    record = AccountRegistered(ctx.origin, name, by=_by(ctx), histories=histories)
    ctx.append(record, Body(secret) if secret else None)
    audit.acted(ctx, "ACCOUNT ADD", name)


def give_reset_code(ctx: Context, name: str) -> None:
    """Give out a code with which an account's owner sets a password."""

    def drawn(codes: Sequence[str]) -> None:
        ctx.session.await_answer(Awaiting(ctx.service, shown_code(codes[0])))
        over = ctx.now // 1_000_000 + RESET_SECONDS
        id = code_digest(codes[0])
        ctx.append(CredentialAdded(ctx.origin, name, "reset", id, expires=over, by=_by(ctx)))
        audit.acted(ctx, "RESET CODE", name)

    ctx.effects.append(Draw(1, drawn))


def _list(ctx: Context) -> None:
    mask = ctx.param(1, "*")
    for found in ctx.world.accounts.values():
        if masks.matches(mask, found.name):
            ctx.tell("ACCOUNT", "LIST", found.name, _summary(found))
    ctx.tell("ACCOUNT", "END", "End of list")


def _summary(found: Account) -> str:
    parts = [f"registered {_day(found.registered)}"]
    parts += [f"by {found.by}"] if found.by else []
    parts += [f"last login {_day(found.used)}"] if found.used else []
    parts += [f"operator: {found.operator}"] if found.operator else []
    parts += [f"suspended: {found.suspended}"] if found.suspended else []
    parts += ["waits for its code"] if not found.verified else []
    parts += ["dropped; its name is kept"] if found.dropped else []
    parts += ["connected"] if any(user.sessions for user in found.users) else []
    return ", ".join(parts)


def _day(seconds: int) -> str:
    return format_time(seconds * 1_000_000)[:10]


def _show(ctx: Context, found: Account) -> None:
    ctx.tell("ACCOUNT", "SHOW", found.name, _summary(found))
    stays = "stays" if found.persist else "leaves"
    ctx.tell("ACCOUNT", "SHOW", found.name, f"{stays} in its channels when it disconnects")
    for user in found.users:
        sessions = f"{len(user.sessions)} connections" if user.sessions else "not connected"
        known = [
            channel.name
            for channel in user.channels.values()
            if access.sees_membership(channel, user, ctx.user)
        ]
        channels = " ".join(known) or "no channels"
        ctx.tell("ACCOUNT", "SHOW", found.name, f"present as {user.source}: {sessions}, {channels}")
    for held in found.credentials.values():
        if held.kind == "recovery":
            continue
        label = f" {held.label}" if held.label else ""
        about = credentials.describe(held)
        ctx.tell("ACCOUNT", "SHOW", found.name, f"{held.kind}{label}: {about}")
    codes = len(list(found.of_kind("recovery")))
    if codes:
        ctx.tell("ACCOUNT", "SHOW", found.name, f"recovery codes left: {codes}")
    ctx.tell("ACCOUNT", "END", "End of account")


def _suspend(ctx: Context, found: Account) -> None:
    reason = clip(ctx.param(2), KICK_BYTES) or "No reason given"
    ctx.append(AccountSet(ctx.origin, found.name, "suspended", reason, _by(ctx)))
    audit.acted(ctx, "ACCOUNT SUSPEND", found.name, reason)


def _restore(ctx: Context, found: Account) -> None:
    ctx.append(AccountSet(ctx.origin, found.name, "suspended", "", _by(ctx)))
    audit.acted(ctx, "ACCOUNT RESTORE", found.name)


def _drop(ctx: Context, found: Account) -> None:
    ctx.append(AccountDropped(ctx.origin, found.name, _by(ctx)))
    audit.acted(ctx, "ACCOUNT DROP", found.name)


def _outranks(ctx: Context, found: Account) -> bool:
    """Say, with an answer where not, whether the operator may act on an account: no higher one."""
    if ranks.may_act_on_account(ctx.world, ctx.user.privileges, found.name):
        return True
    ctx.fail("NO_PRIVILEGES", found.name, f"This account is an operator: {found.operator}")
    return False


def _may_act(ctx: Context, subcommand: str, found: Account, sure: bool) -> bool:
    """Say, with an answer where not, whether the operator may do this, and is sure of it."""
    return _outranks(ctx, found) and (sure or not _ends_last_owner(ctx, subcommand, found))


def _ends_last_owner(ctx: Context, subcommand: str, found: Account) -> bool:
    """Say, with an answer where so, whether this leaves the server without an owner."""
    ends = subcommand in ("SUSPEND", "DROP")
    ends = ends or (subcommand == "OPERATOR" and ctx.param(2).lower() != OWNER)
    if not (ends and ranks.is_last_owner(ctx.world, found)):
        return False
    ctx.fail("NOT_CONFIRMED", found.name, LAST_OWNER)
    return True


def _password(ctx: Context, found: Account) -> None:
    password = ctx.param(2)
    if not password:
        give_reset_code(ctx, found.name)
        return
    why = unacceptable(password, found.name, 1, MOST_BYTES)
    if why is not None:
        ctx.fail(*why)
    else:
        credentials.set_password(ctx, found.name, password, _by(ctx))
        audit.acted(ctx, "ACCOUNT PASSWORD", found.name)


def _operator(ctx: Context, found: Account) -> None:
    wanted = ctx.param(2).lower()
    wanted = "" if wanted == "none" else wanted
    if not ctx.user.may("operators"):
        ctx.fail("NO_PRIVILEGES", found.name, "Only who has the privilege operators may do that")
    elif wanted and wanted not in CLASSES:
        ctx.fail("INVALID_PARAMS", f"The classes are {', '.join(CLASSES)}, or none")
    else:
        ctx.append(AccountSet(ctx.origin, found.name, "operator", wanted, _by(ctx)))
        audit.acted(ctx, "ACCOUNT OPERATOR", found.name, wanted or "none")


def _second_factor(ctx: Context, found: Account) -> None:
    """Turn two-factor authentication off for who has lost the device and the recovery codes."""
    if ctx.param(2).upper() != "OFF":
        ctx.fail("INVALID_PARAMS", "ACCOUNT TOTP name OFF; only its owner can turn it on")
    elif not found.has_second_factor:
        ctx.fail("NOT_FOUND", found.name, "Two-factor authentication is off")
    else:
        ctx.append(CredentialRemoved(ctx.origin, found.name, "totp", by=_by(ctx)))
        audit.acted(ctx, "ACCOUNT TOTP OFF", found.name)


_READING: Final = frozenset({"SHOW"})
"""What may be done to accounts of operators who may do more than oneself."""
_ON_ONE: Final[dict[str, Callable[[Context, Account], None]]] = {
    "SHOW": _show,
    "SUSPEND": _suspend,
    "RESTORE": _restore,
    "DROP": _drop,
    "PASSWORD": _password,
    "OPERATOR": _operator,
    "TOTP": _second_factor,
}


def invite_code(ctx: Context) -> None:
    """Make, list and revoke invite codes."""
    subcommand = ctx.param(0).upper()
    if subcommand == "ADD":
        _make_invite(ctx)
    elif subcommand == "LIST":
        for held in ctx.world.invites.values():
            ctx.tell("INVITECODE", "LIST", held.code[:12], _about(held, ctx.now // 1_000_000))
        ctx.tell("INVITECODE", "END", "End of list")
    elif subcommand in ("DEL", "REVOKE"):
        _revoke_invite(ctx, ctx.param(1).lower())
    else:
        ctx.fail("INVALID_PARAMS", "INVITECODE ADD [uses] [lifetime] [:note], LIST, DEL id")


def _make_invite(ctx: Context) -> None:
    uses, lifetime, note = ctx.param(1, "1"), ctx.param(2, "7d"), ctx.param(3)
    seconds = 0 if lifetime == "0" else seconds_of(lifetime)
    if not (uses.isascii() and uses.isdecimal() and 0 < int(uses) <= MOST_USES):
        ctx.fail("INVALID_PARAMS", f"An invite code has 1 to {MOST_USES} uses")
    elif seconds is None:
        ctx.fail("INVALID_PARAMS", "An invite code lasts 7d, 12h or the like, or 0 for ever")
    else:
        give_invite(ctx, int(uses), seconds, "", clip(note, KICK_BYTES))


def give_invite(ctx: Context, uses: int, seconds: int, grants: str, note: str) -> None:
    """Make an invite code that lasts so many seconds (0: for ever), and show it."""

    def drawn(codes: Sequence[str]) -> None:
        ctx.session.await_answer(Awaiting(ctx.service, shown_code(codes[0])))
        over = ctx.now // 1_000_000 + seconds if seconds else 0
        id = code_digest(codes[0])
        ctx.append(InviteMade(ctx.origin, id, uses, over, _by(ctx), grants, note))
        kind = f"for {grants}" if grants else f"{uses} uses"
        audit.acted(ctx, "INVITECODE ADD", id[:12], f"{kind} {note}".rstrip())

    ctx.effects.append(Draw(1, drawn))


def _about(held: Invite, now: int) -> str:
    parts = [f"uses left: {held.uses}", f"made {_day(held.created)} by {held.by}"]
    parts += [f"expires {_day(held.expires)}"] if held.expires else []
    parts += [f"makes an operator: {held.grants}"] if held.grants else []
    parts += [held.note] if held.note else []
    parts += ["over"] if not held.is_good(now) else []
    return ", ".join(parts)


def _revoke_invite(ctx: Context, id: str) -> None:
    found = [code for code in ctx.world.invites if id and code.startswith(id)]
    if len(found) != 1:
        ctx.fail("NOT_FOUND", shown(id), "Give the first letters of one id that the list shows")
    elif not ranks.may_revoke(ctx.world, ctx.user.privileges, ctx.world.invites[found[0]]):
        ctx.fail("NO_PRIVILEGES", found[0][:12], ranks.TOO_HIGH)
    else:
        ctx.append(InviteRevoked(ctx.origin, found[0], _by(ctx)))
        audit.acted(ctx, "INVITECODE DEL", found[0][:12])


def owner_code(ctx: Context) -> None:
    """Give a new one-time code that makes who redeems it the owner."""
    give_invite(ctx, 1, 0, "owner", "owner code")


def status(ctx: Context) -> None:
    """Tell how the server does."""
    world, now = ctx.world, ctx.now // 1_000_000
    accounts = sum(not found.dropped for found in world.accounts.values())
    away = sum(not user.sessions for user in world.users.values())
    lines = {
        "server": f"{ctx.policy.server} ({ctx.policy.network}), {isupport.VERSION}",
        "started": f"{ctx.policy.created}, {(now - ctx.policy.started) // 60} minutes ago",
        "access": ctx.policy.access,
        "connections": str(len(world.sessions)),
        "users": f"{len(world.users)}, {away} of them not connected",
        "channels": str(len(world.channels)),
        "accounts": str(accounts),
        "records": str(world.applied),
        **ctx.troubles(),
    }
    for name, value in lines.items():
        ctx.tell("STATUS", name, value)
    for fault in ctx.policy.faults:
        ctx.tell("STATUS", "refused", fault)
    ctx.tell("STATUS", "END", "End of status")


COMMANDS: Final = (
    Command(
        "ACCOUNT",
        account,
        "[SURE] ADD name [:password] | LIST [mask] | SHOW|RESTORE|DROP name"
        " | SUSPEND name [:reason]"
        " | PASSWORD name [:password] | OPERATOR name class|none | TOTP name OFF",
        "make and manage accounts",
        minimum=1,
        privilege="accounts",
    ),
    Command(
        "INVITECODE",
        invite_code,
        "ADD [uses] [lifetime] [:note] | LIST | DEL id",
        "make and manage invite codes",
        minimum=1,
        privilege="accounts",
    ),
    Command("OWNERCODE", owner_code, "", "make a code for a new owner", privilege="operators"),
    Command("STATUS", status, "", "tell how the server does", privilege="accounts"),
)


def account_registered(ctx: Context, record: AccountRegistered) -> None:
    """Confirm an account that an operator made; where it has no password, give out a code."""
    ctx.tell("ACCOUNT", "ADDED", record.account, "Account made")
    if not record.histories:
        give_reset_code(ctx, record.account)


def account_set(ctx: Context, record: AccountSet) -> None:
    """Confirm what an operator changed about an account."""
    told = f"{record.what}: {record.value}" if record.value else f"{record.what} no more"
    ctx.tell("ACCOUNT", "SET", record.account, told)


def invite_made(ctx: Context, record: InviteMade, entry: object) -> None:
    """Show an invite code, this once."""
    ctx.tell("INVITECODE", "ADDED", record.code[:12], ctx.secret)


def invite_revoked(ctx: Context, record: InviteRevoked, entry: object) -> None:
    """Confirm that an invite code is over."""
    ctx.tell("INVITECODE", "REMOVED", record.code[:12], "This code is over")


def account_dropped(ctx: Context, record: AccountDropped, entry: object) -> None:
    """Confirm that an account is over."""
    ctx.tell("ACCOUNT", "DROPPED", record.account, "Account dropped; its name is not given again")


FOLLOW_UPS: Final = {
    InviteMade: invite_made,
    InviteRevoked: invite_revoked,
    AccountDropped: account_dropped,
}
