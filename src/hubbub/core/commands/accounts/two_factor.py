"""TOTP: two-factor authentication, turned on and off."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hubbub.core.access import second_factor
from hubbub.core.commands.accounts.credentials import own_account
from hubbub.core.deciding import login
from hubbub.core.deciding.context import Command, CommandContext, Context, FollowUps
from hubbub.core.records.accounts import CredentialAdded, CredentialRemoved
from hubbub.core.records.entries import Body
from hubbub.core.requests import Draw, Proof, Prove
from hubbub.core.world.accounts import Account, code_digest, secrets_of, shown_code
from hubbub.core.world.session import Awaiting
from hubbub.irc.names import fold

RECOVERY_CODES: Final = 8


def totp(ctx: CommandContext) -> None:
    """Turn two-factor authentication on (BEGIN, CONFIRM code) or off (OFF code)."""
    account = own_account(ctx)
    if account is None:
        return
    subcommand = ctx.param(0).upper()
    if subcommand == "BEGIN" and account.has_second_factor:
        ctx.fail("IN_USE", "Two-factor authentication is on already")
    elif subcommand == "BEGIN":
        ctx.requests.append(Draw(2, lambda codes: _begin_totp(ctx, account, "".join(codes))))
    elif subcommand == "CONFIRM":
        _confirm_totp(ctx, account)
    elif subcommand == "OFF":
        _end_totp(ctx, account)
    else:
        ctx.fail("INVALID_PARAMS", "TOTP BEGIN, TOTP CONFIRM code, TOTP OFF code")


def _begin_totp(ctx: Context, account: Account, key: str) -> None:
    ctx.session.totp_key = key
    address = second_factor.address(key, account.name, ctx.policy.network)
    ctx.tell("TOTP", "KEY", key, address)
    ctx.tell("TOTP", "NEXT", "Give it to your app, then: TOTP CONFIRM code")


def _confirm_totp(ctx: CommandContext, account: Account) -> None:
    key = ctx.session.totp_key
    step = second_factor.step_of(key, ctx.param(1), ctx.now // 1_000_000) if key else 0
    if not key:
        ctx.fail("INVALID_PARAMS", "TOTP BEGIN comes first")
    elif account.has_second_factor:
        ctx.fail("IN_USE", "Two-factor authentication is on already")
    elif not step:
        ctx.fail("INVALID_CODE", "This code is wrong; is the clock of your device right?")
    else:
        ctx.session.totp_key = ""
        ctx.requests.append(
            Draw(RECOVERY_CODES, lambda codes: _keep_totp(ctx, account, key, codes, step))
        )


def _keep_totp(ctx: Context, account: Account, key: str, codes: Sequence[str], step: int) -> None:
    ctx.session.await_answer(Awaiting(ctx.service, " ".join(map(shown_code, codes))))
    digests = tuple(map(code_digest, codes))
    histories = (secrets_of(account.name),)
    record = CredentialAdded(
        ctx.origin,
        account.name,
        "totp",
        histories=histories,
        codes=digests,
        step=step,
        known=ctx.known,
    )
    ctx.append(record, Body(key))


def _end_totp(ctx: CommandContext, account: Account) -> None:
    held = account.credential("totp")
    if held is None:
        ctx.fail("NOT_FOUND", "Two-factor authentication is off")
        return
    code = ctx.param(1)

    def proved(proof: Proof) -> None:
        if proof.right:
            ctx.append(CredentialRemoved(ctx.origin, account.name, "totp", step=proof.step))
        else:
            ctx.fail("INVALID_CODE", f"This code is wrong{login.next_wait(proof)}")

    if account.credential("recovery", code_digest(code)) is not None:
        proved(Proof(True))
    else:
        ctx.requests.append(Prove(fold(account.name), None, "", held.seq, code, proved))


COMMANDS: Final = (
    Command(
        "TOTP",
        totp,
        "BEGIN | CONFIRM code | OFF code",
        "turn two-factor authentication on or off",
        minimum=1,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
