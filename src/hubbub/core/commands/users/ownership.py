"""What comes with owning an account: IDENTIFY, GHOST, REGAIN, ACCOUNTINFO and UNREGISTER."""

from __future__ import annotations

from typing import Final

from hubbub.core.access import ranks
from hubbub.core.access.admission import nick_refusal
from hubbub.core.access.channels import owns_nick_of
from hubbub.core.commands.accounts import credentials
from hubbub.core.commands.users import connecting
from hubbub.core.deciding import login
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.records.accounts import AccountDropped
from hubbub.core.records.entries import Entry
from hubbub.core.records.users import Killed, Renamed
from hubbub.core.requests import Proof, Prove
from hubbub.core.world.accounts import Account, digest
from hubbub.core.world.state import User
from hubbub.irc.names import fold
from hubbub.irc.timestamps import format_time

SURE: Final = "SURE"
"""The word with which the last owner confirms to be one no more."""
GHOST_REASON: Final = "GHOST"
_SHOWN: Final = ("password", "totp", "email", "certfp", "ssh", "token")
"""The kinds of credentials that one's account shows."""


def identify(ctx: CommandContext) -> None:
    """Log in while connected, to the account of one's nick or to another."""
    *account, password = ctx.message.params[:2]
    name = account[0] if account else ctx.user.nick
    login.with_password(ctx, name, password, lambda why: ctx.fail("INVALID_CREDENTIALS", why))


def ghost(ctx: CommandContext) -> None:
    """End whoever is present under the account, or the nick, that one owns."""
    nick = ctx.param(0)
    other = ctx.world.user(nick)
    if other is None:
        ctx.fail("NOT_FOUND", shown(nick), "Nobody is here under this nick")
    elif _may_end(ctx, other):
        _end(ctx, other)


def _may_end(ctx: Context, other: User) -> bool:
    """Say, with an answer where not, whether another user is the account's own to end."""
    if other is ctx.user:
        ctx.fail("INVALID_PARAMS", other.nick, "This is you")
    elif not ctx.user.account:
        ctx.fail("ACCOUNT_REQUIRED", "Log in first")
    elif not owns_nick_of(ctx.world, ctx.user, other):
        ctx.fail("PRIVS_NEEDED", other.nick, "Neither this nick nor who has it is your account's")
    else:
        return True
    return False


def _end(ctx: Context, other: User) -> None:
    histories = ctx.world.histories(other)
    source = ctx.user.source
    ctx.append(
        Killed(ctx.origin, source, other.source, GHOST_REASON, histories, other.id, by_owner=True)
    )


def ghosted(ctx: Context, record: Killed, entry: Entry) -> None:
    """Confirm that one's other user is gone."""
    if record.by_owner:
        ctx.tell("GHOST", "SUCCESS", record.victim.partition("!")[0], "Gone")


def regain(ctx: CommandContext) -> None:
    """Take a nick that one owns, from whoever has it."""
    nick = ctx.param(0)
    other = ctx.world.user(nick)
    if other is None:
        connecting.nick(ctx)
    elif _may_end(ctx, other):
        user = ctx.user
        source = f"{other.nick}!{user.username}@{user.host}"
        if not ctx.refuse(nick_refusal(ctx.world, user, source, ctx.now // 1_000_000)):
            _end(ctx, other)
            ctx.append(Renamed(ctx.origin, user.source, other.nick, ctx.world.histories(user)))


def account_info(ctx: CommandContext) -> None:
    """Tell about one's account, or in short about another's."""
    name = ctx.param(0) or ctx.user.account or ctx.user.nick
    account = ctx.world.account(name)
    if account is None or not account.verified:
        ctx.fail("ACCOUNT_UNKNOWN", shown(name), "There is no such account")
        return
    ctx.tell("ACCOUNTINFO", "INFO", account.name, f"Registered {_day(account.registered)}")
    if fold(account.name) == fold(ctx.user.account):
        _tell_owner(ctx, account)
    ctx.tell("ACCOUNTINFO", "END", "End of account")


def _tell_owner(ctx: Context, account: Account) -> None:
    stays = "Stays" if account.persist else "Leaves"
    text = f"{stays} in its channels when it disconnects"
    ctx.tell("ACCOUNTINFO", "INFO", account.name, text)
    for kind in _SHOWN:
        for held in account.of_kind(kind):
            label = f"{kind} {held.label}".rstrip()
            ctx.tell("ACCOUNTINFO", "INFO", label, credentials.describe(held))


def _day(seconds: int) -> str:
    return format_time(seconds * 1_000_000)[:10]


def unregister(ctx: CommandContext) -> None:
    """Drop one's account, for good; it takes the password, or without one a code to repeat."""
    account = credentials.own_account(ctx)
    if account is None:
        return
    if fold(ctx.param(0)) != fold(account.name):
        ctx.fail("ACCOUNT_UNKNOWN", shown(ctx.param(0)), "This is not your account")
        return
    sure = ctx.param(2).upper() == SURE
    if ranks.is_last_owner(ctx.world, account) and not sure:
        text = "You are the last owner of this server; to do it, add the word SURE"
        ctx.fail("NOT_CONFIRMED", account.name, text)
        return
    held = account.credential("password")
    if held is None:
        _drop_confirmed(ctx, account, sure)
        return
    record = AccountDropped(ctx.origin, account.name, spares_last=not sure)

    def proved(proof: Proof) -> None:
        if proof.right:
            ctx.append(record)
        else:
            ctx.fail(
                "WRONG_PASSWORD",
                f"The password is wrong; your account is as it was{login.next_wait(proof)}",
            )

    ctx.requests.append(Prove(fold(account.name), held.seq, ctx.param(1), 0, "", proved))


def _drop_confirmed(ctx: CommandContext, account: Account, sure: bool) -> None:
    """Drop an account that has no password once its code is given, which says only: I mean it."""
    code = digest(f"drop {account.name} {account.registered}")[:8]
    if ctx.param(1) == code:
        ctx.append(AccountDropped(ctx.origin, account.name, spares_last=not sure))
    else:
        text = f"This ends {account.name} and all it has, for good; to do it, add the code {code}"
        ctx.fail("CONFIRMATION_REQUIRED", code, text)


COMMANDS: Final = (
    Command(
        "IDENTIFY",
        identify,
        "[account] password",
        "log in, to the account of your nick or another",
        minimum=1,
        cost=FULL,
    ),
    Command(
        "GHOST",
        ghost,
        "nick",
        "send away who has your nick, or is another of your own connections",
        minimum=1,
        cost=FULL,
    ),
    Command("REGAIN", regain, "nick", "take your nick from who has it", minimum=1, cost=FULL),
    Command("ACCOUNTINFO", account_info, "[account]", "tell about an account, yours or another's"),
    Command(
        "UNREGISTER",
        unregister,
        "account password [SURE]",
        "drop your account for good; its name is not given again",
        minimum=1,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {Killed: ghosted}
