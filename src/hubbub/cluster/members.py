"""Who is in a cluster, and where each member is reached: the file that a start goes by.

The World tells who is a member (its records name them); this file tells a node that has no World
yet, or no connection, where to look.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final

from hubbub.cluster.errors import ClusterError
from hubbub.whole_files import FileUnusable, read_whole, write_whole

FOLDER: Final = "cluster"
"""The folder of a data directory in which all lies that a member has besides a server's files."""
SHARED: Final = "shared.json"
FOUNDERS: Final = 3
"""With how many members a cluster begins: fewer cannot agree once one of them is away."""
MOST_MEMBERS: Final = 64
"""How many members a cluster may name; who comes after is refused."""
_MOST_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class ListedMember:
    """Name a member: its number for good, and where others reach it.

    `route` is its order's server (HOST:PORT), `door` where bundles and copies are handed out.
    """

    number: int
    name: str
    route: str
    door: str


@dataclass(frozen=True, slots=True)
class MemberList:
    """Say which cluster a data directory is of: what all members have in common but for keys.

    `number` is this member's own. The founder is one node by itself until the common order has
    `begun`; whoever joins goes by that from the first. The journal's id and the key of its msgids
    come before there is a journal: the copy that is fetched has to be of this one.
    """

    journal: str
    msgid_key: str
    number: int
    members: tuple[ListedMember, ...]
    begun: bool = False

    @property
    def begins(self) -> bool:
        """Say whether it goes by the common order: it has begun, or there are members enough."""
        return self.begun or len(self.members) >= FOUNDERS

    @property
    def own(self) -> ListedMember:
        """Return this member."""
        return next(each for each in self.members if each.number == self.number)

    @property
    def others(self) -> tuple[ListedMember, ...]:
        """Return all members but this one."""
        return tuple(each for each in self.members if each.number != self.number)

    def with_members(self, members: Iterable[ListedMember]) -> MemberList:
        """Return the same with these known, too; what is newer of a number stands."""
        known = {each.number: each for each in (*self.members, *members)}
        return replace(self, members=tuple(known[number] for number in sorted(known)))

    def without(self, number: int) -> MemberList:
        """Return the same with a member gone for good."""
        return replace(self, members=tuple(m for m in self.members if m.number != number))


def read_shared(data_dir: Path) -> MemberList | None:
    """Return which cluster a data directory is of, None where of none. Raise ClusterError."""
    path = data_dir / FOLDER / SHARED
    if not path.exists():
        return None
    try:
        return decode_shared(read_whole(path, _MOST_BYTES))
    except (FileUnusable, ValueError) as error:
        raise ClusterError(f"{path} {error}; restore it from a backup, or join anew") from None


def write_shared(data_dir: Path, shared: MemberList) -> None:
    """Note which cluster a data directory is of. Raise OSError."""
    text = json.dumps(asdict(shared), indent=1)
    write_whole(data_dir / FOLDER / SHARED, text.encode(), 0o600)


def decode_shared(data: bytes) -> MemberList:
    """Return what was written. Raise ValueError where it is none of it."""
    try:
        held: Any = json.loads(data)
        members = tuple(map(decode_member, held["members"]))
        keys, begun = (str(held["journal"]), str(held["msgid_key"])), held.get("begun") is True
        shared = MemberList(*keys, held["number"], members, begun)
        numbers = [each.number for each in members]
        if shared.number not in numbers or len(set(numbers)) < len(numbers):
            raise ValueError("its members do not name this one, or one twice")
    except (KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError("is not what a cluster shares") from None
    return shared


def decode_member(held: Any) -> ListedMember:
    """Return a member of what JSON held. Raise ValueError."""
    try:
        member = ListedMember(held["number"], held["name"], held["route"], held["door"])
    except (KeyError, TypeError):
        raise ValueError("names no member") from None
    texts = (member.name, member.route, member.door)
    if type(member.number) is not int or not all(is_word(text) for text in texts):
        raise ValueError("names no member")
    return member


def is_name(text: object) -> bool:
    """Say whether something may be a member's name: a word that is not taken for a number."""
    return is_word(text) and not str(text).isdigit()


def is_word(text: object) -> bool:
    """Say whether something may be a member's name or address: printable, short, no blanks."""
    if not isinstance(text, str) or not 0 < len(text) <= 255:
        return False
    return text.isascii() and text.isprintable() and " " not in text
