"""Keeping people out: UBAN, and its older forms KLINE, UNKLINE, DLINE and UNDLINE."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hubbub.core.access import channels, ranks
from hubbub.core.commands.moderation.ban_targets import (
    BanTarget,
    address_of,
    find,
    mask_of,
    protection,
)
from hubbub.core.deciding import audit, confirming
from hubbub.core.deciding.context import (
    FULL,
    Command,
    CommandContext,
    Context,
    FollowUps,
    shown,
    sifted,
)
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.policy.policy import BAN_UNASKED
from hubbub.core.policy.scopes import CONSOLE
from hubbub.core.records.entries import Entry
from hubbub.core.records.moderation import NetworkBanAdded, NetworkBanRemoved
from hubbub.core.requests import AnswerMany
from hubbub.core.world.bans import ACCOUNT, ADDRESS, NetworkBan, parse_network
from hubbub.core.world.state import User
from hubbub.irc import masks, numerics
from hubbub.irc.durations import seconds_of, shown_duration
from hubbub.irc.fitting import clip, fitted, wrap
from hubbub.irc.message import Message, parse_text
from hubbub.irc.timestamps import format_time

_SHOWN: Final = 30
_WIDTH: Final = 350


_LENGTH = re.compile(r"\d+[A-Za-z]*\Z", re.ASCII)
"""What is meant as a length of time, be it one or not."""


@dataclass(frozen=True, slots=True)
class _Terms:
    """Hold for how many seconds somebody is kept out (0: for good), and why."""

    seconds: int
    reason: str
    note: str


def uban(ctx: CommandContext) -> None:
    """Keep people out, let them in again, and say whom a ban would hit."""
    subcommand = ctx.param(0).upper()
    handler = _SUBCOMMANDS.get(subcommand)
    if handler is None:
        ctx.fail("INVALID_PARAMS", shown(ctx.param(0)), "UBAN ADD, DEL, LIST, INFO or TEST")
    elif subcommand in ("ADD", "DEL") and not ctx.user.may("ban-network"):
        ctx.reply(numerics.ERR_NOPRIVILEGES)
    else:
        handler(ctx, list(ctx.message.params[1:]) if subcommand == "LIST" else _words(ctx, 1))


def _uban_add(ctx: CommandContext, words: list[str]) -> None:
    sure = confirming.take_sure(words)
    target = _target(ctx, words)
    if target is not None:
        _add_on_terms(ctx, target, words[1:], sure)


def _uban_del(ctx: CommandContext, words: list[str]) -> None:
    target = _target(ctx, words)
    if target is not None:
        _remove(ctx, target)


def _uban_test(ctx: CommandContext, words: list[str]) -> None:
    target = _target(ctx, words)
    if target is None:
        return

    def found(hit: Sequence[User]) -> None:
        reason = protection(ctx, target, hit)
        if reason:
            ctx.notice(f"It would be refused: {reason}")

    _look(ctx, target, found)


def _uban_info(ctx: CommandContext, words: list[str]) -> None:
    target = _target(ctx, words)
    if target is None:
        return
    ban = ctx.world.bans.get(target.kind, target.name, ctx.now // 1_000_000)
    if ban is None:
        ctx.notice(f"There is no ban of {target}")
    else:
        ctx.notice(_line(ctx, ban))
    _look(ctx, target)


def _uban_list(ctx: Context, words: list[str]) -> None:
    pattern = f"*{words[0]}*" if words else "*"
    now = ctx.now // 1_000_000
    if masks.is_too_wild(pattern):
        ctx.fail("INVALID_PARAMS", masks.TOO_WILD)
        return
    wanted = masks.ready(pattern)

    def is_wanted(ban: NetworkBan) -> bool:
        return wanted.matches(ban.target) and not ban.is_over(now)

    def lines() -> Iterator[Message | None]:
        nick, server, count = ctx.session.shown_nick, ctx.policy.server, 0
        # A copy: the answer is made as the connection takes it, and bans come and go.
        for ban in sifted(ctx.user, list(ctx.world.bans), is_wanted):
            count += ban is not None
            yield (
                None if ban is None else fitted(Message("NOTICE", (nick, _line(ctx, ban)), server))
            )
        yield Message("NOTICE", (nick, f"{count} ban{'s' * (count != 1)}"), server)

    ctx.requests.append(AnswerMany(lines()))


_SUBCOMMANDS: Final = {
    "ADD": _uban_add,
    "DEL": _uban_del,
    "LIST": _uban_list,
    "INFO": _uban_info,
    "TEST": _uban_test,
}


def kline(ctx: CommandContext) -> None:
    """Keep a mask out, or the host of a nick; `-mask` lets it in again."""
    words = _words(ctx)
    if words[0].startswith("-"):
        _remove_named(ctx, mask_of(ctx, words[0][1:]), words[0][1:])
    else:
        _add_line(ctx, words, mask_of)


def unkline(ctx: CommandContext) -> None:
    """Let a mask in again."""
    _remove_named(ctx, mask_of(ctx, ctx.param(0)), ctx.param(0))


def dline(ctx: CommandContext) -> None:
    """Keep an address or a range of addresses out."""
    _add_line(ctx, _words(ctx), address_of)


def undline(ctx: CommandContext) -> None:
    """Let an address or a range of addresses in again."""
    given = _words(ctx)[0]
    _remove_named(ctx, address_of(ctx, given), given)


def _add_line(
    ctx: CommandContext, words: list[str], meant: Callable[[Context, str], BanTarget | None]
) -> None:
    sure = confirming.take_sure(words)
    # The duration stands before the mask, where there is one.
    first = [words.pop(0)] if len(words) > 1 and _seconds(words[0]) is not None else []
    if not words:
        ctx.need_more_params()
        return
    target = meant(ctx, words[0])
    if target is None:
        _invalid(ctx, words[0])
    else:
        _add_on_terms(ctx, target, first + words[1:], sure)


def _remove_named(ctx: Context, target: BanTarget | None, given: str) -> None:
    if target is None:
        _invalid(ctx, given)
    else:
        _remove(ctx, target)


def _invalid(ctx: Context, given: str) -> None:
    ctx.fail("INVALID_TARGET", shown(given), "This is nobody and nothing that can be banned")


def _target(ctx: CommandContext, words: Sequence[str]) -> BanTarget | None:
    """Return what the first word means, or answer that there is none."""
    if not words:
        ctx.need_more_params()
        return None
    target = find(ctx, words[0])
    if target is None:
        _invalid(ctx, words[0])
    return target


def _tell_taken(ctx: Context, target: BanTarget) -> None:
    if target.taken_as:
        ctx.notice(target.taken_as)


def _words(ctx: CommandContext, start: int = 0) -> list[str]:
    """Return the parameters from one on, with an address that begins with a colon in its place.

    Of `::ffff:192.0.2.1 1d :spam` the language makes one parameter, without the first colon.
    """
    words = list(ctx.message.params[start:])
    before, last = words[:-1], words[-1] if words else ""
    address = f":{last}".partition(" ")[0]
    is_target = all(
        word.upper() == confirming.SURE or _seconds(word) is not None for word in before
    )
    if last.startswith(":") and is_target and parse_network(address) is not None:
        return [*before, *parse_text(f"BAN 0:{last}").params]
    return words


def _seconds(word: str) -> int | None:
    """Return a duration in seconds, 0 being for good, or None where the word is none."""
    return 0 if word == "0" else seconds_of(word)


def _add_on_terms(ctx: Context, target: BanTarget, words: list[str], sure: bool) -> None:
    """Ban for as long, and for the reason, that words say; a mistyped length is not for good."""
    if words and _LENGTH.match(words[0]) and _seconds(words[0]) is None:
        text = "A ban lasts 30m, 12h, 7d or the like, or 0 for good; a reason stands behind a colon"
        ctx.fail("INVALID_PARAMS", words[0], text)
    else:
        terms = _terms(words)
        # Found before anything is asked for: the count is told, and whether it would be oneself.
        target.find_hit(ctx, lambda hit: _add(ctx, target, terms, sure, hit))


def _terms(words: list[str]) -> _Terms:
    seconds = _seconds(words[0]) if words else None
    text = " ".join(words if seconds is None else words[1:])
    reason, _, note = text.partition("|")
    return _Terms(
        seconds or 0, clip(reason.strip(), KICK_BYTES // 2), clip(note.strip(), KICK_BYTES // 2)
    )


def _add(ctx: Context, target: BanTarget, terms: _Terms, sure: bool, hit: Sequence[User]) -> None:
    reason = protection(ctx, target, hit)
    if reason:
        ctx.fail("INVALID_TARGET", shown(target.name), reason)
    elif not ctx.world.bans.has_room(target.kind, target.name, ctx.now // 1_000_000):
        ctx.fail("LIST_FULL", shown(target.name), "There are as many bans as there may be")
    elif not sure and (len(hit) > BAN_UNASKED or ctx.user in hit):
        _tell_hit(ctx, target, hit)
        you = "you yourself" if ctx.user in hit else f"{len(hit)} users"
        confirming.ask(ctx, target.name, f"It would hit {you}")
    # Most likely a slip; and if not, the name is kept from who might take it, which is worth a
    # question.
    elif not sure and _is_nobody(ctx, target):
        text = f"There is no account {target.name}, and nobody could have it while it is banned"
        confirming.ask(ctx, target.name, text)
    else:
        # An address written otherwise was understood as something: said even where nothing is
        # asked.
        _tell_taken(ctx, target)
        ctx.append(
            NetworkBanAdded(
                ctx.origin,
                target.kind,
                target.name,
                ctx.operator,
                terms.seconds,
                terms.reason,
                terms.note,
                ctx.session.scope == CONSOLE,
                ctx.user.wielded_class,
            )
        )
        lasting = shown_duration(terms.seconds) if terms.seconds else "for good"
        note = f" | {terms.note}" if terms.note else ""
        details = f"{lasting}, met {len(hit)}: {terms.reason}{note}"
        audit.acted(ctx, "UBAN ADD", str(target), details)


def _is_nobody(ctx: Context, target: BanTarget) -> bool:
    """Say whether an account that is named, and is no mask of several, does not exist."""
    is_mask = any(sign in target.name for sign in "*?")
    return target.kind == ACCOUNT and not is_mask and ctx.world.account(target.name) is None


def _remove(ctx: Context, target: BanTarget) -> None:
    ban = ctx.world.bans.get(target.kind, target.name, ctx.now // 1_000_000)
    if ban is None:
        ctx.fail("NO_SUCH_BAN", shown(target.name), f"There is no ban of {target}")
    elif not ranks.may_lift(ctx.user.wielded, ban):
        ctx.fail("NO_PRIVILEGES", shown(target.name), ranks.TOO_HIGH)
    else:
        ctx.append(
            NetworkBanRemoved(ctx.origin, ban.kind, ban.target, ctx.session.scope == CONSOLE)
        )
        audit.acted(ctx, "UBAN DEL", str(target))


def _look(
    ctx: Context, target: BanTarget, then: Callable[[Sequence[User]], None] = lambda hit: None
) -> None:
    """Tell whom a ban would meet. Asked often enough, that says where somebody comes from."""
    if target.kind == ADDRESS:
        if not ctx.user.may("ban-network"):
            ctx.reply(numerics.ERR_NOPRIVILEGES)
            return
        audit.acted(ctx, "UBAN TEST", str(target))
    _tell_taken(ctx, target)

    def found(hit: Sequence[User]) -> None:
        _tell_hit(ctx, target, hit)
        then(hit)

    target.find_hit(ctx, found)


def _tell_hit(ctx: Context, target: BanTarget, hit: Sequence[User]) -> None:
    if not hit:
        ctx.notice(f"{target} meets nobody who is here")
        return
    ctx.notice(f"{target} meets {len(hit)} who are here:")
    seen = [user.nick for user in hit if channels.sees_user(user, ctx.user)]
    nicks = seen[:_SHOWN] + (["..."] if len(seen) > _SHOWN else [])
    nicks += [f"({len(hit) - len(seen)} invisible)"] if len(seen) < len(hit) else []
    for line in wrap(nicks, _WIDTH):
        ctx.notice(line)


def _line(ctx: Context, ban: NetworkBan) -> str:
    left = ban.expires - ctx.now // 1_000_000
    until = f"for {shown_duration(left)} more" if ban.expires else "for good"
    note = f" | {ban.note}" if ban.note else ""
    set_at = format_time(ban.time * 1_000_000)
    return f"{ban.kind} {ban.target} {until}, by {ban.by} at {set_at}: {ban.reason}{note}"


def stats(ctx: Context, letter: str) -> None:
    """Answer STATS k with the bans of masks and accounts, STATS d with those of addresses."""
    now = ctx.now // 1_000_000
    numeric = numerics.RPL_STATSDLINE if letter == "d" else numerics.RPL_STATSKLINE

    def is_wanted(ban: NetworkBan) -> bool:
        return (ban.kind == ADDRESS) == (letter == "d") and not ban.is_over(now)

    def lines() -> Iterator[Message | None]:
        for ban in sifted(ctx.user, list(ctx.world.bans), is_wanted):
            if ban is None:
                yield None
            else:
                until = str(ban.expires)
                yield ctx.numeric(numeric, letter.upper(), ban.target, until, ban.by, ban.reason)

    ctx.requests.append(AnswerMany(lines()))


def added(ctx: Context, record: NetworkBanAdded, entry: Entry) -> None:
    """Confirm that somebody is kept out."""
    lasting = shown_duration(record.seconds) if record.seconds else "good"
    ctx.notice(f"{record.kind} {record.target} is banned for {lasting}")


def removed(ctx: Context, record: NetworkBanRemoved, entry: Entry) -> None:
    """Confirm that somebody may come in again."""
    ctx.notice(f"{record.kind} {record.target} is banned no longer")


_LINE: Final = "[SURE] [duration] {} [:reason [| note for operators]]"

COMMANDS: Final = (
    Command(
        "UBAN",
        uban,
        "ADD [SURE] target [duration] [:reason [| note for operators]] | DEL target"
        " | LIST [text] | INFO target | TEST target",
        "keep a nick, nick!user@host, address, address/bits or account:name out,"
        " or say whom that would hit",
        minimum=1,
        privilege="see-bans",
        cost=FULL,
    ),
    Command(
        "KLINE",
        kline,
        _LINE.format("nick|mask") + " | -mask",
        "keep a mask out",
        minimum=1,
        privilege="ban-network",
    ),
    Command("UNKLINE", unkline, "mask", "let a mask in again", minimum=1, privilege="ban-network"),
    Command(
        "DLINE",
        dline,
        _LINE.format("address[/bits]"),
        "keep an address or a range out",
        minimum=1,
        privilege="ban-network",
    ),
    Command(
        "UNDLINE",
        undline,
        "address[/bits]",
        "let an address or a range in again",
        minimum=1,
        privilege="ban-network",
    ),
)

FOLLOW_UPS: Final[FollowUps] = {NetworkBanAdded: added, NetworkBanRemoved: removed}
