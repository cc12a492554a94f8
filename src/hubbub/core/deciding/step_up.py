"""What takes a proof of the account that is fresh, however one has come in: step-up.

A session proves its account by a password, a certificate or a key while it logs in, and again with
REAUTH. A token proves nothing here: whoever has stolen one, or sits down at somebody's terminal,
can talk as the owner, but not lock the owner out.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hubbub.core.deciding.context import CommandContext, Context
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.world.accounts import Account

CODE: Final = "REAUTH_REQUIRED"
WITH_PASSWORD, WITH_CODE, WITH_KEY = "password", "code", "key"
_TEXT: Final = {
    WITH_PASSWORD: "This takes your password once more: REAUTH :password",
    WITH_CODE: "This takes a code of your app once more: REAUTH code (or :password:code)",
    WITH_KEY: "This takes your key or certificate once more: KEY CHALLENGE, or connect anew",
}
"""By what the account can be proved with: what to do."""

_Asks = Callable[[CommandContext, Account], bool]


def _always(ctx: Context, account: Account) -> bool:
    return True


def _without_password(ctx: Context, account: Account) -> bool:
    """Ask where the command does not take the password itself."""
    return account.credential("password") is None


def _for(*subcommands: str) -> _Asks:
    return lambda ctx, account: ctx.param(0).upper() in subcommands


_ACCOUNT: Final[dict[str, _Asks]] = {
    "PASSWD": _without_password,
    "TOKEN": _for("ADD"),
    "CERT": _for("ADD", "DEL", "REMOVE"),
    "KEY": _for("ADD", "DEL", "REMOVE"),
    "TOTP": _for("BEGIN", "CONFIRM"),
    "REVOKE": _always,
    "UNREGISTER": _without_password,
    "REDEEM": _always,
    "CHANNEL": _for("DROP", "TRANSFER", "OPENPAST"),
}
"""What changes what one's own account is proved with, or what it may do; and what nobody gets back
who is a channel's owner.

A token can be taken back without: a lost device is to be shut out at once, from anywhere, and
nobody is locked out by that.
"""
_READS: Final = frozenset({"", "LIST", "SHOW", "SESSIONS", "CHANNELS"})
_OPERATORS: Final[dict[str, Callable[[CommandContext], bool]]] = {
    "CHANNEL": lambda ctx: ctx.param(0).upper() == "PURGE" and ctx.user.holds("channels"),
    "INVITECODE": lambda ctx: ctx.param(0).upper() in ("ADD", "SUSPEND"),
    "OWNERCODE": lambda ctx: True,
    "DRAIN": lambda ctx: True,
    "CLUSTER": lambda ctx: ctx.param(0).upper() in ("LEAVE", "FINALIZE"),
    "ACCOUNT": lambda ctx: ctx.param(0).upper() not in _READS,
}
"""Commands of operators, and when they change what is others', or make an owner."""


_CONCERNED: Final = frozenset(_ACCOUNT) | frozenset(_OPERATORS)


def is_missing(ctx: CommandContext) -> bool:
    """Say, with an answer where so, whether a command takes a fresh proof that there is not."""
    session, command = ctx.session, ctx.message.command
    # Everybody's messages pass here, and nearly all of them no further.
    if command not in _CONCERNED or session.scope == CONSOLE:
        return False
    asks, changes = _ACCOUNT.get(command), _OPERATORS.get(command)
    account = ctx.world.account(session.account) if session.account else None
    # Who has no account is told so by the command.
    missing = bool(asks and account and asks(ctx, account)) and not _is_fresh(ctx)
    missing = missing or (bool(changes and changes(ctx)) and not _is_fresh(ctx, operator=True))
    if missing:
        _tell(ctx, account)
    return missing


def _is_fresh(ctx: Context, operator: bool = False) -> bool:
    session, now = ctx.session, ctx.now // 1_000_000
    account = ctx.world.account(session.account) if session.account else None
    # By what is the account's password no more nothing is proved.
    over = account is not None and session.proved_seq < account.void_before
    own, code = (0, 0) if over else (session.proved_at, session.code_at)
    proved = max(own, session.opered_at) if operator else own
    if operator and account is not None and _takes_code(ctx, account):
        # A key alone, or the password of a settings file, is one factor.
        proved = code
    return proved > 0 and now - proved <= ctx.policy.step_up_seconds


def _takes_code(ctx: Context, account: Account) -> bool:
    return account.has_second_factor and account.operator in ctx.policy.second_factor_for


def _tell(ctx: Context, account: Account | None) -> None:
    if account is None:
        ctx.fail(CODE, WITH_PASSWORD, "This takes your operator's password once more: OPER")
        return
    way = WITH_CODE if account.has_second_factor else WITH_PASSWORD
    if way == WITH_PASSWORD and account.credential("password") is None:
        way = WITH_KEY
    # Of services only NickServ takes it.
    ctx.fail(
        CODE, way, _TEXT[way].replace("REAUTH", "/msg NickServ REAUTH" if ctx.service else "REAUTH")
    )
