"""The World as bytes, so that a start need not replay the whole journal.

A snapshot holds what entries made true up to a seq, in an order that survives the way there and
back: two Worlds are equal exactly when their snapshots are. It holds no bodies, no passwords and no
addresses; a channel's key is part of what members may see and is in it, so the file is private.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import astuple
from typing import Any, Final, TypeVar

import msgspec
from msgspec import structs

from hubbub.core.errors import SnapshotUnusable
from hubbub.core.rules import FIRST_RULES, RULES, unknown
from hubbub.core.world.bans import NetworkBan, NetworkBans
from hubbub.core.world.nodes import Node
from hubbub.core.world.snapshot_shapes import (
    HeldBan,
    HeldNode,
    HeldWorld,
    from_account,
    from_channel,
    from_user,
    to_account,
    to_channel,
    to_user,
)
from hubbub.core.world.state import User
from hubbub.core.world.world import WhoWas, World
from hubbub.irc.names import fold

ENCODED_AT_ONCE: Final = 100
"""How many users, channels or accounts are encoded in one step."""
_ARRAY: Final = b"\xdd\0\0\0\0"
"""How an array begins whose length, of four bytes, is not known yet (MessagePack, array 32)."""
T = TypeVar("T")
Held = TypeVar("Held")
_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(HeldWorld)


def encode(world: World) -> bytes:
    """Return a World as bytes."""
    *_, data = encoding(world)
    return data


def encoding(world: World) -> Iterator[bytes]:
    """Make the bytes of a World in many steps, of which only the last yields them.

    The World must be left as it is until then.
    """
    places = {user: place for place, user in enumerate(world.users.values())}
    users = yield from _each(places, from_user)
    channels = yield from _each(world.channels.values(), lambda one: from_channel(one, places))
    accounts = yield from _each(world.accounts.values(), lambda one: from_account(one, places))
    yield _ENCODER.encode(
        HeldWorld(
            rules=world.rules,
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
                HeldBan(*(getattr(ban, name) for name in HeldBan.__struct_fields__))
                for ban in world.bans
            ],
            closed=world.closed,
            silenced=world.silenced,
            devices=list(world.devices.items()),
            nodes=[HeldNode(number, *astuple(node)) for number, node in world.nodes.items()],
            kept_for=world.kept_for,
            spares=world.spares,
            settings=world.settings,
        )
    )


def _each(things: Iterable[T], held: Callable[[T], Held]) -> Generator[bytes, None, Any]:
    """Return things as they are held, encoded already as one array; rest after each few of them.

    In one piece, for the last step has to put all together: of 100,000 pieces that took 6 to 9 ms.
    """
    made, number = bytearray(_ARRAY), 0
    for number, thing in enumerate(things, 1):
        made += _ENCODER.encode(held(thing))
        if not number % ENCODED_AT_ONCE:
            yield b""
    made[1 : len(_ARRAY)] = number.to_bytes(len(_ARRAY) - 1, "big")
    return msgspec.Raw(made)


def decode(snapshot: bytes) -> World:
    """Return the World that was encoded, under these rules or earlier ones.

    Raise SnapshotUnusable.
    """
    try:
        held = _DECODER.decode(snapshot)
    except msgspec.MsgspecError as error:
        raise SnapshotUnusable(f"not a snapshot: {error}") from error
    if held.rules > RULES:
        raise SnapshotUnusable(unknown(held.rules))
    world = World()
    # Before rules were a fact of the World, they stood for the program that made the snapshot.
    world.rules = max(held.rules, FIRST_RULES)
    world.nodes = {node.number: Node(*structs.astuple(node)[1:]) for node in held.nodes}
    world.settings = held.settings
    world.kept_for, world.spares = held.kept_for, held.spares
    world.applied, world.kept, world.most_users = held.applied, held.kept, held.most_users
    world.bans = NetworkBans(NetworkBan(*structs.astuple(ban)) for ban in held.bans)
    world.closed = held.closed
    world.whowas.extend(WhoWas(*past) for past in held.whowas)
    world.read_markers, world.metadata = held.read_markers, held.metadata
    world.silenced, world.devices = held.silenced, dict(held.devices)
    users = [to_user(user) for user in held.users]
    world.users = {fold(user.nick): user for user in users}
    world.present = {user.id: user for user in users}
    for account in held.accounts:
        to_account(world, account, users)
    world.invites = {invite.code: invite for invite in held.invites}
    world.left = {users[place]: since for place, since in held.left}
    for session, place in held.sessions:
        world.sessions[session] = users[place]
        users[place].sessions.append(session)
    world.channels = {fold(channel.name): to_channel(channel, users) for channel in held.channels}
    world.timed = dict.fromkeys(one for one in world.channels.values() if one.has_timed)
    world.kept_limit = held.kept_limit
    world.kept_channels = sum(channel.kept for channel in held.channels)
    _let_in(world, users, held)
    return world


def _let_in(world: World, users: Sequence[User], held: HeldWorld) -> None:
    """Let users be where they were, now that the channels are there."""
    for user, held_user in zip(users, held.users, strict=True):
        user.channels = {name: world.channels[name] for name in held_user.channels}
        user.invitations = {name: world.channels[name] for name in held_user.invitations}
        for channel in user.invitations.values():
            channel.invited.add(user)
        if held_user.silenced:
            # Under rules before 4 they were the user's, and went with it.
            world.silenced[user.presence] = held_user.silenced
