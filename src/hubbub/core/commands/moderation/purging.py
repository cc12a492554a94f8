"""Taking back all that one has said of late: PURGE, with a count first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from hubbub.core.access import ranks
from hubbub.core.commands.moderation.ban_targets import ACCOUNT_PREFIX
from hubbub.core.deciding import audit, confirming
from hubbub.core.deciding.context import FULL, Command, CommandContext, Context, FollowUps, shown
from hubbub.core.policy.lengths import KICK_BYTES
from hubbub.core.records.entries import Entry
from hubbub.core.records.messages import Redacted, Said
from hubbub.core.requests import Search
from hubbub.core.world.accounts import Account, presence_of
from hubbub.core.world.state import User
from hubbub.irc import masks, names
from hubbub.irc.durations import seconds_of, shown_duration
from hubbub.irc.fitting import clip
from hubbub.irc.names import CHANNEL_PREFIXES, fold

LONGEST: Final = 30 * 86_400
"""How far back, in seconds, one purge reaches."""
MOST: Final = 10_000
"""How many messages one purge takes back; who said more is purged again."""
PRIVILEGE: Final = "channels"
_REASON: Final = "Taken back by an operator"
_DIRECT: Final = "direct messages"


@dataclass(frozen=True, slots=True)
class Speaker:
    """Hold who is meant: an account, somebody here without one, or whoever fits a mask."""

    name: str
    account: Account | None = None
    user: User | None = None
    mask: str = ""

    def said(self, record: Said) -> bool:
        """Say whether it was this one who said something."""
        if self.account is not None:
            return fold(record.account) == fold(self.account.name)
        if self.user is not None:
            return not record.account and record.origin.session in self.user.sessions
        return masks.matches(self.mask, record.source)

    @property
    def direct(self) -> tuple[str, ...]:
        """Return the direct histories of this one; who is known by a mask only has none."""
        if self.account is not None:
            return (f"@{presence_of(self.account.name)}/*",)
        return (f"@{self.user.presence}/*",) if self.user is not None else ()


def purge(ctx: CommandContext) -> None:
    """Count what one has said of late or, where that is confirmed, take it all back."""
    words = list(ctx.message.params)
    sure = len(words) > 2 and confirming.take_sure(words)
    given, since, *rest = words
    channel = rest.pop(0) if rest and rest[0][:1] in CHANNEL_PREFIXES else ""
    seconds, speaker = seconds_of(since), _speaker(ctx, given)
    if speaker is None:
        text = "This is no account, nobody who is here, and no nick or mask"
        ctx.fail("INVALID_TARGET", shown(given), text)
    elif not seconds or seconds > LONGEST:
        text = f"How long ago it began: 10m, 1h, up to {shown_duration(LONGEST)}"
        ctx.fail("INVALID_PARAMS", shown(since), text)
    elif channel and ctx.world.channel(channel) is None:
        ctx.fail("NO_SUCH_CHANNEL", shown(channel), "There is no such channel")
    elif _is_higher(ctx, speaker):
        ctx.fail("NO_PRIVILEGES", speaker.name, ranks.TOO_HIGH)
    elif sure:
        where = f" in {channel}" if channel else ""
        audit.acted(ctx, "PURGE", speaker.name, f"since {shown_duration(seconds)}{where}")
        reason = clip(" ".join(rest), KICK_BYTES) or _REASON
        _search(ctx, speaker, seconds, channel, lambda entry: _take_back(ctx, entry, reason), _done)
    else:
        _search(ctx, speaker, seconds, channel, lambda entry: None, _asked)


def _speaker(ctx: Context, given: str) -> Speaker | None:
    user = ctx.world.user(given)
    name = user.account if user is not None and user.account else given
    account = ctx.world.account(name.removeprefix(ACCOUNT_PREFIX))
    if account is not None:
        return Speaker(account.name, account)
    if user is not None:
        return Speaker(user.nick, user=user)
    mask = names.complete_mask(given)
    if not names.is_mask(mask) or masks.is_too_wild(mask) or not mask.strip("*?!@."):
        return None
    return Speaker(mask, mask=mask)


def _is_higher(ctx: Context, speaker: Speaker) -> bool:
    held = ctx.user.wielded
    if speaker.account is not None:
        return not ranks.may_act_on_account(ctx.world, held, speaker.account.name)
    return speaker.user is not None and not ranks.may_act_on(ctx.world, held, speaker.user)


_Over = Callable[[Context, Speaker, Counter[str], str], None]


def _search(
    ctx: Context,
    speaker: Speaker,
    seconds: int,
    channel: str,
    each: Callable[[Entry], None],
    over: _Over,
) -> None:
    """Look for what somebody said; do something with each, and then tell how many there were."""
    found = ctx.world.channel(channel) if channel else None
    places = [found] if found is not None else list(ctx.world.channels.values())
    # Without a channel all of one is meant: also what was said to others directly.
    histories = tuple(place.history for place in places) + (() if channel else speaker.direct)
    counts: Counter[str] = Counter()

    def slice_found(entries: Sequence[Entry]) -> bool:
        if ctx.session.user is None or not ctx.user.holds(PRIVILEGE):
            # It takes a while, in which one can be sent away. That it is used is on record.
            return False
        for entry in entries:
            said = entry.record
            assert isinstance(said, Said), "as was asked for"
            # With whom one talks directly is nobody's business, not even as a count by name.
            counts[_DIRECT if said.histories[0].startswith("@") else said.target] += 1
            each(entry)
        return True

    def is_over(all_of_it: bool) -> None:
        more = "" if all_of_it else "; that is not all: do it again"
        over(ctx, speaker, counts, more)

    after = ctx.now - seconds * 1_000_000
    ctx.requests.append(Search(histories, after, MOST, _wanted(ctx, speaker), slice_found, is_over))


def _wanted(ctx: Context, speaker: Speaker) -> Callable[[Entry], bool]:
    # What this session has proved now: later another session of its user may be the one that is
    # heard.
    held = ctx.user.wielded

    def is_wanted(entry: Entry) -> bool:
        said = entry.record
        if not isinstance(said, Said) or not speaker.said(said):
            return False
        # A mask may meet people of higher ranks as well: theirs is passed over, not refused as a
        # whole.
        return ranks.may_act_on_account(ctx.world, held, said.account)

    return is_wanted


def _summary(counts: Counter[str], more: str) -> str:
    total = counts.total()
    where = ", ".join(f"{count} in {place}" for place, count in counts.most_common(8))
    rest = f" and {len(counts) - 8} more places" if len(counts) > 8 else ""
    return f"{total} message{'s' * (total != 1)} ({where}{rest}){more}" if total else "no message"


def _asked(ctx: Context, speaker: Speaker, counts: Counter[str], more: str) -> None:
    if counts:
        text = f"It would take back what {speaker.name} said: {_summary(counts, more)}"
        confirming.ask(ctx, speaker.name, text)
    else:
        ctx.tell("PURGE", "NOTHING", speaker.name, "Nothing was said in that time")


def _done(ctx: Context, speaker: Speaker, counts: Counter[str], more: str) -> None:
    ctx.tell("PURGE", "DONE", speaker.name, f"Taken back: {_summary(counts, more)}")


def _take_back(ctx: Context, entry: Entry, reason: str) -> None:
    said = entry.record
    assert isinstance(said, Said), "as was asked for"
    # Direct messages go where they came from: a client finds the window by who speaks.
    is_direct = said.histories[0].startswith("@")
    source = said.source if is_direct else ctx.policy.server
    place = (said.target, entry.msgid, entry.seq, False, reason, None, said.histories)
    ctx.append(Redacted(ctx.origin, source, *place, purged=True))


COMMANDS: Final = (
    Command(
        "PURGE",
        purge,
        "[SURE] account|nick|mask 1h [#channel] [:reason]",
        "take back all that one said of late, in a channel or everywhere; counts first",
        minimum=2,
        privilege=PRIVILEGE,
        cost=FULL,
    ),
)

FOLLOW_UPS: Final[FollowUps] = {}
