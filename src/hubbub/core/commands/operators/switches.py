"""Switches for bad days, and reading what operators did: SWITCH and AUDIT."""

from __future__ import annotations

from typing import Final

from hubbub.core.deciding import audit
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.records.entries import Entry
from hubbub.core.records.moderation import SwitchSet
from hubbub.core.requests import Audit
from hubbub.core.world.switches import GUESTS, SWITCHES
from hubbub.irc.fitting import clip
from hubbub.irc.numbers import number_of

AUDIT_LINES: Final = 20
AUDIT_MOST: Final = 200
NOTE: Final = "NOTE"
"""The word by which a command on the server's machine, which reads the files, says what it does."""


def switch(ctx: CommandContext) -> None:
    """Show the switches, or turn one off or on."""
    words = list(ctx.message.params)
    if not words:
        for name in SWITCHES:
            ctx.notice(_state(ctx, name))
        return
    console = ctx.session.scope == CONSOLE
    sure = words[0].upper() == "SURE" and bool(words.pop(0))
    name = words[0].lower() if words else ""
    wanted = words[1].lower() if len(words) > 1 else ""
    if name not in SWITCHES or wanted not in ("on", "off", ""):
        text = f"SWITCH {'|'.join(SWITCHES)} on|off [:reason]"
        ctx.fail("INVALID_PARAMS", shown(name), text)
    elif not wanted or (wanted == "off") == (name in ctx.world.closed):
        ctx.notice(_state(ctx, name))
    elif name == GUESTS and wanted == "off" and not (sure or console or ctx.user.account):
        text = "You have no account, and could not come back; to do it, put SURE before the rest"
        ctx.fail("NOT_CONFIRMED", name, text)
    else:
        reason = clip(" ".join(words[2:]), KICK_BYTES) if wanted == "off" else ""
        ctx.append(SwitchSet(ctx.origin, name, wanted == "off", reason, console))
        audit.acted(ctx, "SWITCH", name, f"{wanted} {reason}".rstrip())


def _state(ctx: Context, name: str) -> str:
    if name not in ctx.world.closed:
        return f"{name} are on"
    reason = ctx.world.closed[name]
    return f"{name} are off: {SWITCHES[name]}" + (f" ({reason})" if reason else "")


def switched(ctx: Context, record: SwitchSet, entry: Entry) -> None:
    """Confirm how a switch stands."""
    ctx.notice(_state(ctx, record.name))


def audit_command(ctx: CommandContext) -> None:
    """Show what operators did last; or take down what was done on the server's machine."""
    if ctx.param(0).upper() == NOTE and ctx.session.scope == CONSOLE:
        audit.acted(ctx, *ctx.message.params[1:4])
        return
    lines = number_of(ctx.param(0, str(AUDIT_LINES)))
    if lines is None:
        ctx.fail("INVALID_PARAMS", shown(ctx.param(0)), "How many?")
    else:
        ctx.requests.append(Audit(min(lines, AUDIT_MOST), ctx.param(1)))


COMMANDS: Final = (
    Command(
        "SWITCH",
        switch,
        "[SURE] [registrations|guests [off|on [:reason]]]",
        "close the server to newcomers, or open it again",
        privilege="switches",
    ),
    Command(
        "AUDIT",
        audit_command,
        "[count [account]]",
        "show what operators did last, or one of them",
        privilege="audit",
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {SwitchSet: switched}
