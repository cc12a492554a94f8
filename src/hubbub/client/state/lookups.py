"""What is asked of the server before something is done: who somebody is, which bans there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ban:
    """Hold one entry of a channel's list: its mask, who made it, "" where that is not told."""

    mask: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class UserIdentity:
    """Hold who somebody is to a channel; the account is "" for a guest, and where it is unknown."""

    nick: str
    user: str = ""
    host: str = ""
    account: str = ""

    @property
    def source(self) -> str:
        """Return the source that masks are held against."""
        return f"{self.nick}!{self.user or '*'}@{self.host or '*'}"


@dataclass(slots=True)
class Listing:
    """Hold a list of bans that is being told, and who waits for it."""

    bans: list[Ban]
    then: Callable[[list[Ban]], None] | None = None


@dataclass(slots=True)
class Lookup:
    """Hold a question about who somebody is, and who waits for the answer; None is nobody."""

    nick: str
    then: Callable[[UserIdentity | None], None]
    found: UserIdentity | None = None
