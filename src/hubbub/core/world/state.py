"""What the World is made of: users, channels and memberships.

Only World.apply changes these; everything else reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from hubbub.core.policy.flood import Rate
from hubbub.core.policy.privileges import highest_of, privileges_of
from hubbub.core.records.base import SessionId
from hubbub.core.world.mask_list import MaskList
from hubbub.irc import modes
from hubbub.irc.names import fold

ACCOUNT_PRESENCE: Final = "a:"
"""What the key of an account's direct messages begins with, and no guest's."""
GUEST_PRESENCE: Final = "g:"
Place = tuple[int, int]
"""A place in a history: time in microseconds since 1970, and seq."""
Stretch = tuple[Place, Place]
"""Part of a history, from a place on up to another, which is no part of it."""
NOT_HERE: Final = "Not connected"
"""The away message of a user at whose sessions nobody sits, or who has none."""


@dataclass(slots=True, eq=False)
class Membership:
    """Hold what a user is in a channel: status letters, highest first, and when it came.

    `since` is (time in microseconds, seq) of the join. `visit` marks one that a quiet session made:
    it lasts as long as its user has such sessions.
    """

    statuses: str = ""
    since: tuple[int, int] = (0, 0)
    visit: bool = False

    @property
    def rank(self) -> int:
        """Return how high the highest status is (hubbub.irc.modes.RANKS), 0 for none."""
        return modes.RANKS[self.statuses[0]] if self.statuses else 0

    def prefixes(self, every: bool) -> str:
        """Return the prefix characters: all of them, or the highest."""
        shown = self.statuses if every else self.statuses[:1]
        return "".join(modes.PREFIXES[letter] for letter in shown)


@dataclass(slots=True, eq=False)
class User:
    """Hold somebody present under a nick; `id` is the user's first session.

    `modes` are mode letters, `away_text` is what the user set, `connected` is in seconds since
    1970. `channels` and `invitations` map folded names. A user whose account stays has no session
    while nobody is connected. `exercised` are the privileges that the command at hand has used,
    each with the folded name of a channel that it was about, or "". `absent` are those of the
    sessions at which nobody sits, `quiet` those that only pass by. `noticed` says whether others
    were told that the user is here; who has had quiet sessions only, and been in no channel, is
    not.

    `operator_class`, the highest of all, is what others see and what protects it; what a session
    may do is what it has proved. `opered` maps those that became operators by OPER to their class,
    `account_class` is what all of the account's are. `acting` is the session that is being heard:
    set before a command is decided on and before a record is applied, and no part of the World.
    """

    id: SessionId
    nick: str
    username: str
    host: str
    realname: str
    account: str = ""
    modes: frozenset[str] = frozenset()
    operator: str = ""
    operator_class: str = ""
    away_text: str = ""
    connected: int = 0
    secure: bool = False
    sessions: list[SessionId] = field(default_factory=list)
    absent: frozenset[SessionId] = frozenset()
    quiet: frozenset[SessionId] = frozenset()
    noticed: bool = True
    opered: dict[SessionId, str] = field(default_factory=dict)
    account_class: str = ""
    acting: SessionId | None = None
    channels: dict[str, Channel] = field(default_factory=dict)
    invitations: dict[str, Channel] = field(default_factory=dict)
    exercised: dict[tuple[str, str], None] = field(default_factory=dict)
    source: str = ""

    def __post_init__(self) -> None:
        self.rename(self.nick)

    def rename(self, nick: str) -> None:
        """Take a nick and remember the source that goes with it."""
        self.nick = nick
        self.source = f"{nick}!{self.username}@{self.host}"

    @property
    def circle(self) -> Circle:
        """Return those who share a channel with the user now."""
        return Circle(self, tuple(self.channels.values()))

    @property
    def presence(self) -> str:
        """Return the key of the direct messages: the account, or this one stay of a guest."""
        return ACCOUNT_PRESENCE + fold(self.account) if self.account else self.guest_presence

    @property
    def guest_presence(self) -> str:
        """Return the key that this stay has, or had, without an account."""
        return GUEST_PRESENCE + ".".join(map(str, self.id))

    @property
    def is_attended(self) -> bool:
        """Say whether somebody sits at one of the user's sessions; a guest has but its own."""
        nobody = self.absent | self.quiet if self.account else self.absent
        return len(nobody) < len(self.sessions)

    @property
    def is_connected(self) -> bool:
        """Say whether a session hears what is said to the user: those that only pass by do not."""
        return len(self.quiet) < len(self.sessions)

    @property
    def away(self) -> str:
        """Return why the user does not answer, "" for who is here."""
        return self.away_text or ("" if self.is_attended else NOT_HERE)

    def may_change_to(self, account: str) -> bool:
        """Say whether this user may be an account's from now on.

        Other sessions of the user have not proved that account.
        """
        return self.account in ("", account) or len(self.sessions) == 1

    @property
    def is_operator(self) -> bool:
        """Say whether this is a server operator."""
        return "o" in self.modes

    @property
    def privileges(self) -> frozenset[str]:
        """Return what this user may do as a server operator, in whichever session.

        That protects it; it acts by what is `wielded`.
        """
        return privileges_of(self.operator_class) if "o" in self.modes else frozenset()

    @property
    def wielded_class(self) -> str:
        """Return what the acting session is as an operator: its account's class, or by OPER."""
        if "o" not in self.modes:
            return ""
        if not self.opered or self.acting is None:
            return self.operator_class
        return highest_of((self.opered.get(self.acting, ""), self.account_class))

    @property
    def wielded(self) -> frozenset[str]:
        """Return what the acting session may do: what ranks are compared by, of who acts."""
        return privileges_of(self.wielded_class)

    def holds(self, privilege: str) -> bool:
        """Say whether the acting session has a privilege of operators (policy/privileges.py)."""
        return privilege in self.wielded

    def may(self, privilege: str, channel: str = "") -> bool:
        """Say the same where a privilege is what something hangs on, and note that it was used.

        Ask this last, when nothing else allows it: what was noted goes on record
        (deciding/audit.py). `channel` is the one that it is about.
        """
        held = self.holds(privilege)
        if held:
            self.exercised[privilege, fold(channel)] = None
        return held


