"""What operators do with accounts: ACCOUNT; `hubbub account` and the like.

The control socket (hubbub.cli.control) brings the same commands from the server's machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from hubbub.core.access import channels as access
from hubbub.core.access import ranks
from hubbub.core.access import registered_channels as rights
from hubbub.core.access.passwords import MOST_BYTES, unacceptable
from hubbub.core.commands.accounts import credentials, email, reset_codes
from hubbub.core.commands.operators import account_moves, account_rescue, back_doors
from hubbub.core.deciding import audit, confirming
from hubbub.core.deciding.context import (
    Command,
    CommandContext,
    Context,
    FollowUps,
    shown,
    sifted,
)
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.policy.privileges import CLASSES, OWNER
from hubbub.core.records.accounts import (
    AccountDropped,
    AccountErased,
    AccountHandedOver,
    AccountLoggedOut,
    AccountRegistered,
    AccountSet,
    CredentialRemoved,
)
from hubbub.core.records.entries import Body
from hubbub.core.requests import AnswerMany, Hash
from hubbub.core.world.accounts import Account, is_account_name, secrets_of
from hubbub.core.world.bans import ACCOUNT
from hubbub.irc import masks
from hubbub.irc.fitting import clip
from hubbub.irc.message import Message
from hubbub.irc.names import fold
from hubbub.irc.timestamps import format_time


def account(ctx: CommandContext) -> None:
    """Make, list, show, suspend, restore, drop and change accounts."""
    words = list(ctx.message.params)
    sure = confirming.take_sure(words)
    ctx.message = ctx.message._replace(params=tuple(words))
    subcommand = ctx.param(0).upper()
    if subcommand == "LIST":
        _list(ctx)
    elif subcommand == "ADD":
        _add(ctx)
    elif subcommand in _READS or subcommand in _ACTS:
        _on_one(ctx, subcommand, sure)
    else:
        ctx.fail("INVALID_PARAMS", f"ACCOUNT ADD, LIST, {', '.join((*_READS, *_ACTS))}")


def _on_one(ctx: CommandContext, subcommand: str, sure: bool) -> None:
    """Read or change one account; nobody changes that of who may do what oneself may not."""
    found = ctx.world.account(ctx.param(1))
    if found is None and subcommand == "ERASE":
        # What it said outlasts an account.
        found = ctx.world.accounts.get(fold(ctx.param(1)))
    if found is None:
        ctx.fail("ACCOUNT_UNKNOWN", shown(ctx.param(1)), "There is no such account")
    elif subcommand in _READS:
        _READS[subcommand](ctx, found)
    elif outranks(ctx, found) and (sure or not _ends_last_owner(ctx, subcommand, found)):
        _ACTS[subcommand](ctx, found, sure)


def _add(ctx: CommandContext) -> None:
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
        ctx.requests.append(Hash(password, lambda secret: _append_account(ctx, name, secret)))


def _append_account(ctx: Context, name: str, secret: str) -> None:
    histories = (secrets_of(name),) if secret else ()
    record = AccountRegistered(ctx.origin, name, by=ctx.by, histories=histories)
    ctx.append(record, Body(secret) if secret else None)
    audit.acted(ctx, "ACCOUNT ADD", name)


def _list(ctx: CommandContext) -> None:
    mask = ctx.param(1, "*")
    if masks.is_too_wild(mask):
        ctx.fail("INVALID_PARAMS", masks.TOO_WILD)
        return
    wanted = masks.ready(mask)

    def lines() -> Iterator[Message | None]:
        accounts = list(ctx.world.accounts.values())
        for found in sifted(ctx.user, accounts, lambda account: wanted.matches(account.name)):
            if found is None:
                yield None
            else:
                yield ctx.telling("ACCOUNT", "LIST", found.name, _summary(found))
        yield ctx.telling("ACCOUNT", "END", "End of list")

    ctx.requests.append(AnswerMany(lines()))


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
        # Of its channels those that the one who asks may know of: SHOW opens no secret one.
        channels = " ".join(access.known_channels(user, ctx.user)) or "no channels"
        ctx.tell("ACCOUNT", "SHOW", found.name, f"present as {user.source}: {sessions}, {channels}")
    for held in found.credentials.values():
        # Their digests tell nobody anything: how many are left is what counts.
        if held.kind == "recovery":
            continue
        label = f" {held.label}" if held.label else ""
        about = credentials.describe(held)
        ctx.tell("ACCOUNT", "SHOW", found.name, f"{held.kind}{label}: {about}")
    codes = len(list(found.of_kind("recovery")))
    if codes:
        ctx.tell("ACCOUNT", "SHOW", found.name, f"recovery codes left: {codes}")
    ban = ctx.world.bans.get(ACCOUNT, found.name, ctx.now // 1_000_000)
    if ban is not None:
        until = f"until {_day(ban.expires)}" if ban.expires else "for good"
        ctx.tell("ACCOUNT", "SHOW", found.name, f"banned by {ban.by} {until}: {ban.reason}")
    # The id that INVITECODE LIST shows: of the code itself the server has the digest only.
    if found.invite:
        ctx.tell("ACCOUNT", "SHOW", found.name, f"came in by invite code {found.invite[:12]}")
    failed = ctx.node.failed_logins.of(found.name)
    if failed is not None:
        when = format_time(failed.last * 1_000_000)
        text = f"failed logins: {failed.total}, {failed.unseen} of them since the last login"
        ctx.tell("ACCOUNT", "SHOW", found.name, f"{text}; the newest at {when} by {failed.door}")
    if found.operator_by:
        ctx.tell("ACCOUNT", "SHOW", found.name, f"made an operator by {found.operator_by}")
    ctx.tell("ACCOUNT", "END", "End of account")


def _suspend(ctx: CommandContext, found: Account, sure: bool) -> None:
    suspend(ctx, found, clip(ctx.param(2), KICK_BYTES) or "No reason given", sure)


def suspend(ctx: Context, found: Account, reason: str, sure: bool) -> None:
    """Keep an account out, with what it could come back by or has others act by."""
    back_doors.tell(ctx, found)
    ctx.append(AccountSet(ctx.origin, found.name, "suspended", reason, ctx.by, not sure))
    audit.acted(ctx, "ACCOUNT SUSPEND", found.name, reason)


def _restore(ctx: Context, found: Account, sure: bool) -> None:
    ctx.append(AccountSet(ctx.origin, found.name, "suspended", "", ctx.by))
    audit.acted(ctx, "ACCOUNT RESTORE", found.name)
    account_rescue.tell_lets_in(ctx, found)


def _drop(ctx: Context, found: Account, sure: bool) -> None:
    if not (sure or found.is_unused):
        owned = rights.registered_by(ctx.world, found.name)
        text = f"It would end {found.name} for good, with its direct messages; it owns {owned}"
        confirming.ask(ctx, found.name, f"{text} channel{'s' * (owned != 1)}")
        return
    back_doors.tell(ctx, found)
    ctx.append(AccountDropped(ctx.origin, found.name, ctx.by, not sure))
    audit.acted(ctx, "ACCOUNT DROP", found.name)


def _erase(ctx: Context, found: Account, sure: bool) -> None:
    """End an account, with all that it ever said here."""
    if not sure:
        text = f"It would end {found.name} for good, and all that it ever said would be gone"
        confirming.ask(ctx, found.name, text)
        return
    back_doors.tell(ctx, found)
    ctx.append(AccountErased(ctx.origin, found.name, ctx.by))
    audit.acted(ctx, "ACCOUNT ERASE", found.name)


def outranks(ctx: Context, found: Account) -> bool:
    """Say, with an answer where not, whether the operator may act on an account: no higher one."""
    if ranks.may_act_on_account(ctx.world, ctx.user.wielded, found.name):
        return True
    ctx.fail("NO_PRIVILEGES", found.name, f"This account is an operator: {found.operator}")
    return False


def _ends_last_owner(ctx: CommandContext, subcommand: str, found: Account) -> bool:
    """Say, asking where so, whether this leaves the server without an owner."""
    ends = subcommand in ("SUSPEND", "DROP", "ERASE")
    ends = ends or (subcommand == "OPERATOR" and ctx.param(2).lower() != OWNER)
    if not (ends and ranks.is_last_owner(ctx.world, found)):
        return False
    confirming.ask(ctx, found.name, ranks.LAST_OWNER)
    return True


def _password(ctx: CommandContext, found: Account, sure: bool) -> None:
    password = ctx.param(2)
    why = unacceptable(password, found.name, 1, MOST_BYTES) if password else None
    if why is not None:
        ctx.fail(*why)
        return
    if not password:
        reset_codes.give(ctx, found.name)
    else:
        credentials.set_password(ctx, found.name, password, ctx.by)
        audit.acted(ctx, "ACCOUNT PASSWORD", found.name)
    account_rescue.tell_lets_in(ctx, found, account_rescue.BESIDE_PASSWORD)


def _operator(ctx: CommandContext, found: Account, sure: bool) -> None:
    wanted = ctx.param(2).lower()
    wanted = "" if wanted == "none" else wanted
    if not ctx.user.may("operators"):
        ctx.fail("NO_PRIVILEGES", found.name, "Only who has the privilege operators may do that")
    elif wanted and wanted not in CLASSES:
        ctx.fail("INVALID_PARAMS", f"The classes are {', '.join(CLASSES)}, or none")
    else:
        ctx.append(AccountSet(ctx.origin, found.name, "operator", wanted, ctx.by, not sure))
        audit.acted(ctx, "ACCOUNT OPERATOR", found.name, wanted or "none")


def _second_factor(ctx: CommandContext, found: Account, sure: bool) -> None:
    """Turn two-factor authentication off for who has lost the device and the recovery codes."""
    if ctx.param(2).upper() != "OFF":
        ctx.fail("INVALID_PARAMS", "ACCOUNT TOTP name OFF; only its owner can turn it on")
    elif not found.has_second_factor:
        ctx.fail("NOT_FOUND", found.name, "Two-factor authentication is off")
    else:
        ctx.append(CredentialRemoved(ctx.origin, found.name, "totp", by=ctx.by))
        audit.acted(ctx, "ACCOUNT TOTP OFF", found.name)


def _plain(
    act: Callable[[CommandContext, Account], None],
) -> Callable[[CommandContext, Account, bool], None]:
    """Return an act that needs no confirmation."""
    return lambda ctx, found, _: act(ctx, found)


_READS: Final[dict[str, Callable[[CommandContext, Account], None]]] = {
    "SHOW": _show,
    "SESSIONS": account_rescue.sessions,
    "CHANNELS": account_moves.channels,
}
_ACTS: Final[dict[str, Callable[[CommandContext, Account, bool], None]]] = {
    "SUSPEND": _suspend,
    "RESTORE": _restore,
    "DROP": _drop,
    "ERASE": _erase,
    "PASSWORD": _password,
    "OPERATOR": _operator,
    "TOTP": _second_factor,
    "EMAIL": _plain(email.set_address),
    "VERIFY": _plain(email.verify),
    "LOGOUT": _plain(account_rescue.log_out),
    "REVOKE": account_rescue.revoke,
    "HANDOVER": _plain(account_moves.hand_over),
    "RENAME": _plain(account_moves.rename),
}


COMMANDS: Final = (
    Command(
        "ACCOUNT",
        account,
        "[SURE] ADD name [:password] | LIST [mask] | SHOW|SESSIONS|CHANNELS|RESTORE|LOGOUT name"
        " | DROP|ERASE name | SUSPEND name [:reason] | PASSWORD name [:password]"
        " | REVOKE name ALL|TOKEN|KEY|CERT|PASSWORD|EMAIL [which]"
        " | OPERATOR name class|none | TOTP name OFF | RENAME name new | VERIFY name"
        " | EMAIL name address|none"
        " | HANDOVER name other [#channel|token ...]",
        "make and manage accounts",
        minimum=1,
        privilege="accounts",
    ),
)

FOLLOW_UPS: Final[FollowUps] = {
    AccountLoggedOut: account_rescue.logged_out,
    AccountHandedOver: account_moves.handed_over,
}
