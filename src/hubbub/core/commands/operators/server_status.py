"""STATUS: how the server does, for its operators."""

from __future__ import annotations

from typing import Final

from hubbub.core.deciding.context import Command, Context, FollowUps
from hubbub.core.showing import isupport


def status(ctx: Context) -> None:
    """Tell how the server does."""
    world, now = ctx.world, ctx.now // 1_000_000
    accounts = sum(not found.dropped for found in world.accounts.values())
    away = sum(not user.sessions for user in world.users.values())
    lines = {
        "server": f"{ctx.policy.server} ({ctx.policy.network}), {isupport.VERSION}",
        "started": f"{ctx.policy.created}, {(now - ctx.policy.started) // 60} minutes ago",
        "access": ctx.policy.access,
        "connections": str(len(world.sessions)),
        "users": f"{len(world.users)}, {away} of them not connected",
        "channels": str(len(world.channels)),
        "accounts": str(accounts),
        "failed-logins": f"{ctx.node.failed_logins.total} since the start",
        "records": str(world.applied),
        **ctx.node.troubles(),
    }
    for name, value in lines.items():
        ctx.tell("STATUS", name, value)
    for fault in ctx.policy.faults:
        ctx.tell("STATUS", "refused", fault)
    ctx.tell("STATUS", "END", "End of status")


COMMANDS: Final = (Command("STATUS", status, "", "tell how the server does", privilege="accounts"),)

FOLLOW_UPS: Final[FollowUps] = {}
