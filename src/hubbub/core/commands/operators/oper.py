"""What server operators may do: OPER, KILL, REHASH, WALLOPS, STATS."""

from __future__ import annotations

from typing import Final

from hubbub.core.access import ranks
from hubbub.core.commands.moderation import bans
from hubbub.core.deciding import audit, login
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.policy.policy import OperBlock
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Announced
from hubbub.core.records.users import Killed, UserModesSet
from hubbub.core.requests import Proof, Reload, Report, Reread, Verify
from hubbub.irc import names, numerics
from hubbub.irc.fitting import clip

_NOBODY: Final = OperBlock(
    "$argon2id$v=19$m=19456,t=2,p=1$UwjlP9ZEpyVtSYRdFL+KPw"
    "$uqhlCMJ88xyO4Lv7hMFkiAwOET4SLqEt1h3gAct79VU"
)
"""The hash of a password that nobody knows: a name that does not exist takes as long to refuse."""


def oper(ctx: CommandContext) -> None:
    """Become a server operator (RFC 2812 3.1.4)."""
    name, password = ctx.message.params[:2]
    operator = ctx.policy.operators.get(name, _NOBODY)

    def verified(proof: Proof) -> None:
        if not (proof.right and name in ctx.policy.operators):
            ctx.reply(numerics.ERR_PASSWDMISMATCH)
            if proof.wait:
                ctx.notice(f"{login.WAITS} {proof.wait} seconds")
            # A name that is no operator's is not logged: it may be a password in the wrong place.
            named = {"operator": name} if name in ctx.policy.operators else {}
            ctx.requests.append(Report("OPER refused", named))
        elif ctx.session.user is not None:
            granted = operator.operator_class
            ctx.session.opered_at, ctx.session.oper_name = ctx.now // 1_000_000, name
            ctx.append(UserModesSet(ctx.origin, ctx.user.source, ("+o",), name, granted))
            audit.became_operator(ctx, name, granted)

    ctx.requests.append(Verify(operator.password, password, verified, name))


def modes_set(ctx: Context, record: UserModesSet, entry: Entry) -> None:
    """Confirm that one is a server operator now."""
    if "+o" in record.changes:
        ctx.reply(numerics.RPL_YOUREOPER)


def kill(ctx: CommandContext) -> None:
    """End all sessions of a user (RFC 2812 3.7.1)."""
    nick = ctx.param(0)
    victim = ctx.world.user(nick)
    if victim is not None:
        if not ranks.may_act_on(ctx.world, ctx.user.wielded, victim):
            ctx.reply(numerics.ERR_NOPRIVILEGES)
            return
        reason = clip(ctx.param(1), KICK_BYTES) or "No reason given"
        histories = ctx.world.histories(victim)
        ctx.append(Killed(ctx.origin, ctx.user.source, victim.source, reason, histories, victim.id))
        audit.acted(ctx, "KILL", victim.source, reason)
    elif names.fold(nick) == names.fold(ctx.policy.server):
        ctx.reply(numerics.ERR_CANTKILLSERVER)
    else:
        ctx.reply(numerics.ERR_NOSUCHNICK, shown(nick))


def rehash(ctx: Context) -> None:
    """Read the settings again (RFC 2812 4.2)."""
    ctx.reply(numerics.RPL_REHASHING, "settings")
    audit.acted(ctx, "REHASH")

    def told(reread: Reread) -> None:
        for sentence in reread.told:
            ctx.notice(sentence)
        for sentence in reread.refused:
            ctx.fail("NOT_REREAD", sentence, command="REHASH")

    ctx.requests.append(Reload(told))


def wallops(ctx: CommandContext) -> None:
    """Tell something to all users with mode +w (RFC 2812 4.7)."""
    text = clip(ctx.param(0), KICK_BYTES)
    if text:
        ctx.append(Announced(ctx.origin, ctx.user.source, text))
        audit.acted(ctx, "WALLOPS", "", text)
    else:
        ctx.need_more_params()


def stats(ctx: CommandContext) -> None:
    """Tell how the server does.

    `u` for how long it has been up, `o` for its operators, `k` and `d` for its network bans.
    """
    query = ctx.param(0)
    if query == "u":
        ctx.reply(numerics.RPL_STATSUPTIME, _uptime(ctx.now // 1_000_000 - ctx.policy.started))
    elif query in ("o", "O"):
        if not ctx.user.wielded_class:
            ctx.reply(numerics.ERR_NOPRIVILEGES)
        else:
            for name, operator in ctx.policy.operators.items():
                ctx.reply(numerics.RPL_STATSOLINE, "O", "*", "*", name, operator.operator_class)
    elif query in ("k", "d"):
        if ctx.user.may("see-bans"):
            bans.stats(ctx, query)
        else:
            ctx.reply(numerics.ERR_NOPRIVILEGES)
    ctx.reply(numerics.RPL_ENDOFSTATS, shown(query), "End of STATS report")


def _uptime(seconds: int) -> str:
    days, rest = divmod(seconds, 86_400)
    return f"Server up {days} days {rest // 3600}:{rest % 3600 // 60:02d}:{rest % 60:02d}"


COMMANDS: Final = (
    Command("OPER", oper, "name password", "become a server operator", minimum=2, cost=FULL),
    Command("KILL", kill, "nick [:reason]", "end a user's sessions", minimum=1, privilege="kill"),
    Command("REHASH", rehash, "", "read the settings again", privilege="rehash"),
    Command(
        "WALLOPS", wallops, ":text", "tell all users with mode +w", minimum=1, privilege="wallops"
    ),
    Command("STATS", stats, "u | o | k | d", "tell how the server does", minimum=1),
)

FOLLOW_UPS: Final[FollowUps] = {UserModesSet: modes_set}
