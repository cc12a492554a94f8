"""INVITECODE and OWNERCODE: invite codes, who came in by them, and what to do when one leaks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from hubbub.core.access import ranks
from hubbub.core.commands.operators import accounts as account_operations
from hubbub.core.deciding import audit, confirming
from hubbub.core.deciding.context import Command, CommandContext, Context, FollowUps, shown
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.records.accounts import InviteMade, InviteRevoked
from hubbub.core.records.entries import Entry
from hubbub.core.requests import Draw
from hubbub.core.world.accounts import Account, Invite, code_digest, shown_code
from hubbub.core.world.session import Awaiting
from hubbub.irc.durations import seconds_of
from hubbub.irc.fitting import clip
from hubbub.irc.names import fold
from hubbub.irc.numbers import number_of
from hubbub.irc.timestamps import format_time

MOST_USES: Final = 10_000


def invite_code(ctx: CommandContext) -> None:
    """Make, list and revoke invite codes."""
    subcommand = ctx.param(0).upper()
    if subcommand == "ADD":
        _make_invite(ctx)
    elif subcommand == "LIST":
        for held in ctx.world.invites.values():
            ctx.tell("INVITECODE", "LIST", held.code[:12], _about(held, ctx.now // 1_000_000))
        ctx.tell("INVITECODE", "END", "End of list")
    elif subcommand in ("DEL", "REVOKE"):
        _revoke_invite(ctx, ctx.param(1))
    elif subcommand == "SHOW":
        show(ctx)
    elif subcommand == "SUSPEND":
        suspend(ctx)
    else:
        text = "INVITECODE ADD [uses] [lifetime] [:note], LIST, SHOW|SUSPEND|DEL id|code"
        ctx.fail("INVALID_PARAMS", text)


def _make_invite(ctx: CommandContext) -> None:
    uses, lifetime, note = number_of(ctx.param(1, "1")), ctx.param(2, "7d"), ctx.param(3)
    seconds = 0 if lifetime == "0" else seconds_of(lifetime)
    if uses is None or not 0 < uses <= MOST_USES:
        ctx.fail("INVALID_PARAMS", f"An invite code has 1 to {MOST_USES} uses")
    elif seconds is None:
        ctx.fail("INVALID_PARAMS", "An invite code lasts 7d, 12h or the like, or 0 for ever")
    else:
        give_invite(ctx, uses, seconds, "", clip(note, KICK_BYTES))


def give_invite(ctx: Context, uses: int, seconds: int, grants: str, note: str) -> None:
    """Make an invite code that lasts so many seconds (0: for ever), and show it."""

    def drawn(codes: Sequence[str]) -> None:
        ctx.session.await_answer(Awaiting(ctx.service, shown_code(codes[0])))
        over = ctx.now // 1_000_000 + seconds if seconds else 0
        id = code_digest(codes[0])
        ctx.append(InviteMade(ctx.origin, id, uses, over, ctx.by, grants, note))
        kind = f"for {grants}" if grants else f"{uses} uses"
        audit.acted(ctx, "INVITECODE ADD", id[:12], f"{kind} {note}".rstrip())

    ctx.requests.append(Draw(1, drawn))


def _day(seconds: int) -> str:
    return format_time(seconds * 1_000_000)[:10]


def _about(held: Invite, now: int) -> str:
    parts = [
        f"uses left: {held.uses}",
        f"made {_day(held.created)} by {held.by}",
    ]
    parts += [f"expires {_day(held.expires)}"] if held.expires else []
    parts += [f"makes an operator: {held.grants}"] if held.grants else []
    parts += [held.note] if held.note else []
    parts += ["over"] if not held.is_good(now) else []
    return ", ".join(parts)


def _revoke_invite(ctx: Context, given: str) -> None:
    code = find(ctx, given, list(ctx.world.invites))
    if code is not None and may_revoke(ctx, code):
        ctx.append(InviteRevoked(ctx.origin, code, ctx.by))
        audit.acted(ctx, "INVITECODE DEL", code[:12])


def owner_code(ctx: Context) -> None:
    """Give a new one-time code that makes who redeems it the owner."""
    give_invite(ctx, 1, 0, "owner", "owner code")


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


def show(ctx: CommandContext) -> None:
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


def suspend(ctx: CommandContext) -> None:
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
    why = clip(reason, KICK_BYTES) or "Came in by a leaked invite code"
    for account in meant:
        if account_operations.outranks(ctx, account):
            account_operations.suspend(ctx, account, why, sure)
    audit.acted(ctx, "INVITECODE SUSPEND", shown(code[:12]), f"{len(meant)} accounts")


def invite_made(ctx: Context, record: InviteMade, entry: Entry) -> None:
    """Show an invite code, this once."""
    ctx.tell("INVITECODE", "ADDED", record.code[:12], ctx.secret)


def invite_revoked(ctx: Context, record: InviteRevoked, entry: Entry) -> None:
    """Confirm that an invite code is over."""
    ctx.tell("INVITECODE", "REMOVED", record.code[:12], "This code is over")


COMMANDS: Final = (
    Command(
        "INVITECODE",
        invite_code,
        "ADD [uses] [lifetime] [:note] | LIST | SHOW|DEL id|code"
        " | SUSPEND [SURE] id|code [:reason]",
        "make and manage invite codes",
        minimum=1,
        privilege="accounts",
    ),
    Command("OWNERCODE", owner_code, "", "make a code for a new owner", privilege="operators"),
)

FOLLOW_UPS: Final[FollowUps] = {InviteMade: invite_made, InviteRevoked: invite_revoked}
