"""Lists of masks, with what was found by them until they change.

Compiled, a class has no methods but those that it defines; these are made, so they stand apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

from hubbub.irc.names import fold

FOUND: Final = 512
"""Of how many sources it is remembered whether a list meets them; then all are looked at anew."""


class Matchable(Protocol):
    """Whom masks are matched with."""

    account: str

    @property
    def source(self) -> str:
        """Return `nick!username@host`."""


_S = TypeVar("_S", bound=Matchable)


@dataclass(slots=True, eq=False)
class ListEntry:
    """Hold one mask of a ban, exception or invitation list.

    `time` and `expires` are in seconds since 1970; `expires` is 0 for a mask that stays.
    """

    mask: str
    by: str
    time: int
    expires: int = 0
    reason: str = ""


def _forgetting(change: Callable[..., Any]) -> Callable[..., Any]:
    """Return what changes a list and forgets what was found by it."""

    def changed(self: MaskList, *args: Any) -> Any:
        self._found.clear()
        return change(self, *args)

    return changed


class MaskList(dict[str, ListEntry]):
    """Hold the entries of a list by mask (folded), and what was found of whom until one changes.

    With a hundred bans and as many exceptions every message, and every sign of typing, would be
    matched with all of them.
    """

    __slots__ = ("_found",)

    def __init__(self, entries: Iterable[ListEntry] = ()) -> None:
        super().__init__((fold(entry.mask), entry) for entry in entries)
        self._found: dict[tuple[str, str, bool], bool] = {}

    __setitem__: Any = _forgetting(dict.__setitem__)
    __delitem__: Any = _forgetting(dict.__delitem__)
    __ior__: Any = _forgetting(dict.__ior__)
    clear: Any = _forgetting(dict.clear)
    pop: Any = _forgetting(dict.pop)
    popitem: Any = _forgetting(dict.popitem)
    setdefault: Any = _forgetting(dict.setdefault)
    update: Any = _forgetting(dict.update)

    def found(self, user: _S, muted: bool, look: Callable[[Iterable[str], _S, bool], bool]) -> bool:
        """Return what `look` says of the masks and a user, which it is asked once."""
        key = user.source, user.account, muted
        found = self._found.get(key)
        if found is None:
            if len(self._found) >= FOUND:
                self._found.clear()
            found = look((entry.mask for entry in self.values()), user, muted)
            self._found[key] = found
        return found
