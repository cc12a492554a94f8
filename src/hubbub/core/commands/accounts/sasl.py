"""AUTHENTICATE: SASL PLAIN, EXTERNAL and SCRAM-SHA-256 (IRCv3 sasl-3.1, sasl-3.2)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Final

from hubbub.core.deciding import audit, login
from hubbub.core.deciding.context import Command, CommandContext, Context, FollowUps
from hubbub.core.records.accounts import LoggedIn, LoggedOut
from hubbub.core.records.entries import Entry
from hubbub.core.requests import Proof, Scram
from hubbub.core.showing.capabilities import mechanisms
from hubbub.core.world.accounts import Account
from hubbub.core.world.session import SaslExchange
from hubbub.irc import capabilities as cap
from hubbub.irc import numerics
from hubbub.irc.message import Message
from hubbub.irc.names import fold

CHUNK: Final = 400
"""Bytes of one AUTHENTICATE; a shorter one ends the message."""
MESSAGE_BYTES: Final = 2400
"""Bytes of a whole message in base64; a longer one fails."""


def authenticate(ctx: CommandContext) -> None:
    """Begin, go on with or abort a SASL exchange."""
    session, given = ctx.session, ctx.param(0)
    if not session.has(cap.SASL):
        ctx.reply(numerics.ERR_SASLFAIL)
    elif given == "*":
        session.sasl = None
        ctx.reply(numerics.ERR_SASLABORTED)
    elif session.sasl is None:
        _begin(ctx, given.upper())
    elif len(given) > CHUNK:
        session.sasl = None
        ctx.reply(numerics.ERR_SASLTOOLONG)
    else:
        _collect(ctx, session.sasl, given)


def _begin(ctx: Context, mechanism: str) -> None:
    offered = mechanisms(ctx.policy, ctx.session)
    if mechanism not in offered:
        ctx.reply(numerics.RPL_SASLMECHS, ",".join(offered))
        ctx.reply(numerics.ERR_SASLFAIL)
        return
    ctx.session.sasl = SaslExchange(mechanism)
    _challenge(ctx, "+")


def _challenge(ctx: Context, data: str) -> None:
    """Ask for the next message of an exchange; without a source, as other servers do.

    Many clients look for a line that begins with AUTHENTICATE.
    """
    ctx.answer(Message("AUTHENTICATE", (data,)))


def _collect(ctx: Context, exchange: SaslExchange, given: str) -> None:
    if given != "+":
        exchange.received += given
    if len(exchange.received) > MESSAGE_BYTES:
        _failed(ctx)
    elif len(given) < CHUNK:
        received, exchange.received = exchange.received, ""
        try:
            message = base64.b64decode(received, validate=True).decode()
        except ValueError:
            # No base64, not even ASCII, or no UTF-8 within.
            _failed(ctx)
            return
        _MECHANISMS[exchange.mechanism](ctx, exchange, message)


def _failed(ctx: Context, why: str = "") -> None:
    ctx.session.sasl = None
    if why.startswith("This account") or login.WAITS in why:
        # What the owner has to know: the account was proved before this is said, or the next
        # attempt takes long. It comes first, so that a client knows it when it is told the rest.
        ctx.send("NOTICE", ctx.session.shown_nick, why)
    if why.startswith(login.SUSPENDED):
        ctx.reply(numerics.ERR_NICKLOCKED)
    elif why == login.ELSEWHERE:
        ctx.reply(numerics.ERR_SASLALREADY)
    else:
        ctx.reply(numerics.ERR_SASLFAIL)


def _fail(ctx: Context) -> Callable[[str], None]:
    return lambda why: _failed(ctx, why)


def _plain(ctx: Context, exchange: SaslExchange, message: str) -> None:
    """Take authzid NUL authcid NUL password (RFC 4616); nobody acts for another."""
    parts = message.split("\0")
    if len(parts) != 3 or not parts[1] or not parts[2]:
        _failed(ctx)
        return
    authzid, authcid, password = parts
    if authzid and fold(authzid) != fold(authcid):
        _failed(ctx)
    else:
        login.with_password(ctx, authcid, password, _fail(ctx))


def _external(ctx: Context, exchange: SaslExchange, message: str) -> None:
    """Take the authzid, which may be empty (RFC 4422 appendix A)."""
    login.with_certificate(ctx, message, _fail(ctx))


def _scram(ctx: Context, exchange: SaslExchange, message: str) -> None:
    """Pass a message on to the exchange, which knows the keys (RFC 5802)."""
    if exchange.proved:
        # The client takes note of the server's signature with an empty message.
        _scram_over(ctx, exchange)
        return
    first = not exchange.account
    if first:
        exchange.account = _scram_account(message)
        if not exchange.account:
            _failed(ctx)
            return
    account = ctx.world.account(exchange.account)
    held = account.credential("password") if account is not None else None
    usable = account is not None and held is not None and not account.has_second_factor
    # 0 makes keys that nobody has: an account that is not there, or that needs a code too, looks
    # like any other and fails at the end only.
    seq = held.seq if usable and held is not None else 0
    if first and account is not None:
        # The exchange takes two turns: applying refuses it if the secrets change in between.
        exchange.checked = account.password_secrets

    def answered(reply: str | Proof) -> None:
        if isinstance(reply, Proof):
            _failed(ctx, login.next_wait(reply))
            return
        exchange.proved = not first
        _challenge(ctx, base64.b64encode(reply.encode()).decode())

    ctx.requests.append(Scram(fold(exchange.account), seq, message, first, answered))


def _scram_account(message: str) -> str:
    """Return the name in a client's first message (RFC 5802 7), "" where it cannot be taken.

    Nobody acts for another: where it names whom to act for, that is the same.
    """
    parts = message.split(",")
    if len(parts) < 4 or not parts[2].startswith("n="):
        return ""
    name, acting_for = _unescaped(parts[2][2:]), parts[1]
    if acting_for and fold(_unescaped(acting_for.removeprefix("a="))) != fold(name):
        return ""
    return name


def _unescaped(name: str) -> str:
    return name.replace("=2C", ",").replace("=3D", "=")


def _scram_over(ctx: Context, exchange: SaslExchange) -> None:
    account: Account | None = ctx.world.account(exchange.account)
    held = account.credential("password") if account is not None else None
    if account is None or held is None:
        _failed(ctx)
    else:
        login.log_in(ctx, account, held, _fail(ctx), checked=exchange.checked)


_MECHANISMS: Final[dict[str, Callable[[Context, SaslExchange, str], None]]] = {
    "PLAIN": _plain,
    "EXTERNAL": _external,
    "SCRAM-SHA-256": _scram,
}


def logged_in(ctx: Context, record: LoggedIn, entry: Entry) -> None:
    """Tell a session that it is logged in."""
    login.logged_in(ctx, record)
    if ctx.session.sasl is not None:
        ctx.session.sasl = None
        ctx.reply(numerics.RPL_SASLSUCCESS)
    if ctx.service:
        ctx.say(f"You are now logged in as {record.account}")
    if ctx.session.user is not None:
        audit.came_in(ctx)


def logged_out(ctx: Context, record: LoggedOut, entry: Entry) -> None:
    """Tell a session that it is logged out."""
    ctx.session.account, ctx.session.credential = "", None
    ctx.session.forget_proofs()
    ctx.reply(numerics.RPL_LOGGEDOUT, ctx.user.source, "You are now logged out")


COMMANDS: Final = (
    Command(
        "AUTHENTICATE",
        authenticate,
        "mechanism | data | *",
        "log in (SASL)",
        minimum=1,
        early=True,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {LoggedIn: logged_in, LoggedOut: logged_out}
