"""What proves one's account: PASSWD, TOKEN, and codes for a lost password."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from hubbub.core.access import passwords
from hubbub.core.commands.accounts import mail
from hubbub.core.deciding import login
from hubbub.core.deciding.challenges import challenge
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.policy.scopes import is_scope
from hubbub.core.records.accounts import CredentialAdded, CredentialRemoved, OthersRevoked
from hubbub.core.records.entries import Body, Entry
from hubbub.core.requests import Draw, Hash, Proof, Prove
from hubbub.core.world.accounts import (
    TOKEN_PREFIX,
    Account,
    Credential,
    code_digest,
    digest,
    secrets_of,
    shown_code,
)
from hubbub.core.world.bans import ACCOUNT
from hubbub.core.world.session import Awaiting
from hubbub.irc.durations import seconds_of
from hubbub.irc.names import fold
from hubbub.irc.timestamps import format_time

LABEL_CHARACTERS: Final = 40
RESET_SECONDS: Final = 3_600
_LABEL = re.compile(r"[^\x00-\x20\x7f-\x9f]+\Z")


def own_account(ctx: Context) -> Account | None:
    """Return the session's account; none, after an answer, where it has none to manage."""
    account = ctx.world.account(ctx.session.account) if ctx.session.account else None
    if account is None:
        ctx.fail("ACCOUNT_REQUIRED", "Log in first")
    return account


def passwd(ctx: CommandContext) -> None:
    """Change one's password."""
    account = own_account(ctx)
    if account is None:
        return
    old, new = ctx.message.params[:2]
    others = ctx.param(2).upper() == "ALL"
    why = passwords.unacceptable(new, account.name, ctx.policy.password_length)
    if why is not None:
        ctx.fail(*why)
        return
    held = account.credential("password")

    def proved(proof: Proof) -> None:
        if proof.right:
            set_password(ctx, account.name, new, others=others)
        else:
            ctx.fail("WRONG_PASSWORD", f"The old password is wrong{login.next_wait(proof)}")

    if held is None:
        # Who came by a key has none yet.
        set_password(ctx, account.name, new, others=others)
    else:
        ctx.requests.append(Prove(fold(account.name), held.seq, old, 0, "", proved))


def set_password(
    ctx: Context,
    account: str,
    password: str,
    by: str = "",
    reset: str = "",
    others: bool = False,
) -> None:
    """Give an account another password; `reset` is the digest of the code that allows it.

    With `others` nothing else logs in to it any more, and its other sessions end.
    """
    histories = (secrets_of(account),)

    def hashed(secret: str) -> None:
        known = 0 if by or reset else ctx.known
        record = CredentialAdded(
            ctx.origin, account, "password", by=by, histories=histories, reset=reset, known=known
        )
        ctx.append(record, Body(secret))
        if others:
            revoke_others(ctx, account)

    ctx.requests.append(Hash(password, hashed))


def revoke_others(ctx: Context, account: str) -> None:
    """Ask for the record that leaves an account its password, and this session."""
    session = ctx.session
    own = session.credential if session.account == account else None
    ctx.append(OthersRevoked(ctx.origin, account, *(own or ())))


def token(ctx: CommandContext) -> None:
    """Make, list or remove app tokens."""
    account = own_account(ctx)
    if account is None:
        return
    subcommand = ctx.param(0).upper()
    if subcommand == "ADD":
        _add_token(ctx, account)
    else:
        manage(ctx, account, "token", subcommand)


def _add_token(ctx: CommandContext, account: Account) -> None:
    label, scope, lifetime = ctx.param(1), ctx.param(2, "chat"), ctx.param(3)
    seconds = seconds_of(lifetime) if lifetime else 0
    if not is_label(label):
        ctx.fail("INVALID_PARAMS", "TOKEN ADD name [chat|post:#channel|read:#channel] [30d]")
    elif not is_scope(scope):
        ctx.fail("INVALID_SCOPE", "A token is for chat, post:#channel or read:#channel")
    elif seconds is None:
        ctx.fail("INVALID_PARAMS", "A token lasts 30d, 12h or the like")
    elif any(held.label == label for held in account.of_kind("token")):
        ctx.fail("IN_USE", label, "You have a token of this name; remove it first")
    else:
        expires = ctx.now // 1_000_000 + seconds if seconds else 0

        # Its digest alone is kept: the token is shown once, to the session that waits for it.
        def drawn(codes: Sequence[str]) -> None:
            secret = TOKEN_PREFIX + "".join(codes).lower()
            ctx.session.await_answer(Awaiting(ctx.service, secret))
            kept = "" if scope == "chat" else scope
            about = ("token", digest(secret), label, kept, expires)
            ctx.append(CredentialAdded(ctx.origin, account.name, *about, known=ctx.known))

        ctx.requests.append(Draw(2, drawn))


