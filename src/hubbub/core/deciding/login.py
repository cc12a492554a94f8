"""Proving an account: what SASL, PASS and NickServ have in common.

Whatever proves it, the login is a record: it has happened once that is applied, so a suspension, a
revocation or a one-time password that was used meanwhile is noticed in the journal's order.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hubbub.core.deciding.context import Context
from hubbub.core.deciding.replaying import replay_direct
from hubbub.core.records.accounts import CredentialProved, LoggedIn, Reauthenticated
from hubbub.core.requests import Proof, Prove
from hubbub.core.world.accounts import TOKEN_PREFIX, Account, Credential, code_digest, digest
from hubbub.core.world.session import Session
from hubbub.core.world.world import World
from hubbub.irc import numerics
from hubbub.irc.names import fold
from hubbub.irc.timestamps import format_time

Failure = Callable[[str], None]
"""Tell the session why it is not logged in: a sentence."""

SUSPENDED: Final = "This account is suspended"
ELSEWHERE: Final = "Your other connections are logged in to another account"
WRONG: Final = "Wrong account name or password; with two-factor authentication it is password:code"
"""What is said of every failure, so that nobody learns which of them it was."""
WAITS: Final = "The next attempt waits"
"""What the sentence of a failure has that slows down those to come."""
_CODE_DIGITS: Final = 6


def with_password(
    ctx: Context,
    name: str,
    password: str,
    failed: Failure,
    code_wanted: Callable[[], None] | None = None,
) -> None:
    """Log a session in with a password, with `password:code`, or with an app token.

    Who can be asked for the code is, by `code_wanted`, once the password has proved right: before
    that nobody learns whether there are two factors.
    """
    if password.startswith(TOKEN_PREFIX):
        with_token(ctx, name, password, failed)
        return
    account = ctx.world.account(name)
    held = account.credential("password") if account is not None else None
    if account is None or held is None:
        refuse(ctx, fold(name), failed, password)
    elif not account.has_second_factor:
        _prove(ctx, account, held, password, "", failed)
    else:
        given, _, code = password.rpartition(":")
        if code_wanted is not None and not _is_code(account, code):
            _prove_first(ctx, account, held, password, failed, code_wanted)
            return
        _prove(ctx, account, held, given, code, failed)


def _is_code(account: Account, code: str) -> bool:
    """Say whether this can be a one-time password, or is one of the codes that stand in for it."""
    if len(code) == _CODE_DIGITS and code.isdecimal():
        return True
    return account.credential("recovery", code_digest(code)) is not None


def _prove_first(
    ctx: Context,
    account: Account,
    held: Credential,
    password: str,
    failed: Failure,
    code_wanted: Callable[[], None],
) -> None:
    """Check the first factor alone."""
    totp = account.credential("totp")
    asked = totp.seq if totp is not None else 0

    def proved(proof: Proof) -> None:
        if proof.code_missing:
            code_wanted()
        else:
            failed(WRONG)

    ctx.requests.append(Prove(fold(account.name), held.seq, password, asked, "", proved))


Right = Callable[[int, str, tuple[int, ...]], None]
"""Go on with what was right: the time step of a one-time password, the digest of the recovery code
that stood in for it, and the seqs of the secrets."""


def _prove(
    ctx: Context,
    account: Account,
    held: Credential,
    password: str,
    code: str,
    failed: Failure,
    right: Right | None = None,
) -> None:
    # Taken now: applying refuses a login whose secrets were changed while it was checked.
    recovery, checked = "", account.password_secrets
    totp = account.credential("totp")
    if totp is not None and not (len(code) == _CODE_DIGITS and code.isdecimal()):
        # Recovery codes are random and found by their digest. One that is not there needs no check,
        # but counts as a guess and takes as long.
        recovery = code_digest(code)
        if account.credential("recovery", recovery) is None:
            refuse(ctx, fold(account.name), failed, f"{password}:{code}")
            return

    def proved(proof: Proof) -> None:
        if proof.right and right is not None:
            right(proof.step, recovery, checked)
        elif proof.right:
            log_in(ctx, account, held, failed, proof.step, recovery, checked)
        else:
            failed(f"{WRONG}{next_wait(proof)}")

    # A recovery code stands in for the one-time password, so none is checked.
    asked = totp.seq if totp is not None and not recovery else 0
    ctx.requests.append(Prove(fold(account.name), held.seq, password, asked, code, proved))


def again(ctx: Context, account: Account, given: str, failed: Failure) -> None:
    """Prove the account of a session once more: by its password, or by a one-time password.

    Where there are two factors the second one alone will do, for a session has shown the first.
    """

    def right(step: int, recovery: str, checked: tuple[int, ...]) -> None:
        ctx.append(Reauthenticated(ctx.origin, account.name, step, recovery, checked))

    held, totp = account.credential("password"), account.credential("totp")
    before, _, code = given.rpartition(":")
    if totp is not None and not before and _is_code(account, code):
        _prove_code(ctx, account, totp, code, failed, right)
    elif held is None or given.startswith(TOKEN_PREFIX):
        refuse(ctx, fold(account.name), failed, given)
    elif totp is not None:
        _prove(ctx, account, held, before, code, failed, right)
    else:
        _prove(ctx, account, held, given, "", failed, right)


def _prove_code(
    ctx: Context, account: Account, totp: Credential, code: str, failed: Failure, right: Right
) -> None:
    checked = account.password_secrets
    if not (len(code) == _CODE_DIGITS and code.isdecimal()):
        right(0, code_digest(code), checked)
        return

    def proved(proof: Proof) -> None:
        if proof.right:
            right(proof.step, "", checked)
        else:
            failed(f"{WRONG}{next_wait(proof)}")

    ctx.requests.append(Prove(fold(account.name), None, "", totp.seq, code, proved))


def with_token(ctx: Context, name: str, token: str, failed: Failure) -> None:
    """Log a session in with an app token; `name` is whose it is, or "" for whoever's it is."""
    id = digest(token)
    account = ctx.world.account_of("token", id)
    held = account.credential("token", id) if account is not None else None
    # A bot goes on to give the name of who had its token before (ACCOUNT HANDOVER).
    own = {"", fold(account.name), fold(held.was)} if account and held else {}
    over = held is None or held.is_over(ctx.now // 1_000_000)
    if account is None or held is None or over or fold(name) not in own:
        refuse(ctx, "", failed)
    else:
        log_in(ctx, account, held, failed)


def with_certificate(ctx: Context, name: str, failed: Failure) -> None:
    """Log a session in with the certificate that it proved when it connected (SASL EXTERNAL)."""
    certfp = ctx.session.certfp
    account = ctx.world.account_of("certfp", certfp) if certfp else None
    held = account.credential("certfp", certfp) if account is not None else None
    if account is None or held is None or fold(name) not in ("", fold(account.name)):
        failed("This certificate belongs to no account" if certfp else "You sent no certificate")
    else:
        log_in(ctx, account, held, failed)


def vouched_for(
    ctx: Context, name: str, kind: str, id: str, proved_at: int, since: int, failed: Failure
) -> None:
    """Log a session in with what its door had proved before there was a session.

    That may be long ago, in seconds since 1970: a connection by SSH can open many sessions. `since`
    is the seq of the login by password, if it was one: such a connection ends as sessions do, with
    another password.
    """
    ctx.session.vouched_at = proved_at
    account = ctx.world.account(name)
    held = account.credential(kind, id) if account is not None else None
    over = held is None or not held.proved or held.is_over(ctx.now // 1_000_000)
    if account is None or held is None or over or 0 < since < account.void_before:
        failed("What you logged in with is no longer valid")
    else:
        log_in(ctx, account, held, failed, since=since)


def refuse(ctx: Context, account: str, failed: Failure, given: str = "") -> None:
    """Refuse after as long as a wrong password takes.

    `account` (folded) is whose secret was guessed with what was given; "" for what is random, and
    so cannot be guessed: a token or a code.
    """

    def refused(proof: Proof) -> None:
        failed(f"{WRONG}{next_wait(proof)}")

    ctx.requests.append(Prove(account, 0, given, 0, "", refused))


def next_wait(proof: Proof) -> str:
    """Return what is added to the sentence of a failure: how long the next attempt waits."""
    return f". {WAITS} {proof.wait} seconds" if proof.wait else ""


def log_in(
    ctx: Context,
    account: Account,
    held: Credential,
    failed: Failure,
    step: int = 0,
    recovery: str = "",
    checked: tuple[int, ...] = (),
    since: int = 0,
) -> None:
    """Ask for the record of a login (as LoggedIn has it), or tell why it may not be."""
    user = ctx.session.user
    if account.suspended:
        failed(f"{SUSPENDED}: {account.suspended}")
    elif not account.verified:
        failed("This account waits for its code: VERIFY account code")
    elif user is not None and (held.scope or ctx.session.scope is not None):
        failed("A token for one purpose can only be used while connecting")
    elif user is not None and not user.may_change_to(account.name):
        failed(ELSEWHERE)
    else:
        source, kind = user.source if user is not None else "", held.kind
        proof = (step, recovery, checked, since)
        ctx.append(LoggedIn(ctx.origin, account.name, kind, held.id, source, *proof))


def logged_in(ctx: Context, record: LoggedIn) -> None:
    """Tell a session that it is logged in, and let it be so."""
    session, account = ctx.session, ctx.world.account(record.account)
    if account is None:
        return
    held = account.credential(record.kind, record.id)
    is_news = session.account != account.name
    if is_news:
        session.forget_proofs()
    session.account = account.name
    session.credential = (record.kind, record.id)
    _note_proof(ctx, record)
    if record.kind == "password":
        second_factor_advice(ctx, account)
    session.scope = held.scope if held is not None and held.scope else None
    session.expires = held.expires if held is not None else 0
    announce(ctx, account.name)
    if record.kind == "password":
        _claim(ctx, account)
    if session.user is not None and is_news:
        tell_failures(ctx)
        replay_direct(ctx)


def _note_proof(ctx: Context, record: LoggedIn) -> None:
    """Let what was proved count for what asks for a fresh proof."""
    session = ctx.session
    if record.kind == "password":
        session.since = record.since or ctx.world.applied
    vouched_at, session.vouched_at = session.vouched_at, 0
    # What was proved to the transport was proved when one came, not when it is shown again.
    if record.kind == "password" or (record.kind != "token" and session.user is None):
        at = vouched_at or ctx.now // 1_000_000
        session.prove(ctx.world.applied, at, code=record.kind == "password")


def tell_failures(ctx: Context) -> None:
    """Tell who has come in as an account, once, how many others have tried since the last time."""
    account, scope = ctx.session.account, ctx.session.scope
    failed = ctx.node.failed_logins.take_unseen(account) if account and scope is None else None
    if failed is not None:
        logins = "1 login" if failed.unseen == 1 else f"{failed.unseen} logins"
        when = format_time(failed.last * 1_000_000)
        text = f"{logins} to your account failed since your last one, the newest at {when}"
        ctx.notice(f"{text} by the door {failed.door}. If that was not you, change your password")


def second_factor_advice(ctx: Context, account: Account) -> None:
    """Tell an operator whose class is to have a second factor that there is none yet."""
    if account.operator in ctx.policy.second_factor_for and not account.has_second_factor:
        text = f"You are an operator ({account.operator}) and have no second factor"
        ctx.notice(f"{text}: TOTP BEGIN, or /2fa on, makes one")


def _claim(ctx: Context, account: Account) -> None:
    """Take what the account lists, and the transport has proved: the password shows whose it is."""
    for kind, id in (("ssh", ctx.session.key), ("certfp", ctx.session.certfp)):
        held = account.credential(kind, id) if id else None
        if held is not None and not held.proved:
            ctx.append(CredentialProved(ctx.origin, account.name, kind, id))


def announce(ctx: Context, account: str) -> None:
    """Answer that a session is logged in (IRCv3 sasl-3.1, RPL_LOGGEDIN)."""
    session = ctx.session
    username, host = session.username or "*", session.host
    source = session.user.source if session.user else f"{session.shown_nick}!{username}@{host}"
    ctx.reply(numerics.RPL_LOGGEDIN, source, account, f"You are now logged in as {account}")


def scope_of(world: World, session: Session) -> str | None:
    """Return what a session may do that came in for one purpose: its channel may be called anew."""
    account = world.account(session.account) if session.scope is not None else None
    held = account.credential(*session.credential) if account and session.credential else None
    if held is not None:
        session.scope = held.scope
    return session.scope