@dataclass(frozen=True, slots=True)
class Circle:
    """Stand for everybody who shares one of some channels with a user, but not the user.

    They are not listed: they may be thousands, and many who leave at once would each list them all.
    """

    user: User
    channels: tuple[Channel, ...]

    def holds(self, user: User | None) -> bool:
        """Say whether somebody is among them."""
        if user is None or user is self.user:
            return False
        return any(user in channel.members for channel in self.channels)


@dataclass(slots=True, eq=False)
class AccessEntry:
    """Hold what an account is in a channel, a status letter; `time` is in seconds since 1970."""

    account: str
    level: str
    by: str
    time: int


@dataclass(slots=True, eq=False)
class Registration:
    """Hold whose a channel is, since when (seconds), and who is what there, by folded account.

    `since` is the place in its history from which on it is this founder's.
    """

    founder: str
    time: int
    access: dict[str, AccessEntry] = field(default_factory=dict)
    since: Place = (0, 0)


@dataclass(slots=True, eq=False)
class Channel:
    """Hold a channel: its members, modes, topic and lists.

    `history` names the history of this incarnation. `created` and `topic_time` are in seconds since
    1970. `flags` are mode letters without argument; `lists` maps b, e and I to entries by mask.
    `renamed` is when it got its name from another, in seconds, 0 for never.
    `joins` counts joins under +j: the time (microseconds) of the first one, and how many.
    `closed` are the parts of the history that were said while it was closed (+i, +k or +s), and
    `closed_from` is where the last of them began, the beginning where nobody knows. `retention` is
    for how many days, and how many messages, its founder has its history kept, 0 for any number.
    """

    name: str
    history: str
    created: int
    kept: bool = False
    topic: str = ""
    topic_by: str = ""
    topic_time: int = 0
    flags: set[str] = field(default_factory=lambda: {"n", "t"})
    key: str = ""
    limit: int = 0
    forward: str = ""
    join_rate: Rate | None = None
    speech_rate: Rate | None = None
    joins: tuple[int, int] = (0, 0)
    registration: Registration | None = None
    renamed: int = 0
    lists: dict[str, MaskList] = field(
        default_factory=lambda: {letter: MaskList() for letter in modes.LISTS}
    )
    members: dict[User, Membership] = field(default_factory=dict)
    invited: set[User] = field(default_factory=set)
    metadata: dict[str, str] = field(default_factory=dict)
    closed: list[Stretch] = field(default_factory=list)
    closed_from: Place = (0, 0)
    retention: tuple[int, int] = (0, 0)

    @property
    def lives_on(self) -> bool:
        """Say whether the channel outlives its last member: it is kept or has a founder."""
        return self.kept or self.registration is not None

    def level(self, account: str) -> str:
        """Return the status letter that an account ("" for none) has by registration, or ""."""
        held = self.registration
        if held is None or not account:
            return ""
        if fold(account) == fold(held.founder):
            return "q"
        entry = held.access.get(fold(account))
        return entry.level if entry is not None else ""

    @property
    def has_timed(self) -> bool:
        """Say whether a mask on one of the lists has a time at which it goes."""
        return any(entry.expires for listed in self.lists.values() for entry in listed.values())

    @property
    def is_hidden(self) -> bool:
        """Say whether the channel is not shown to those outside (+s)."""
        return "s" in self.flags

    @property
    def history_since_join(self) -> bool:
        """Say whether members may read back only to their own join: with +i, +k or +s."""
        return bool(self.key) or not self.flags.isdisjoint("is")
