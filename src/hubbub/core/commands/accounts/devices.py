"""What can log in to one's account, taking it away, and proving the account once more.

DEVICES, REVOKE and REAUTH.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hubbub.core.commands.accounts.credentials import describe, own_account, revoke_others
from hubbub.core.deciding import login
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps
from hubbub.core.records.accounts import OthersRevoked, Reauthenticated
from hubbub.core.records.entries import Entry
from hubbub.core.world.accounts import Account

_KINDS: Final = {
    "password": "password",
    "totp": "two-factor",
    "email": "e-mail",
    "ssh": "key",
    "certfp": "certificate",
    "token": "token",
}
"""What is listed, and what it is called."""
_ALWAYS: Final = ("password", "totp")


def reauth(ctx: CommandContext) -> None:
    """Prove one's account once more, for what takes a fresh proof."""
    account = own_account(ctx)
    if account is None:
        return

    def failed(why: str) -> None:
        wait = why.removeprefix(login.WRONG)
        ctx.fail("WRONG_PASSWORD", f"This does not prove that {account.name} is you{wait}")

    login.again(ctx, account, ctx.param(0).strip(), failed)


def reauthenticated(ctx: Context, record: Reauthenticated, entry: Entry) -> None:
    """Let a session have proved its account now."""
    if ctx.session.account == record.account:
        ctx.session.prove(ctx.world.applied, ctx.now // 1_000_000)
        minutes = ctx.policy.step_up_seconds // 60
        ctx.tell("REAUTH", "SUCCESS", f"Thank you; this holds for {minutes} minutes")


def devices(ctx: Context) -> None:
    """List everything that can log in to one's account, and what is logged in now."""
    account = own_account(ctx)
    if account is None:
        return
    for kind, shown in _KINDS.items():
        for held in account.of_kind(kind):
            ctx.tell("DEVICES", "LIST", shown, held.label or "*", describe(held))
        if kind in _ALWAYS and account.credential(kind) is None:
            ctx.tell("DEVICES", "LIST", shown, "*", "none")
    for name, how in _sessions(ctx, account):
        ctx.tell("DEVICES", "LIST", "session", name, how)
    ctx.tell("DEVICES", "END", "REVOKE ALL ends all of these but this session and your password")


def _sessions(ctx: Context, account: Account) -> Iterator[tuple[str, str]]:
    """Return what the sessions that are here call themselves, and what they came in by."""
    for user in account.users:
        for session in user.sessions:
            device = ctx.world.devices.get(session, "")
            credential, _, username = device.partition(" ")
            kind, _, id = credential.partition(":")
            held = account.credential(kind, id)
            how = f"{_KINDS.get(kind, '')} {held.label if held is not None else ''}".strip()
            by = f"here now, by {how}" if how else "here now, in passing"
            this = " (this one)" if session == ctx.session.id else ""
            yield username or user.username, f"{by}{this}"


def revoke(ctx: CommandContext) -> None:
    """Take all tokens, keys and certificates from one's account, and end its other sessions."""
    account = own_account(ctx)
    if account is None:
        return
    if ctx.param(0).upper() == "ALL":
        revoke_others(ctx, account.name)
    else:
        text = "REVOKE ALL; for one of them TOKEN DEL, KEY DEL or CERT DEL"
        ctx.fail("INVALID_PARAMS", text)


def others_revoked(ctx: Context, record: OthersRevoked, entry: Entry) -> None:
    """Confirm that nothing else logs in; what this session has proved it need not prove anew."""
    ctx.session.proved_seq = ctx.world.applied
    text = "Your tokens, keys and certificates are taken back and your other sessions ended"
    ctx.tell("REVOKE", "SUCCESS", text)


COMMANDS: Final = (
    Command(
        "REAUTH",
        reauth,
        ":password[:code] | code",
        "prove your account once more, for what takes a fresh proof",
        minimum=1,
        early=True,
        cost=FULL,
    ),
    Command("DEVICES", devices, "", "list everything that can log in to your account"),
    Command(
        "REVOKE",
        revoke,
        "ALL",
        "take back all tokens, keys and certificates and end your other sessions",
        minimum=1,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {
    Reauthenticated: reauthenticated,
    OthersRevoked: others_revoked,
}
