"""Which direct conversations one has, what they are called, and how much of them is unread."""

from __future__ import annotations

from typing import Final

from hubbub.core.access.history import Reach
from hubbub.core.records.entries import Entry
from hubbub.core.requests import HistoryTargets
from hubbub.core.world.conversations import (
    is_guest,
    means,
    name_of,
    names_of_gone,
    partner_in,
    presence_called,
)
from hubbub.core.world.state import Place, User
from hubbub.core.world.world import World
from hubbub.irc.names import fold
from hubbub.journal.names import guest, is_direct
from hubbub.journal.port import Archive, readable
from hubbub.journal.questions import Newest, Page, Position, Unread

GUESTS: Final = 500
"""How many guests who are gone can be asked for: those who were spoken to last."""
MOST: Final = 1_000
"""Up to how many unread messages are counted; this number means so many or more."""
_EVER: Final = 1 << 62


def bounds(reach: Reach) -> tuple[Position | None, tuple[tuple[Position, Position], ...]]:
    """Return what a reader may read as the bounds of a page: `since` and `hidden`."""
    since = Position(*reach.since) if reach.since is not None else None
    return since, tuple((Position(*first), Position(*end)) for first, end in reach.hidden)


def authors(user: User) -> tuple[str, ...]:
    """Return under whom a user's own messages are kept, which are not unread."""
    sessions = tuple(guest(session) for session in user.sessions)
    return (fold(user.account), *sessions) if user.account else sessions


def unread_after(
    history: str, reach: Reach, after: int | Place | None, user: User, upto: int
) -> Unread:
    """Return the question how much others have said in a conversation after a marker, or a place.

    And, in a channel, what of that was meant for the user.
    """
    since, hidden = bounds(reach)
    begin = Position(*after) if isinstance(after, tuple) else None
    if isinstance(after, int):
        begin = Position(after)
    page = Page(history, MOST, upto, after=begin, since=since, hidden=hidden)
    who = (fold(user.account), history) if user.account and not is_direct(history) else ()
    return Unread(page, authors(user), who)


class Conversations:
    """Find what the World does not hold: who was spoken to, and what about it was unread."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def names(
        self, world: World, direct: str, found: list[Newest], upto: int
    ) -> dict[str, str]:
        """Return what the partners in these histories of an owner (`@OWNER/`) are called."""
        names: dict[str, str] = {}
        nameless = False
        for history in (one.history for one in found if one.history.startswith(direct)):
            name = name_of(world, partner_in(history))
            if name is not None:
                names[history] = name
            nameless = nameless or name is None
        if nameless:
            gone = names_of_gone(world, await self._gone(world, direct, upto))
            names |= {direct + presence: name for presence, name in gone}
        return names

    async def newest(self, effect: HistoryTargets, upto: int) -> list[Newest]:
        """Return the newest message that may be read of each conversation that is asked for.

        Oldest first. What may not be read takes no place among them, and tells no time.
        """
        direct, whole = (
            f"{effect.direct}*",
            [one for one in effect.shown if one not in effect.reach],
        )
        wanted = effect.after, effect.before, effect.limit
        found = await self._archive.latest([*whole, direct], *wanted, upto)
        for newest in await self._archive.latest(list(effect.reach), -1, _EVER, _EVER, upto):
            part = effect.reach[newest.history]
            shown: list[tuple[int, int]] = [(newest.time, newest.seq)]
            if not part.shows(shown[0]):
                since, hidden = bounds(part)
                page = Page(newest.history, 1, upto, since=since, hidden=hidden)
                shown = [(one.time, one.seq) for one in await readable(self._archive.page(page))]
            found += [Newest(newest.history, *place) for place in shown]
        found = [one for one in found if effect.after < one.time < effect.before]
        return sorted(found, key=lambda one: (one.time, one.history))[: effect.limit]

    async def guest(self, world: World, direct: str, name: str, upto: int) -> str | None:
        """Return the history with a guest who is gone, the newest of those who were called so."""
        for presence, entry in await self._gone(world, direct, upto):
            if means(name, entry, presence):
                return direct + presence
        return None

    async def history(self, world: World, direct: str, name: str, upto: int) -> str | None:
        """Return the history with whoever a name means, somebody here or a guest who is gone."""
        presence = presence_called(world, name)
        if presence is not None:
            return direct + presence
        return await self.guest(world, direct, name, upto)

    async def _gone(self, world: World, direct: str, upto: int) -> list[tuple[str, Entry]]:
        """Return guests who are gone with the newest message of each, the last first."""
        found = await self._archive.latest([f"{direct}*"], -1, _EVER, _EVER, upto)
        partners = [(partner_in(one.history), one.seq) for one in reversed(found)]
        gone = [
            (presence, seq)
            for presence, seq in partners
            if is_guest(presence) and name_of(world, presence) is None
        ][:GUESTS]
        # Some messages may be gone meanwhile.
        entries = await readable(self._archive.entries([seq for _, seq in gone]))
        by_seq = {entry.seq: entry for entry in entries}
        return [(presence, by_seq[seq]) for presence, seq in gone if seq in by_seq]
