"""How the World's things are held in a snapshot: what is kept of each, and the way back.

Fields are added at the end, with defaults, so that older snapshots stay readable.
"""

from __future__ import annotations

import msgspec

from hubbub.core.policy.attention import Attention
from hubbub.core.policy.flood import Rate
from hubbub.core.policy.privileges import ADMIN
from hubbub.core.records.base import SessionId
from hubbub.core.world.accounts import Account, Credential, Invite, Waiting
from hubbub.core.world.mask_list import ListEntry, MaskList
from hubbub.core.world.state import AccessEntry, Channel, Membership, Registration, User
from hubbub.core.world.world import KeptFor, World
from hubbub.irc.names import fold


class HeldUser(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Hold a user; its channels and invitations by their folded names."""

    id: SessionId
    nick: str
    username: str
    host: str
    realname: str
    account: str
    modes: str
    operator: str
    away: str
    connected: int
    secure: bool
    channels: list[str]
    invitations: list[str]
    silenced: tuple[str, ...]
    operator_class: str = ""
    scope: str | None = None
    absent: tuple[SessionId, ...] = ()
    quiet: tuple[SessionId, ...] = ()
    noticed: bool = True
    opered: list[tuple[SessionId, str]] = []
    account_class: str = ""


class HeldListed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Hold a mask of a channel's list."""

    mask: str
    by: str
    time: int
    expires: int = 0
    reason: str = ""


class HeldMember(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Hold who is in a channel, by its place among the users."""

    user: int
    statuses: str
    since: tuple[int, int]
    visit: bool = False


class HeldRegistration(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Hold whose a channel is, and who is what in it."""

    founder: str
    time: int
    access: list[tuple[str, str, str, int]]
    since: tuple[int, int] = (0, 0)


class HeldChannel(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Hold a channel."""

    name: str
    history: str
    created: int
    kept: bool
    topic: str
    topic_by: str
    topic_time: int
    flags: str
    key: str
    limit: int
    lists: dict[str, list[HeldListed]]
    members: list[HeldMember]
    forward: str = ""
    join_rate: Rate | None = None
    speech_rate: Rate | None = None
    joins: tuple[int, int] = (0, 0)
    registration: HeldRegistration | None = None
    metadata: dict[str, str] = {}
    renamed: int = 0
    closed: list[tuple[tuple[int, int], tuple[int, int]]] = []
    closed_from: tuple[int, int] = (0, 0)
    retention: tuple[int, int] = (0, 0)


class HeldAccount(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Hold an account; its users by their places."""

    name: str
    registered: int
    by: str
    verified: bool
    persist: bool
    operator: str
    suspended: str
    dropped: bool
    step: int
    used: int
    credentials: list[Credential]
    users: list[int]
    waiting: Waiting = msgspec.field(default_factory=Waiting)
    devices: dict[str, int] = {}
    invite: str = ""
    operator_by: str = ""
    void_before: int = 0
    erased: int = 0


class HeldBan(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Hold a ban of the network."""

    kind: str
    target: str
    by: str
    time: int
    expires: int
    reason: str
    note: str
    rank: str = ""


class HeldNode(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """Hold a node, by its number."""

    number: int
    epoch: int
    knows: int
    is_up: bool = True
    is_draining: bool = False
    has_left: bool = False
    name: str = ""
    program: str = ""
    bundle: str = ""
    route: str = ""
    door: str = ""
    started: int = 0


class HeldWorld(msgspec.Struct, frozen=True, array_like=True):
    """Hold a World; a user is named by its place in `users`, a session by (id, user)."""

    rules: int
    applied: int
    kept: tuple[str, ...]
    most_users: int
    users: list[HeldUser]
    sessions: list[tuple[SessionId, int]]
    channels: list[HeldChannel]
    whowas: list[tuple[str, str, str, str, str, int]]
    read_markers: dict[str, dict[str, int]] = {}
    kept_limit: int = 1000
    accounts: list[HeldAccount] = []
    invites: list[Invite] = []
    metadata: dict[str, dict[str, str]] = {}
    bans: list[HeldBan] = []
    closed: dict[str, str] = {}
    left: list[tuple[int, int]] = []
    silenced: dict[str, tuple[str, ...]] = {}
    devices: list[tuple[SessionId, str]] = []
    nodes: list[HeldNode] = []
    kept_for: KeptFor | None = None
    spares: bool = False
    settings: dict[str, str] = {}
    buffers: dict[str, dict[str, Attention]] = {}


def from_user(user: User) -> HeldUser:
    """Return a user as it is held."""
    return HeldUser(
        user.id,
        user.nick,
        user.username,
        user.host,
        user.realname,
        user.account,
        "".join(sorted(user.modes)),
        user.operator,
        user.away_text,
        user.connected,
        user.secure,
        list(user.channels),
        list(user.invitations),
        (),
        user.operator_class,
        None,
        tuple(sorted(user.absent)),
        tuple(sorted(user.quiet)),
        user.noticed,
        list(user.opered.items()),
        user.account_class,
    )


def to_user(held: HeldUser) -> User:
    """Return the user that is held, without its channels and sessions."""
    return User(
        id=held.id,
        nick=held.nick,
        username=held.username,
        host=held.host,
        realname=held.realname,
        account=held.account,
        modes=frozenset(held.modes),
        operator=held.operator,
        away_text=held.away,
        connected=held.connected,
        secure=held.secure,
        operator_class=held.operator_class or (ADMIN if held.operator else ""),
        absent=frozenset(held.absent),
        quiet=frozenset(held.quiet),
        noticed=held.noticed,
        opered=dict(held.opered),
        account_class=held.account_class,
    )


def from_account(account: Account, places: dict[User, int]) -> HeldAccount:
    """Return an account as it is held; `places` are those of the users."""
    return HeldAccount(
        account.name,
        account.registered,
        account.by,
        account.verified,
        account.persist,
        account.operator,
        account.suspended,
        account.dropped,
        account.step,
        account.used,
        list(account.credentials.values()),
        [places[user] for user in account.users],
        account.waiting,
        account.devices,
        account.invite,
        account.operator_by,
        account.void_before,
        account.erased,
    )


def to_account(world: World, held: HeldAccount, users: list[User]) -> None:
    """Put an account into a World, with what finds it."""
    account = Account(
        held.name,
        held.registered,
        held.by,
        held.verified,
        held.persist,
        held.operator,
        held.suspended,
        held.dropped,
        held.step,
        held.used,
        {(one.kind, one.id): one for one in held.credentials},
        [users[place] for place in held.users],
        held.waiting,
        held.devices,
        held.invite,
        held.operator_by,
        held.void_before,
        held.erased,
    )
    world.accounts[fold(account.name)] = account
    if not account.verified and not account.dropped:
        world.unverified[fold(account.name)] = account
    for one in held.credentials:
        world.find_by(one, account)


def from_channel(channel: Channel, places: dict[User, int]) -> HeldChannel:
    """Return a channel as it is held; `places` are those of its members."""
    return HeldChannel(
        channel.name,
        channel.history,
        channel.created,
        channel.kept,
        channel.topic,
        channel.topic_by,
        channel.topic_time,
        "".join(sorted(channel.flags)),
        channel.key,
        channel.limit,
        {
            letter: [
                HeldListed(entry.mask, entry.by, entry.time, entry.expires, entry.reason)
                for entry in listed.values()
            ]
            for letter, listed in channel.lists.items()
        },
        [
            HeldMember(places[user], member.statuses, member.since, member.visit)
            for user, member in channel.members.items()
        ],
        channel.forward,
        channel.join_rate,
        channel.speech_rate,
        channel.joins,
        _from_registration(channel.registration),
        channel.metadata,
        channel.renamed,
        channel.closed,
        channel.closed_from,
        channel.retention,
    )


def _from_registration(held: Registration | None) -> HeldRegistration | None:
    if held is None:
        return None
    entries = held.access.values()
    access = [(entry.account, entry.level, entry.by, entry.time) for entry in entries]
    return HeldRegistration(held.founder, held.time, access, held.since)


def _to_registration(held: HeldRegistration | None) -> Registration | None:
    if held is None:
        return None
    access = {fold(entry[0]): AccessEntry(*entry) for entry in held.access}
    return Registration(held.founder, held.time, access, held.since)


def to_channel(held: HeldChannel, users: list[User]) -> Channel:
    """Return the channel that is held, with its members."""
    return Channel(
        name=held.name,
        history=held.history,
        created=held.created,
        kept=held.kept,
        topic=held.topic,
        topic_by=held.topic_by,
        topic_time=held.topic_time,
        flags=set(held.flags),
        key=held.key,
        limit=held.limit,
        forward=held.forward,
        join_rate=held.join_rate,
        speech_rate=held.speech_rate,
        joins=held.joins,
        registration=_to_registration(held.registration),
        renamed=held.renamed,
        lists={
            letter: MaskList(
                ListEntry(one.mask, one.by, one.time, one.expires, one.reason) for one in listed
            )
            for letter, listed in held.lists.items()
        },
        members={
            users[member.user]: Membership(member.statuses, member.since, member.visit)
            for member in held.members
        },
        metadata=held.metadata,
        closed=held.closed,
        closed_from=held.closed_from,
        retention=held.retention,
    )
