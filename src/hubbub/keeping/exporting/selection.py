"""What is exported: everything, a channel, or all that one account took part in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hubbub.core.records.entries import Entry
from hubbub.core.world.accounts import presence_of
from hubbub.core.world.world import World
from hubbub.irc.names import fold
from hubbub.journal.exporting import Exported, Place
from hubbub.keeping.errors import KeepingError


@dataclass(frozen=True, slots=True)
class Selection:
    """Name a channel, or an account, or neither for everything."""

    channel: str = ""
    account: str = ""

    @property
    def title(self) -> str:
        """Return what it is, for a heading."""
        if self.channel:
            return f"Channel {self.channel}"
        return f"All that {self.account} said and was told" if self.account else "Everything"

    def read(
        self, exported: Exported, world: World, after: Place, upto: int
    ) -> Iterator[list[Entry]]:
        """Give its entries after a place, in their order. Raise KeepingError for what is not there.

        A channel's are in the order of their times, as clients read them; others in that in which
        they were said, or taken in.
        """
        if self.channel:
            return exported.history(self._history(world), after, upto)
        if not self.account:
            return exported.everything(after[1], upto)
        if world.account(self.account) is None:
            raise KeepingError(f"there is no account {self.account}; `hubbub account list` has all")
        return self._of_account(exported, after[1], upto)

    def _history(self, world: World) -> str:
        channel = world.channel(self.channel)
        if channel is None:
            raise KeepingError(f"there is no channel {self.channel}; in a shell it needs quotes")
        return channel.history

    def _of_account(self, exported: Exported, after: int, upto: int) -> Iterator[list[Entry]]:
        name, own = fold(self.account), f"@{presence_of(self.account)}/"
        for entries in exported.everything(after, upto):
            yield [entry for entry in entries if _concerns(entry, name, own)]


def _concerns(entry: Entry, name: str, own: str) -> bool:
    record = entry.record
    account = getattr(record, "account", "") or getattr(record, "by_account", "")
    histories: tuple[str, ...] = getattr(record, "histories", ())
    return fold(account) == name or any(one.startswith(own) for one in histories)
