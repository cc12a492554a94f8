"""The World as bytes, so that a start need not replay the whole journal.

A snapshot holds what entries made true up to a seq, in an order that survives the way there and
back: two Worlds are equal exactly when their snapshots are. It holds no bodies, no passwords and no
addresses; a channel's key is part of what members may see and is in it, so the file is private.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any, Final, TypeVar

import msgspec
from msgspec import structs

from hubbub.core.accounts import Account, Credential, Invite, Waiting
from hubbub.core.apply import RULES
from hubbub.core.bans import NetworkBan, NetworkBans
from hubbub.core.flood import Rate
from hubbub.core.privileges import ADMIN
from hubbub.core.record import SessionId
from hubbub.core.state import (
    AccessEntry,
    Channel,
    ListEntry,
    MaskList,
    Membership,
    Registration,
    User,
)
from hubbub.core.world import WhoWas, World
from hubbub.irc.names import fold


class SnapshotUnusable(Exception):
    """Say that bytes are no snapshot, or one of other rules; the journal has to be replayed."""


class _User(msgspec.Struct, frozen=True, array_like=True, gc=False):
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


class _Listed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    mask: str
    by: str
    time: int
    expires: int = 0
    reason: str = ""


class _Member(msgspec.Struct, frozen=True, array_like=True, gc=False):
    user: int
    statuses: str
    since: tuple[int, int]
    visit: bool = False


class _Registration(msgspec.Struct, frozen=True, array_like=True, gc=False):
    founder: str
    time: int
    access: list[tuple[str, str, str, int]]


class _Channel(msgspec.Struct, frozen=True, array_like=True, gc=False):
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
    lists: dict[str, list[_Listed]]
    members: list[_Member]
    forward: str = ""
    join_rate: Rate | None = None
    speech_rate: Rate | None = None
    joins: tuple[int, int] = (0, 0)
    registration: _Registration | None = None
    metadata: dict[str, str] = {}
    renamed: int = 0
    closed: list[tuple[tuple[int, int], tuple[int, int]]] = []
    closed_from: tuple[int, int] = (0, 0)


class _Account(msgspec.Struct, frozen=True, array_like=True, gc=False):
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


class _Ban(msgspec.Struct, frozen=True, array_like=True, gc=False):
    kind: str
    target: str
    by: str
    time: int
    expires: int
    reason: str
    note: str
    rank: str = ""


class _World(msgspec.Struct, frozen=True, array_like=True):
    """Hold a World; a user is named by its place in `users`, a session by (id, user)."""

    rules: int
    applied: int
    kept: tuple[str, ...]
    most_users: int
    users: list[_User]
    sessions: list[tuple[SessionId, int]]
    channels: list[_Channel]
    whowas: list[tuple[str, str, str, str, str, int]]
    read_markers: dict[str, dict[str, int]] = {}
    kept_limit: int = 1000
    accounts: list[_Account] = []
    invites: list[Invite] = []
    metadata: dict[str, dict[str, str]] = {}
    bans: list[_Ban] = []
    closed: dict[str, str] = {}
    left: list[tuple[int, int]] = []
    silenced: dict[str, tuple[str, ...]] = {}
    devices: list[tuple[SessionId, str]] = []


ENCODED_AT_ONCE: Final = 100
"""How many users, channels or accounts are encoded in one step."""
T = TypeVar("T")
Held = TypeVar("Held")
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(_World)


def encode(world: World) -> bytes:
    """Return a World as bytes."""
    *_, data = encoding(world)
    return data


def encoding(world: World) -> Iterator[bytes]:
    """Make the bytes of a World in many steps, of which only the last yields them.

    The World must be left as it is until then.
    """
    places = {user: place for place, user in enumerate(world.users.values())}
    users = yield from _each(places, _from_user)
    channels = yield from _each(world.channels.values(), lambda one: _from_channel(one, places))
    accounts = yield from _each(world.accounts.values(), lambda one: _from_account(one, places))
    yield _ENCODER.encode(
        _World(
            rules=RULES,
            applied=world.applied,
            kept=world.kept,
            most_users=world.most_users,
            users=users,
            sessions=[(session, places[user]) for session, user in world.sessions.items()],
            channels=channels,
            whowas=[
                (past.nick, past.username, past.host, past.realname, past.account, past.time)
                for past in world.whowas
            ],
            read_markers=world.read_markers,
            kept_limit=world.kept_limit,
            left=[(places[user], since) for user, since in world.left.items()],
            accounts=accounts,
            invites=list(world.invites.values()),
            metadata=world.metadata,
            bans=[
                _Ban(*(getattr(ban, name) for name in _Ban.__struct_fields__)) for ban in world.bans
            ],
            closed=world.closed,
            silenced=world.silenced,
            devices=list(world.devices.items()),
        )
    )


def _each(things: Iterable[T], held: Callable[[T], Held]) -> Generator[bytes, None, list[Held]]:
    """Return things as they are held, each encoded already; rest after each few of them."""
    made: list[Any] = []
    for number, thing in enumerate(things, 1):
        made.append(msgspec.Raw(_ENCODER.encode(held(thing))))
        if not number % ENCODED_AT_ONCE:
            yield b""
    return made


def decode(snapshot: bytes) -> World:
    """Return the World that was encoded, under these rules or earlier ones.

    Raise SnapshotUnusable.
    """
    try:
        held = _DECODER.decode(snapshot)
    except msgspec.MsgspecError as error:
        raise SnapshotUnusable(f"not a snapshot: {error}") from error
    if held.rules > RULES:
        raise SnapshotUnusable(f"made under rules {held.rules}; these are rules {RULES}")
    world = World()
    world.applied, world.kept, world.most_users = held.applied, held.kept, held.most_users
    world.bans = NetworkBans(NetworkBan(*structs.astuple(ban)) for ban in held.bans)
    world.closed = held.closed
    world.whowas.extend(WhoWas(*past) for past in held.whowas)
    world.read_markers, world.metadata = held.read_markers, held.metadata
    world.silenced, world.devices = held.silenced, dict(held.devices)
    users = [_to_user(user) for user in held.users]
    world.users = {fold(user.nick): user for user in users}
    world.present = {user.id: user for user in users}
    for account in held.accounts:
        _to_account(world, account, users)
    world.invites = {invite.code: invite for invite in held.invites}
    world.left = {users[place]: since for place, since in held.left}
    for session, place in held.sessions:
        world.sessions[session] = users[place]
        users[place].sessions.append(session)
    world.channels = {fold(channel.name): _to_channel(channel, users) for channel in held.channels}
    world.timed = dict.fromkeys(one for one in world.channels.values() if one.has_timed)
    world.kept_limit = held.kept_limit
    world.kept_channels = sum(channel.kept for channel in held.channels)
    for user, held_user in zip(users, held.users, strict=True):
        user.channels = {name: world.channels[name] for name in held_user.channels}
        user.invitations = {name: world.channels[name] for name in held_user.invitations}
        for channel in user.invitations.values():
            channel.invited.add(user)
        if held_user.silenced:
            # Under rules before 4 they were the user's, and went with it.
            world.silenced[user.presence] = held_user.silenced
    return world


def _from_user(user: User) -> _User:
    return _User(
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


def _to_user(held: _User) -> User:
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


def _from_account(account: Account, places: dict[User, int]) -> _Account:
    return _Account(
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
    )


def _to_account(world: World, held: _Account, users: list[User]) -> None:
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
    )
    world.accounts[fold(account.name)] = account
    if not account.verified and not account.dropped:
        world.unverified[fold(account.name)] = account
    for one in held.credentials:
        world.find_by(one, account)


def _from_channel(channel: Channel, places: dict[User, int]) -> _Channel:
    return _Channel(
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
                _Listed(entry.mask, entry.by, entry.time, entry.expires, entry.reason)
                for entry in listed.values()
            ]
            for letter, listed in channel.lists.items()
        },
        [
            _Member(places[user], member.statuses, member.since, member.visit)
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
    )


def _from_registration(held: Registration | None) -> _Registration | None:
    if held is None:
        return None
    entries = held.access.values()
    access = [(entry.account, entry.level, entry.by, entry.time) for entry in entries]
    return _Registration(held.founder, held.time, access)


def _to_registration(held: _Registration | None) -> Registration | None:
    if held is None:
        return None
    access = {fold(entry[0]): AccessEntry(*entry) for entry in held.access}
    return Registration(held.founder, held.time, access)


def _to_channel(held: _Channel, users: list[User]) -> Channel:
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
    )