def is_label(label: str) -> bool:
    """Say whether a name will do; a scope where the name was forgotten must not widen to all."""
    is_forgotten = is_scope(label) and label != "chat"
    fits = 0 < len(label) <= LABEL_CHARACTERS and _LABEL.match(label) is not None
    return fits and not is_forgotten


def manage(ctx: CommandContext, account: Account, kind: str, subcommand: str) -> None:
    """List credentials of a kind, or take one away."""
    if subcommand == "LIST":
        for held in account.of_kind(kind):
            ctx.tell(ctx.command, "LIST", _name(held), describe(held))
        ctx.tell(ctx.command, "END", "End of list")
    elif subcommand in ("DEL", "REMOVE"):
        wanted = ctx.param(1)
        named = next((one for one in account.of_kind(kind) if one.is_named(wanted)), None)
        if named is None:
            ctx.fail("NOT_FOUND", shown(wanted), "You have no such credential")
        else:
            ctx.append(CredentialRemoved(ctx.origin, account.name, kind, named.id))
    else:
        ctx.fail("INVALID_PARAMS", f"{ctx.command} ADD, LIST or DEL")


def _name(held: Credential) -> str:
    return held.label or held.id


def describe(held: Credential) -> str:
    """Return a credential as a line for a person, without anything secret."""
    # A digest says nothing to anybody.
    parts = [held.id] if held.id and held.kind in ("certfp", "ssh") else []
    parts += [held.scope or "chat"] if held.scope or held.kind == "token" else []
    parts.append(f"made {_day(held.created)}")
    parts += [] if held.proved else ["not proved yet"]
    parts.append(f"used {_day(held.used)}" if held.used else "never used")
    if held.was:
        parts.append(f"was {held.was}'s")
    if held.expires:
        parts.append(f"expires {_day(held.expires)}")
    return ", ".join(parts)


def _day(seconds: int) -> str:
    return format_time(seconds * 1_000_000)[:10]


def sendpass(ctx: CommandContext) -> None:
    """Have a code sent by e-mail, with which the password can be reset."""
    name = ctx.param(0)
    account = ctx.world.account(name)
    email = account.credential("email") if account is not None else None
    if ctx.policy.email == "off":
        ctx.fail("UNAVAILABLE", "This server sends no e-mail; its operators can give you a code")
        return
    # Whether there is such an account, and an address, is told to nobody.
    now = ctx.now // 1_000_000
    waiting = account.credential("reset") if account is not None else None
    if waiting is not None and not waiting.is_over(now):
        # The code that is out counts on: a stranger cannot take it away, nor fill a mailbox.
        account = None
    if account is not None and email is not None and account.verified:
        owner = account.name
        ctx.requests.append(Draw(1, lambda codes: _keep_reset(ctx, owner, codes[0])))
    ctx.tell("SENDPASS", "SENT", shown(name), "If there is an address, a code is on its way to it")


def _keep_reset(ctx: Context, account: str, code: str) -> None:
    # The mail leaves once the code counts: of many who ask at once one is the first.
    ctx.session.await_answer(Awaiting(ctx.service, shown_code(code)))
    over = ctx.now // 1_000_000 + RESET_SECONDS
    ctx.append(CredentialAdded(ctx.origin, account, "reset", code_digest(code), expires=over))


def _send_reset(ctx: Context, record: CredentialAdded) -> None:
    account = ctx.world.account(record.account)
    email = account.credential("email") if account is not None else None
    held = account.credential("reset") if account is not None else None
    if account is not None and email is not None and held is not None and held.id == record.id:
        ctx.requests.append(mail.reset(ctx.policy, email.seq, account.name, ctx.secret))


