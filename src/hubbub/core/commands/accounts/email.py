"""E-mail addresses: EMAIL changes one's own, MAIL TEST tries whether the server can send at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hubbub.core.commands.accounts import mail
from hubbub.core.commands.accounts.credentials import own_account
from hubbub.core.deciding import audit, login
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.records.accounts import (
    AccountVerified,
    CredentialAdded,
    CredentialRemoved,
    EmailConfirmed,
)
from hubbub.core.records.entries import Body, Entry
from hubbub.core.requests import Draw, Proof, Prove
from hubbub.core.world.accounts import NEW_EMAIL, Account, code_digest, secrets_of, shown_code
from hubbub.irc.names import fold

WAIT_SECONDS: Final = 600
"""How long an account waits until it may have a code sent to another address."""
CONFIRM_SECONDS: Final = 86_400
"""How long the code that is sent to a new address can be used."""


def email(ctx: CommandContext) -> None:
    """Ask for another e-mail address, or confirm it with the code that was sent there."""
    account = own_account(ctx)
    if account is None:
        return
    subcommand = ctx.param(0).upper()
    if subcommand == "SET" and len(ctx.message.params) > 1:
        _ask_for(ctx, account, ctx.param(1), ctx.param(2))
    elif subcommand == "CONFIRM":
        _confirm(ctx, account, ctx.param(1))
    else:
        ctx.fail("INVALID_PARAMS", "EMAIL SET address password, then EMAIL CONFIRM code")


def _ask_for(ctx: Context, account: Account, address: str, password: str) -> None:
    held, waiting = account.credential("password"), account.credential(NEW_EMAIL)
    now = ctx.now // 1_000_000

    def proved(proof: Proof) -> None:
        if proof.right:
            ctx.requests.append(Draw(1, lambda codes: _send(ctx, account, address, codes)))
        else:
            ctx.fail("WRONG_PASSWORD", "The password is wrong; your address is as it was")

    if ctx.policy.email == "off":
        ctx.fail("UNAVAILABLE", "This server sends no e-mail, and keeps no address")
    elif not mail.is_address(address):
        ctx.fail("INVALID_EMAIL", "This is no e-mail address")
    elif waiting is not None and now < waiting.created + WAIT_SECONDS:
        # Else anybody with an account could have any mailbox written to, as fast as he types.
        ctx.fail("TRY_AGAIN", "A code is on its way; ask for another in ten minutes")
    elif held is None:
        ctx.fail("NOT_FOUND", "Set a password first: an address can set another one")
    else:
        ctx.requests.append(Prove(fold(account.name), held.seq, password, 0, "", proved))


def _send(ctx: Context, account: Account, address: str, codes: Sequence[str]) -> None:
    """Keep an address until it is confirmed, and tell the old one what is going on."""
    over = ctx.now // 1_000_000 + CONFIRM_SECONDS
    digest, histories = code_digest(codes[0]), (secrets_of(account.name),)
    record = CredentialAdded(
        ctx.origin,
        account.name,
        NEW_EMAIL,
        digest,
        expires=over,
        histories=histories,
        known=ctx.known,
    )
    ctx.append(record, Body(address))
    ctx.requests.append(mail.confirmation(ctx.policy, address, account.name, shown_code(codes[0])))
    earlier = account.credential("email")
    if earlier is not None:
        ctx.requests.append(mail.change(ctx.policy, earlier.seq, account.name))
    ctx.tell(
        "EMAIL", "SENT", "A code is on its way there: EMAIL CONFIRM code makes it your address"
    )


def _confirm(ctx: Context, account: Account, code: str) -> None:
    digest = code_digest(code)
    held = account.credentials.get((NEW_EMAIL, digest))
    if held is None or held.is_over(ctx.now // 1_000_000):
        text = "This code is not valid, or no longer"
        login.refuse(ctx, fold(account.name), lambda _: ctx.fail("INVALID_CODE", text))
    else:
        ctx.append(EmailConfirmed(ctx.origin, account.name, digest))


def confirmed(ctx: Context, record: EmailConfirmed, entry: Entry) -> None:
    """Tell an owner that the address is the account's now."""
    ctx.tell("EMAIL", "SUCCESS", "This is your address now")


def set_address(ctx: CommandContext, account: Account) -> None:
    """Set, as an operator, an account's address, or take it away; it is not confirmed."""
    address = ctx.param(2)
    if address.lower() == "none" and account.credential("email") is None:
        ctx.fail("NOT_FOUND", account.name, "It has no e-mail address")
    elif address.lower() == "none":
        ctx.append(CredentialRemoved(ctx.origin, account.name, "email", by=ctx.by))
        audit.acted(ctx, "ACCOUNT EMAIL", account.name, "none")
    elif not mail.is_address(address):
        ctx.fail("INVALID_EMAIL", shown(account.name), "Give an e-mail address, or none")
    else:
        histories = (secrets_of(account.name),)
        record = CredentialAdded(ctx.origin, account.name, "email", by=ctx.by, histories=histories)
        ctx.append(record, Body(address))
        audit.acted(ctx, "ACCOUNT EMAIL", account.name)


def verify(ctx: Context, account: Account) -> None:
    """Let an account be used, as an operator, whose code never came."""
    if account.verified:
        ctx.fail("ALREADY_VERIFIED", account.name, "It waits for no code")
    else:
        ctx.append(AccountVerified(ctx.origin, account.name, "", by=ctx.by))
        audit.acted(ctx, "ACCOUNT VERIFY", account.name)


def mail_command(ctx: CommandContext) -> None:
    """Send a test e-mail, and tell how the mail server took it."""
    address = ctx.param(1)
    if ctx.param(0).upper() != "TEST" or not mail.is_address(address):
        ctx.fail("INVALID_PARAMS", "Give an e-mail address")
        return

    def tried(why: str) -> None:
        if why:
            ctx.fail("NOT_SENT", f"It was not sent: {why}")
        else:
            ctx.tell("MAIL", "SENT", "The mail server took it")

    ctx.requests.append(mail.test(ctx.policy, address, tried))
    audit.acted(ctx, "MAIL TEST", address.rpartition("@")[2])


COMMANDS: Final = (
    Command(
        "EMAIL",
        email,
        "SET address password | CONFIRM code",
        "change your e-mail address, by which a lost password is reset",
        minimum=1,
        cost=FULL,
    ),
    Command(
        "MAIL",
        mail_command,
        "TEST address",
        "try whether the server can send e-mail",
        minimum=2,
        privilege="accounts",
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {EmailConfirmed: confirmed}
