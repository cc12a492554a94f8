"""Which part of a channel's history a member may read: asked by everything that reads it back.

While a channel is closed (+i, +k or +s) each member reads from its own joining on. What was said
then stays with those who were in when it is open again: an interval of the history that is hidden
from who came after it. Only the founder opens the past (CHANNEL OPENPAST), as far back as it was
said under him, or he was in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hubbub.core.world.state import Channel, Place, Stretch, User

CLOSED: Final = 32
"""How many closed intervals a channel remembers. Beyond that the oldest two become one, with what
was said between them: too much is hidden rather than too little."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Hold what a member may read: from `since` on (None: all), but for what is `hidden`."""

    since: Place | None = None
    hidden: tuple[Stretch, ...] = ()

    def shows(self, place: Place) -> bool:
        """Say whether what stands at a place may be read."""
        # By seq: a time may be of another history, which is not as far ahead of the clock.
        seq = place[1]
        if self.since is not None and seq < self.since[1]:
            return False
        return not any(first[1] <= seq < end[1] for first, end in self.hidden)


EVERYTHING: Final = Reach()


def reach(channel: Channel, user: User) -> Reach:
    """Return what a member may read of a channel's history, or who may read it from outside."""
    member = channel.members.get(user)
    if member is None:
        # As if it came in now: so nothing that was said while the channel was closed.
        return Reach(None, tuple(channel.closed))
    since = member.since
    if channel.history_since_join:
        return Reach(since)
    hidden = (
        (first, min(end, since, key=_seq)) for first, end in channel.closed if first[1] < since[1]
    )
    return Reach(None, tuple(hidden))


def still_closed(channel: Channel, founder: User) -> list[Stretch]:
    """Return what stays hidden when its founder opens the past of a channel.

    A founder opens what was said under him, or where he could read it himself: who has become the
    founder, by whichever way, finds no way to what was said before he came.
    """
    held, member = channel.registration, channel.members.get(founder)
    since = [held.since] if held is not None else []
    since += [member.since] if member is not None else []
    opened = min(since, key=_seq) if since else None
    if opened is None:
        return list(channel.closed)
    return [
        (first, min(end, opened, key=_seq)) for first, end in channel.closed if first[1] < opened[1]
    ]


def _seq(place: Place) -> int:
    return place[1]


def closed_or_opened(channel: Channel, was_closed: bool, place: Place) -> None:
    """Remember where the channel was closed, if a change of its modes at a place opened it."""
    if channel.history_since_join and not was_closed:
        channel.closed_from = place
    elif was_closed and not channel.history_since_join:
        channel.closed.append((channel.closed_from, place))
        if len(channel.closed) > CLOSED:
            (first, _), (_, end) = channel.closed[:2]
            channel.closed[:2] = [(first, end)]