def resetpass(ctx: CommandContext) -> None:
    """Set another password with a code that was sent, or given by an operator."""
    name, code, password = ctx.message.params[:3]
    id = code_digest(code)
    account = ctx.world.account_of("reset", id)
    held = account.credential("reset", id) if account is not None else None
    over = held is None or held.is_over(ctx.now // 1_000_000)
    why = passwords.unacceptable(password, name, ctx.policy.password_length)
    if why is not None:
        ctx.fail(*why)
    elif account is None or held is None or over or fold(account.name) != fold(name):
        text = "This code is not valid, or no longer"
        login.refuse(ctx, "", lambda _: ctx.fail("INVALID_CODE", text))
    else:
        others = ctx.param(3).upper() == "ALL"
        set_password(ctx, account.name, password, reset=held.id, others=others)


def credential_added(ctx: Context, record: CredentialAdded, entry: Entry) -> None:
    """Confirm what was added; a token and recovery codes are shown here, and never again."""
    answer = _ADDED.get(record.kind)
    if record.by and record.kind == "reset":
        ctx.tell("ACCOUNT", "RESET", record.account, ctx.secret)
    elif record.by:
        ctx.tell("ACCOUNT", "SET", record.account, f"{record.kind} changed")
    elif record.kind == "reset":
        _send_reset(ctx, record)
    elif answer is not None:
        answer(ctx, record)


def _changed(ctx: Context, name: str) -> str:
    """Say that a password is changed, and what still keeps its owner from logging in with it."""
    account, text = ctx.world.account(name), "Your password is changed"
    if account is None or ctx.session.account:
        return text
    ban = ctx.world.bans.get(ACCOUNT, account.name, ctx.now // 1_000_000)
    if account.suspended:
        return f"{text}, but the account is suspended: {account.suspended}"
    if ban is not None:
        return f"{text}, but the account is banned: {ban.reason}"
    if not account.verified:
        return f"{text}, but the account waits for its code: VERIFY {account.name} code"
    if account.has_second_factor:
        return f"{text}; two-factor authentication is on: log in with password:code"
    return text


def _password_added(ctx: Context, record: CredentialAdded) -> None:
    if ctx.session.account == record.account:
        # What this session has proved stays so; others prove it by the new one.
        ctx.session.proved_seq = ctx.world.applied
    ctx.tell("PASSWD", "SUCCESS", _changed(ctx, record.account))


def _token_added(ctx: Context, record: CredentialAdded) -> None:
    ctx.tell("TOKEN", "ADDED", record.label, ctx.secret)
    ctx.tell("TOKEN", "NEXT", "It stands in for your password, and is shown this once")


def _totp_added(ctx: Context, record: CredentialAdded) -> None:
    ctx.tell("TOTP", "RECOVERY", ctx.secret)
    text = "On. Each of these codes stands in for a one-time password, once: keep them"
    ctx.tell("TOTP", "ON", text)


def _key_added(ctx: Context, record: CredentialAdded) -> None:
    """Tell what a key takes until it logs in: a fingerprint is public, and proves nothing."""
    command = _REMOVED[record.kind]
    name = record.label or record.id
    if record.proved:
        ctx.tell(command, "ADDED", name, "Added to your account")
        return
    text = "Listed, but not proved: log in with it and your password once"
    ctx.tell(command, "ADDED", name, text if command == "CERT" else f"{text}, or sign this")
    if command == "KEY":
        challenge(ctx, record.account)


_ADDED: Final[dict[str, Callable[[Context, CredentialAdded], None]]] = {
    "password": _password_added,
    "token": _token_added,
    "totp": _totp_added,
    "certfp": _key_added,
    "ssh": _key_added,
}
_REMOVED: Final = {"token": "TOKEN", "totp": "TOTP", "certfp": "CERT", "ssh": "KEY"}


def credential_removed(ctx: Context, record: CredentialRemoved, entry: Entry) -> None:
    """Confirm what was removed."""
    command = _REMOVED.get(record.kind)
    if record.by:
        ctx.tell("ACCOUNT", "SET", record.account, f"{record.kind} removed")
    elif command is not None:
        ctx.tell(command, "REMOVED", record.id or "*", "Removed from your account")


COMMANDS: Final = (
    Command(
        "PASSWD",
        passwd,
        "old new [ALL]",
        "change your password; with ALL end every other way in, too",
        minimum=2,
        early=True,
        cost=FULL,
    ),
    Command(
        "TOKEN",
        token,
        "ADD name [scope] [lifetime] | LIST | DEL name",
        "manage app tokens, which stand in for your password",
        minimum=1,
        early=True,
    ),
    Command(
        "SENDPASS",
        sendpass,
        "account",
        "have a code for a lost password sent by e-mail",
        minimum=1,
        early=True,
        cost=FULL,
    ),
    Command(
        "RESETPASS",
        resetpass,
        "account code new-password [ALL]",
        "set another password with a code",
        minimum=3,
        early=True,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {
    CredentialAdded: credential_added,
    CredentialRemoved: credential_removed,
}
