"""A taken-over account: its sessions, and an end to them and to whatever could begin new ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hubbub.core.access import channels
from hubbub.core.deciding import audit, confirming
from hubbub.core.deciding.context import CommandContext, Context, shown
from hubbub.core.records.accounts import AccountLoggedOut, CredentialRemoved
from hubbub.core.records.entries import Entry
from hubbub.core.world.accounts import Account, Credential

ALL: Final = "ALL"
_KINDS: Final = {
    "TOKEN": "token",
    "KEY": "ssh",
    "CERT": "certfp",
    "PASSWORD": "password",
    "EMAIL": "email",
}
"""What can be revoked one by one; TOTP has a subcommand of its own."""
_LETS_IN: Final = ("password", "token", "certfp", "ssh", "reset")
"""The kinds that begin a session, or set what does."""
BESIDE_PASSWORD: Final = ("token", "certfp", "ssh")
"""The kinds that go on to let in when the password is another."""
_SHORTEST: Final = 4
"""How many letters of a fingerprint tell it apart, at the least."""


def sessions(ctx: Context, account: Account) -> None:
    """Tell how many connections an account has, and by what each came in."""
    for user in account.users:
        where = " ".join(channels.known_channels(user, ctx.user)) or "no channel"
        if not user.sessions:
            ctx.tell("ACCOUNT", "SESSION", user.source, f"not connected, stays in {where}")
        for session in user.sessions:
            came_by = _came_by(account, ctx.world.devices.get(session, ""))
            if session in user.quiet:
                # The World knows no more of what only passes by.
                came_by = "a token or key for one purpose, or a pipe"
            ctx.tell("ACCOUNT", "SESSION", user.source, f"by {came_by}, {where}")
    ctx.tell("ACCOUNT", "END", "End of sessions")


def _came_by(account: Account, device: str) -> str:
    """Return how a session proved its account, and what the program calls itself."""
    proof, _, program = device.partition(" ")
    kind, _, id = proof.partition(":")
    held = account.credential(kind, id) if kind else None
    if held is None:
        named = "something that is revoked" if kind else "what it registered with"
    else:
        about = f"for {held.scope}" if held.scope else ""
        named = " ".join(word for word in (kind, held.label or _fingerprint(held), about) if word)
    return f"{named} as {program}" if program else named


def _fingerprint(held: Credential) -> str:
    return held.id if held.kind in ("ssh", "certfp") else ""


def log_out(ctx: Context, account: Account) -> None:
    """End all connections of an account; whoever can prove it may come back at once."""
    ctx.append(AccountLoggedOut(ctx.origin, account.name, ctx.by))
    audit.acted(ctx, "ACCOUNT LOGOUT", account.name)


def revoke(ctx: CommandContext, account: Account, sure: bool) -> None:
    """Let an account be proved no more: by one credential, or by any."""
    what, wanted = ctx.param(2).upper(), ctx.param(3)
    if what == ALL and not sure:
        text = f"It would take away all that proves it ({lets_in(account)}) and end its connections"
        confirming.ask(ctx, account.name, text)
    elif what == ALL:
        ctx.append(AccountLoggedOut(ctx.origin, account.name, ctx.by, revoked=True))
        audit.acted(ctx, "ACCOUNT REVOKE", account.name, "all")
    elif what not in _KINDS:
        text = f"ACCOUNT REVOKE {account.name} ALL, or {', '.join(_KINDS)} and which"
        ctx.fail("INVALID_PARAMS", shown(ctx.param(2)), text)
    else:
        _revoke_one(ctx, account, _KINDS[what], wanted)


def _revoke_one(ctx: Context, account: Account, kind: str, wanted: str) -> None:
    held = list(account.of_kind(kind))
    if wanted or kind in ("token", "ssh", "certfp"):
        held = [one for one in held if _is_meant(one, wanted)]
    if len(held) != 1:
        text = "ACCOUNT SHOW lists what there is: give a name, or the beginning of a fingerprint"
        ctx.fail("NOT_FOUND", shown(wanted or account.name), text)
        return
    ctx.append(CredentialRemoved(ctx.origin, account.name, kind, held[0].id, by=ctx.by))
    audit.acted(ctx, "ACCOUNT REVOKE", account.name, f"{kind} {held[0].label}".rstrip())


def _is_meant(held: Credential, wanted: str) -> bool:
    given = wanted.lower().replace(":", "") if held.kind == "certfp" else wanted.lower()
    begins = len(given) >= _SHORTEST and held.id.lower().startswith(given)
    return bool(given) and (given == held.label.lower() or begins)


def lets_in(account: Account, kinds: Iterable[str] = _LETS_IN) -> str:
    """Return what can log in to an account now, as a person reads it, "" for nothing."""
    counts = {kind: sum(held.proved for held in account.of_kind(kind)) for kind in kinds}
    return ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)


def tell_lets_in(ctx: Context, account: Account, kinds: Iterable[str] = _LETS_IN) -> None:
    """Say what lets in somebody who had an account in hand, and how that ends."""
    others = lets_in(account, kinds)
    if others:
        text = f"It can be logged in to by {others}. If somebody else had it: ACCOUNT REVOKE, ALL"
        ctx.tell("ACCOUNT", "WARN", account.name, text)


def logged_out(ctx: Context, record: AccountLoggedOut, entry: Entry) -> None:
    """Confirm that an account's connections are over."""
    if record.revoked:
        text = "Nothing logs in to it any more, and its connections are over; ACCOUNT PASSWORD next"
    else:
        text = "Its connections are over; who can prove it may come back"
    ctx.tell("ACCOUNT", "OUT", record.account, text)
