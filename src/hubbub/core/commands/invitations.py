"""A leaked invite code: which one it is, who came in by it, and keeping them all out."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hubbub.core import audit, confirming, ranks
from hubbub.core.account_records import InviteRevoked
from hubbub.core.accounts import Account, code_digest
from hubbub.core.context import Context, shown
from hubbub.core.policy import KICK_BYTES
from hubbub.irc.fitting import clip
from hubbub.irc.names import fold
from hubbub.irc.timestamps import format_time


def find(ctx: Context, given: str, codes: Iterable[str]) -> str | None:
    """Return the digest that a code itself, or the first letters of its id, means; or answer."""
    digest, begin = code_digest(given), given.lower()
    found = [code for code in codes if code == digest or (begin and code.startswith(begin))]
    if len(found) == 1:
        return found[0]
    # What was given may be a code: it is not repeated.
    text = "Give the code, or the first letters of one id that INVITECODE LIST shows"
    ctx.fail("NOT_FOUND", text)
    return None


def may_revoke(ctx: Context, code: str) -> bool:
    """Say, with an answer where not, whether the operator may take a code back."""
    held = ctx.world.invites.get(code)
    if held is None or ranks.may_revoke(ctx.world, ctx.user.wielded, held):
        return True
    ctx.fail("NO_PRIVILEGES", code[:12], ranks.TOO_HIGH)
    return False


def _known(ctx: Context) -> dict[str, None]:
    """Return the digests of codes that there are, or that somebody came in by."""
    used = (account.invite for account in ctx.world.accounts.values())
    return dict.fromkeys([*ctx.world.invites, *(code for code in used if code)])


def _came_by(ctx: Context, code: str) -> list[Account]:
    accounts = ctx.world.accounts.values()
    return [one for one in accounts if one.invite == code and not one.dropped]


def show(ctx: Context) -> None:
    """Tell who came in by an invite code, which may be over."""
    code = find(ctx, ctx.param(1), _known(ctx))
    if code is None:
        return
    held = ctx.world.invites.get(code)
    about = f"uses left: {held.uses}, made by {held.by} {held.note}" if held else "over"
    ctx.tell("INVITECODE", "SHOW", code[:12], about.rstrip())
    for account in _came_by(ctx, code):
        when = format_time(account.registered * 1_000_000)
        state = f", suspended: {account.suspended}" if account.suspended else ""
        ctx.tell("INVITECODE", "CAME", account.name, f"registered {when}{state}")
    ctx.tell("INVITECODE", "END", "End of list")


def suspend(
    ctx: Context,
    may: Callable[[Account], bool],
    keep_out: Callable[[Context, Account, str], None],
) -> None:
    """Revoke a code, and keep out everybody who came in by it, once that is confirmed."""
    words = list(ctx.message.params[1:])
    sure = confirming.take_sure(words)
    given, reason = (*words, "", "")[:2]
    code = find(ctx, given, _known(ctx))
    if code is None or not may_revoke(ctx, code):
        return
    # Who asks may have come in by it, too.
    others = (one for one in _came_by(ctx, code) if fold(one.name) != fold(ctx.by))
    meant = [one for one in others if not one.suspended]
    if not sure:
        names = ", ".join(one.name for one in meant) or "nobody"
        text = f"It would revoke the code and suspend {len(meant)}: {clip(names, 200)}"
        if any(ranks.is_last_owner(ctx.world, one) for one in meant):
            text += ", among them the last owner"
        confirming.ask(ctx, code[:12], text)
        return
    if code in ctx.world.invites:
        ctx.append(InviteRevoked(ctx.origin, code, ctx.by))
    for account in meant:
        if may(account):
            keep_out(ctx, account, clip(reason, KICK_BYTES) or "Came in by a leaked invite code")
    audit.acted(ctx, "INVITECODE SUSPEND", shown(code[:12]), f"{len(meant)} accounts")
