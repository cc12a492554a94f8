"""What is true of every World, whatever was applied to it."""

from __future__ import annotations

from hubbub.core.apply.users import stays
from hubbub.core.policy.lengths import KEY_BYTES
from hubbub.core.policy.privileges import ADMIN
from hubbub.core.rules import FENCED
from hubbub.core.world.accounts import CREDENTIALS, DEVICES, FOUND_BY_ID
from hubbub.core.world.world import WHOWAS_ENTRIES, World
from hubbub.irc import modes, names
from hubbub.irc.names import fold


def check(world: World) -> None:
    """Raise AssertionError where a World contradicts itself."""
    _check_users(world)
    _check_accounts(world)
    gone = {user for user in world.users.values() if not user.sessions}
    quiet = {user for user in world.users.values() if user.quiet == set(user.sessions)}
    assert gone <= set(world.left) <= quiet, "who passes by has not come back"
    _check_sessions(world)
    for name, channel in world.channels.items():
        assert name == fold(channel.name)
        assert names.is_channel(channel.name)
    if world.rules >= FENCED:
        up = {(number, node.epoch) for number, node in world.nodes.items() if node.is_up}
        assert {(node, epoch) for node, epoch, _ in world.sessions} <= up, "a node has gone"
    _check_memberships(world)
    _check_channel_modes(world)
    assert list(world.timed) == [one for one in world.timed if one.has_timed]
    assert set(world.timed) == {one for one in world.channels.values() if one.has_timed}
    _check_registrations(world)
    histories = [channel.history for channel in world.channels.values()]
    assert len(set(histories)) == len(histories)
    assert len(world.whowas) <= WHOWAS_ENTRIES
    assert world.most_users >= len(world.users)


def _check_users(world: World) -> None:
    for folded, user in world.users.items():
        assert folded == fold(user.nick)
        assert names.is_nick(user.nick)
        assert user.source == f"{user.nick}!{user.username}@{user.host}"
        assert user.sessions or stays(world, user), "a user without a session is gone"
        assert user.absent <= set(user.sessions)
        assert user.quiet <= set(user.sessions)
        assert user.noticed or not user.channels, "a member is noticed"
        assert user.noticed or user.quiet == set(user.sessions)
        assert world.present[user.id] is user
        assert user.modes <= set(modes.USER_MODES)
        assert bool(user.operator) == bool(user.operator_class) == user.is_operator
    assert len({user.id for user in world.users.values()}) == len(world.users)
    here = {user.guest_presence for user in world.users.values()}
    for presence in (*world.metadata, *world.read_markers, *world.silenced):
        assert presence.startswith("a:") or presence in here, "a guest's end with the guest"


def _check_accounts(world: World) -> None:
    for folded, account in world.accounts.items():
        assert folded == fold(account.name)
        assert not account.dropped or not (account.users or account.credentials)
        assert (folded in world.unverified) == (not account.verified and not account.dropped)
        assert not account.suspended or not account.users
        assert len(account.credentials) <= CREDENTIALS
        assert len(account.devices) <= DEVICES
        assert not account.waiting.counts or not any(user.is_connected for user in account.users)
        for user in account.users:
            assert user.account == account.name
            assert world.present[user.id] is user
        for key, held in account.credentials.items():
            assert key == (held.kind, held.id)
            found_by_id = held.kind in FOUND_BY_ID
            assert (world.credentials.get(key) is account) == (found_by_id and held.proved)
            assert (account in world.claims.get(key, ())) == (found_by_id and not held.proved)
            assert held.proved or key not in world.credentials, "proved by another"
    for user in world.users.values():
        owner = world.account(user.account) if user.account else None
        assert (owner is not None) == bool(user.account)
        assert owner is None or user in owner.users
        assert owner is None or owner.verified
        if owner is not None and user.operator == owner.name and user.operator_class != ADMIN:
            assert user.operator_class == owner.operator, "what the account is, and no more"
        named = world.reserved_for(user.nick)
        waits = named is not None and not named.verified
        assert named in (None, owner) or waits, "nobody has a nick that belongs to another"


def _check_sessions(world: World) -> None:
    users = set(world.users.values())
    for session, user in world.sessions.items():
        assert user in users
        assert session in user.sessions
    assert sum(len(user.sessions) for user in users) == len(world.sessions)
    of_accounts = {s for s, user in world.sessions.items() if user.account and s not in user.quiet}
    assert set(world.devices) == of_accounts


def _check_memberships(world: World) -> None:
    users = set(world.users.values())
    for folded, channel in world.channels.items():
        assert channel.members or channel.lives_on, "an empty channel that is not kept has ended"
        assert not channel.kept or world.spares or world.is_kept(channel.name)
        for user, member in channel.members.items():
            assert user in users
            assert user.quiet or not member.visit, "a visit ends with what makes it"
            assert user.channels[folded] is channel
            order = [list(modes.PREFIXES).index(status) for status in member.statuses]
            assert order == sorted(set(order)), "statuses are in order, each once"
        assert channel.invited.isdisjoint(channel.members)
        assert channel.invited <= users, "who is gone is invited no more"
        assert all(user.invitations[folded] is channel for user in channel.invited)
    for user in users:
        for folded, channel in user.channels.items():
            assert world.channels[folded] is channel
            assert user in channel.members
        for folded, channel in user.invitations.items():
            assert world.channels[folded] is channel
            assert user in channel.invited


def _check_registrations(world: World) -> None:
    assert sum(channel.kept for channel in world.channels.values()) == world.kept_channels
    assert world.kept_channels <= world.kept_limit
    for channel in world.channels.values():
        held = channel.registration
        if held is None:
            continue
        assert world.account(held.founder) is not None
        assert fold(held.founder) not in held.access, "a founder needs no level"
        for folded, entry in held.access.items():
            assert folded == fold(entry.account)
            assert world.account(entry.account) is not None
            assert entry.level in modes.PREFIXES


def _check_channel_modes(world: World) -> None:
    for channel in world.channels.values():
        assert channel.flags <= set(modes.FLAGS)
        assert channel.limit >= 0
        assert len(channel.key) <= KEY_BYTES
        assert not channel.forward or names.is_channel(channel.forward)
        assert channel.join_rate is not None or channel.joins == (0, 0)
        assert set(channel.lists) == set(modes.LISTS)
        for listed in channel.lists.values():
            for folded, entry in listed.items():
                assert folded == fold(entry.mask)
                assert names.is_mask(entry.mask)
