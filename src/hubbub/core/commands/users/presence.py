"""What one says of oneself, and whom one watches or silences: AWAY, SETNAME, MONITOR, SILENCE."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hubbub.core.commands.metadata.subscriptions import show_watched
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.policy.lengths import AWAY_BYTES, REALNAME_BYTES
from hubbub.core.records.entries import Entry
from hubbub.core.records.users import AwaySet, RealnameSet, SilenceSet
from hubbub.core.requests import WatchNicks
from hubbub.core.world import service_nicks
from hubbub.irc import capabilities as cap
from hubbub.irc import masks, names, numerics
from hubbub.irc.fitting import clip


def away(ctx: CommandContext) -> None:
    """Mark oneself as away with a message, or as back without one."""
    text = clip(ctx.param(0), AWAY_BYTES)
    if ctx.session.user is None:
        _away_early(ctx, text)
    elif text != "*" and text == ctx.user.away_text and not ctx.user.absent:
        _confirm_away(ctx, text)
    else:
        ctx.append(AwaySet(ctx.origin, ctx.user.source, text))


def _away_early(ctx: Context, text: str) -> None:
    """Take AWAY before registration; `*` says that nobody sits here (IRCv3 draft/pre-away)."""
    session = ctx.session
    if not session.has(cap.PRE_AWAY):
        ctx.reply(numerics.ERR_NOTREGISTERED)
        return
    session.absent = text == "*"
    session.away_text = "" if session.absent else text
    _confirm_away(ctx, text)


def away_set(ctx: Context, record: AwaySet, entry: Entry) -> None:
    """Confirm that one is away, or back."""
    _confirm_away(ctx, record.text)


def _confirm_away(ctx: Context, text: str) -> None:
    ctx.reply(numerics.RPL_NOWAWAY if text else numerics.RPL_UNAWAY)


def setname(ctx: CommandContext) -> None:
    """Change one's real name (IRCv3 setname)."""
    realname = ctx.param(0)
    printable = not any(ch < " " or "\x7f" <= ch <= "\x9f" for ch in realname)
    if realname.strip() and printable and len(realname.encode()) <= REALNAME_BYTES:
        ctx.append(RealnameSet(ctx.origin, ctx.user.source, realname))
    else:
        ctx.fail("INVALID_REALNAME", "Realname is not valid")


def monitor(ctx: CommandContext) -> None:
    """Watch for nicks: add, remove, clear, list, or ask for all of them (IRCv3 monitor)."""
    subcommand = ctx.param(0).upper()
    if subcommand in ("+", "-"):
        if len(ctx.message.params) < 2:
            ctx.need_more_params()
            return
        nicks = [nick for nick in ctx.param(1).split(",") if nick]
        (_monitor_add if subcommand == "+" else _monitor_remove)(ctx, nicks)
    elif subcommand == "C":
        _monitor_remove(ctx, list(ctx.session.monitored))
    elif subcommand == "L":
        ctx.words((), ctx.session.monitored.values(), numerics.RPL_MONLIST, ",")
        ctx.reply(numerics.RPL_ENDOFMONLIST)
    elif subcommand == "S":
        _monitor_status(ctx, ctx.session.monitored.values())


def _monitor_add(ctx: Context, nicks: list[str]) -> None:
    monitored, limit = ctx.session.monitored, ctx.policy.monitor
    added: list[str] = []
    for index, nick in enumerate(nicks):
        if not names.is_nick(nick):
            ctx.reply(numerics.ERR_ERRONEUSNICKNAME, shown(nick))
        elif names.fold(nick) not in monitored:
            if len(monitored) >= limit:
                refused = filter(names.is_nick, nicks[index:])
                ctx.words((str(limit),), refused, numerics.ERR_MONLISTFULL, ",")
                break
            monitored[names.fold(nick)] = nick
            added.append(nick)
    if added:
        ctx.requests.append(WatchNicks(added=tuple(map(names.fold, added))))
        _monitor_status(ctx, added)
        users = (ctx.world.user(nick) for nick in added)
        show_watched(ctx, [user for user in users if user is not None])


def _monitor_remove(ctx: Context, nicks: list[str]) -> None:
    removed = tuple(
        folded
        for folded in map(names.fold, nicks)
        if ctx.session.monitored.pop(folded, None) is not None
    )
    if removed:
        ctx.requests.append(WatchNicks(removed=removed))


def _monitor_status(ctx: Context, nicks: Iterable[str]) -> None:
    present: list[str] = []
    absent: list[str] = []
    for nick in nicks:
        user, service = ctx.world.user(nick), service_nicks.named(nick)
        if service:
            present.append(service_nicks.source_of(service, ctx.policy.server))
        elif user is not None:
            present.append(user.source)
        else:
            absent.append(nick)
    ctx.words((), present, numerics.RPL_MONONLINE, ",")
    ctx.words((), absent, numerics.RPL_MONOFFLINE, ",")


def silence(ctx: CommandContext) -> None:
    """List or change whose direct messages one does not want."""
    user = ctx.user
    if not ctx.message.params or names.fold(ctx.param(0)) == names.fold(user.nick):
        for mask in ctx.world.silenced.get(user.presence, ()):
            ctx.reply(numerics.RPL_SILELIST, user.nick, mask)
        ctx.reply(numerics.RPL_ENDOFSILELIST)
        return
    added: dict[str, str] = {}
    removed: dict[str, str] = {}
    for word in ctx.param(0).split(","):
        mask = names.complete_mask(word.lstrip("+-"))
        if word and word[0] != "-" and masks.is_too_wild(mask):
            ctx.fail("INVALID_PARAMS", shown(word), masks.TOO_WILD)
        elif word and names.is_mask(mask):
            into, other = (removed, added) if word[0] == "-" else (added, removed)
            into[names.fold(mask)] = mask
            other.pop(names.fold(mask), None)
    _change_silenced(ctx, added, removed)


def _change_silenced(ctx: Context, added: dict[str, str], removed: dict[str, str]) -> None:
    before = ctx.world.silenced.get(ctx.user.presence, ())
    silenced = {names.fold(mask): mask for mask in before}
    gone = tuple(silenced[folded] for folded in removed if folded in silenced)
    room = ctx.policy.silence - len(silenced) + len(gone)
    kept: list[str] = []
    for folded, mask in added.items():
        if folded in silenced:
            continue
        if len(kept) < room:
            kept.append(mask)
        else:
            ctx.reply(numerics.ERR_SILELISTFULL, mask)
    if kept or gone:
        ctx.append(SilenceSet(ctx.origin, tuple(kept), gone, ctx.policy.silence))


def silence_set(ctx: Context, record: SilenceSet, entry: Entry) -> None:
    """Confirm which masks were added and removed."""
    changes = [f"-{mask}" for mask in record.removed] + [f"+{mask}" for mask in record.added]
    for change in changes:
        ctx.send("SILENCE", change, source=ctx.user.source)


COMMANDS: Final = (
    Command("AWAY", away, "[:message]", "say that you are away, or back", early=True, cost=FULL),
    Command("SETNAME", setname, ":real name", "change your real name", minimum=1, cost=FULL),
    Command("MONITOR", monitor, "+ nicks | - nicks | C | L | S", "watch for nicks", minimum=1),
    Command("SILENCE", silence, "[+mask | -mask]", "refuse direct messages"),
)

FOLLOW_UPS: Final[FollowUps] = {AwaySet: away_set, SilenceSet: silence_set}
