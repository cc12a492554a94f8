"""Users, channels, memberships: everything that is true after the entries applied so far.

Only hubbub.core.apply changes it; decide reads it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from hubbub.core.policy.attention import DEFAULT, Attention
from hubbub.core.policy.scopes import channel_of
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.rules import FIRST_RULES
from hubbub.core.world.accounts import FOUND_BY_ID, Account, Credential, Invite
from hubbub.core.world.bans import NetworkBans
from hubbub.core.world.nodes import Node
from hubbub.core.world.state import Channel, User
from hubbub.irc.masks import matches
from hubbub.irc.names import fold

WHOWAS_ENTRIES: Final = 1000
"""How many departures are remembered; the oldest is forgotten first."""
READ_MARKERS: Final = 500
"""Of how many targets one presence has markers; the one set longest ago is forgotten first."""


class KeptFor(NamedTuple):
    """Say how long who is not connected stays, and for how many days what operators did is kept.

    And of what was said in a channel, or directly: for how many days, and how many messages of each
    conversation. 0 is for good, and for any number, in all of them.
    """

    stay_seconds: int = 0
    audit_days: int = 0
    channel_days: int = 0
    channel_messages: int = 0
    direct_days: int = 0
    direct_messages: int = 0

    def sparing(self, held: KeptFor) -> KeptFor:
        """Return it with what is `held` longer: of that, nothing is to end by this."""
        pairs = zip(self[1:], held[1:], strict=True)
        return KeptFor(self.stay_seconds, *(max(pair) if all(pair) else 0 for pair in pairs))


@dataclass(frozen=True, slots=True)
class WhoWas:
    """Hold what is remembered of a user who left or took another nick; `time` in seconds."""

    nick: str
    username: str
    host: str
    realname: str
    account: str
    time: int


class World:
    """Hold everything that is true after the entries applied so far.

    `users` and `accounts` are found by folded names, `present` holds the users by id, `sessions`
    whose each session is. `unverified` are the accounts that wait for their code, the oldest first.
    `credentials` finds the account of a (kind, id), `claims` the accounts that list one unproved,
    `scoped` those (kind, id) that are for one channel only, by its folded name, `invites` an invite
    code by its digest.
    `metadata` maps a presence to its keys and values; `read_markers` maps a presence and a
    history's channel, or partner, to the time up to which that has been read (marker_places), and
    `buffers` in the same way to what an account wants of it;
    `silenced` maps a presence to the masks whose direct messages it does not want. `devices` tells,
    of each session of an account, what it connects with.
    `left` holds the users who have no session, or quiet ones only since, the one who left first
    before the others, with the time of that in seconds. `timed` holds the channels with masks
    that expire. `closed` maps the switches that are off (world/switches.py) to the reasons.
    With `spares`, channels may be kept that `kept` does not name any more.
    `nodes` are those that have ever started, by their numbers, `rules` is the version of the rules
    that the World goes by, `settings` are those that hold for all of them, by their names, as JSON.
    `kept_for` is how long is kept what ends by itself, None where nobody
    has said so yet.
    `newest` is the latest time of an entry that was applied since the start, in microseconds.
    """

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.present: dict[SessionId, User] = {}
        self.sessions: dict[SessionId, User] = {}
        self.accounts: dict[str, Account] = {}
        self.unverified: dict[str, Account] = {}
        self.credentials: dict[tuple[str, str], Account] = {}
        self.scoped: dict[str, dict[tuple[str, str], None]] = {}
        self.claims: dict[tuple[str, str], list[Account]] = {}
        self.invites: dict[str, Invite] = {}
        self.channels: dict[str, Channel] = {}
        self.kept: tuple[str, ...] = ()
        self.kept_limit = 0
        self.kept_channels = 0
        self.spares = False
        self.bans = NetworkBans()
        self.left: dict[User, int] = {}
        self.timed: dict[Channel, None] = {}
        self.closed: dict[str, str] = {}
        self.whowas: deque[WhoWas] = deque(maxlen=WHOWAS_ENTRIES)
        self.metadata: dict[str, dict[str, str]] = {}
        self.read_markers: dict[str, dict[str, int]] = {}
        self.buffers: dict[str, dict[str, Attention]] = {}
        self.silenced: dict[str, tuple[str, ...]] = {}
        self.devices: dict[SessionId, str] = {}
        self.nodes: dict[int, Node] = {}
        self.rules = FIRST_RULES
        self.settings: dict[str, str] = {}
        self.kept_for: KeptFor | None = None
        self.most_users = 0
        self.applied = 0
        self.newest = 0
        self.changes = 0

    def next_epoch(self, node: int) -> int:
        """Return the number of a node's next start: 1, then one more each time."""
        known = self.nodes.get(node)
        return 1 if known is None else known.epoch + 1

    @property
    def housekeeper(self) -> int | None:
        """Return the node that asks for what time brings about, and for all.

        It is the first of those that are up, and that stay: one that drains only if there is none.
        """
        up = [(node.is_draining, number) for number, node in self.nodes.items() if node.is_up]
        return min(up)[1] if up else None

    def members(self) -> dict[int, Node]:
        """Return the nodes that are there or are to come again, by their numbers."""
        return {number: node for number, node in self.nodes.items() if node.is_member}

    def node_named(self, name: str) -> int | None:
        """Return the number of the node that has a name, unless it has left."""
        named = (n for n, node in self.nodes.items() if node.name == name and not node.has_left)
        return next(named, None)

    def is_over(self, since: int, now: int) -> bool:
        """Say whether who left at `since` has been away for too long by `now`, in seconds."""
        stay = self.kept_for.stay_seconds if self.kept_for is not None else 0
        return 0 < stay <= now - since

    @property
    def size(self) -> int:
        """Return of how many users, accounts and channels it is made."""
        return len(self.users) + len(self.accounts) + len(self.channels)

    def user(self, nick: str) -> User | None:
        """Return who is present under a nick."""
        return self.users.get(fold(nick))

    def account(self, name: str) -> Account | None:
        """Return the account of a name, unless it was dropped."""
        account = self.accounts.get(fold(name))
        return account if account is not None and not account.dropped else None

    def account_of(self, kind: str, id: str) -> Account | None:
        """Return the account that a certificate, a key or a token belongs to."""
        return self.credentials.get((kind, id))

    def find_by(self, held: Credential, account: Account) -> None:
        """Let an account be found by a credential that names it, and this by its one channel.

        By what has not been proved it is found among the claims only.
        """
        if held.kind not in FOUND_BY_ID:
            return
        key = held.kind, held.id
        if held.proved:
            self.credentials[key] = account
        else:
            self.claims.setdefault(key, []).append(account)
        if channel := channel_of(held.scope):
            self.scoped.setdefault(channel, {})[key] = None

    def find_no_more_by(self, held: Credential, account: Account) -> None:
        """Forget whose a credential was, and which channel it was for."""
        key, channel = (held.kind, held.id), channel_of(held.scope)
        if held.proved:
            self.credentials.pop(key, None)
        elif account in self.claims.get(key, ()):
            self.claims[key].remove(account)
            if not self.claims[key]:
                del self.claims[key]
        if channel in self.scoped and not self.held_for(key, channel):
            self.scoped[channel].pop(key, None)
            if not self.scoped[channel]:
                del self.scoped[channel]

    def held_for(self, key: tuple[str, str], channel: str) -> list[Credential]:
        """Return what is held by a (kind, id) for one channel (folded), proved or not."""
        owner = self.credentials.get(key)
        accounts = [*([owner] if owner is not None else ()), *self.claims.get(key, ())]
        held = (account.credentials[key] for account in accounts)
        return [one for one in held if channel_of(one.scope) == channel]

    def reserved_for(self, nick: str) -> Account | None:
        """Return the account, dropped or not, whose name a nick is."""
        return self.accounts.get(fold(nick))

    def channel(self, name: str) -> Channel | None:
        """Return the channel of a name."""
        return self.channels.get(fold(name))

    def is_kept(self, name: str) -> bool:
        """Say whether the operator keeps channels of this name."""
        return any(matches(pattern, name) for pattern in self.kept)

    def keeps_one_more(self, name: str) -> bool:
        """Say whether a channel of this name that begins now is kept: there is a limit."""
        return self.kept_channels < self.kept_limit and self.is_kept(name)

    def spared(self) -> Iterator[str]:
        """Yield the channels that are kept although the operator does not say so any more."""
        if self.spares:
            for channel in self.channels.values():
                if channel.kept and not self.is_kept(channel.name):
                    yield channel.name

    def history_of(self, name: str, origin: Origin) -> str:
        """Return the history that a join to a channel belongs to, which may be about to begin."""
        channel = self.channel(name)
        if channel is not None:
            return channel.history
        folded = fold(name)
        if self.keeps_one_more(name):
            return folded
        # A comma stands in no channel's name, so no kept channel can be named like this.
        return f"{folded},{'.'.join(map(str, (*origin.session, origin.request)))}"

    def read_marker(self, user: User, target: str) -> int | None:
        """Return up to when a user has read a target, in microseconds, or None if nobody knows."""
        markers = self.read_markers.get(user.presence, {})
        found = (markers.get(place) for place in self.marker_places(target))
        return next((time for time in found if time is not None), None)

    def attention_to(self, user: User, target: str) -> Attention:
        """Return what a user's account wants of a conversation, by the name of that."""
        held = self.buffers.get(user.presence)
        if not held:
            return DEFAULT
        found = (held.get(place) for place in self.marker_places(target))
        return next((one for one in found if one is not None), DEFAULT)

    def marker_places(self, target: str) -> tuple[str, str]:
        """Return under what the markers of a target are kept: what it is, then how it was called.

        The latter holds what was marked before there was such a channel or user.
        """
        channel, user = self.channel(target), self.user(target)
        if channel is not None:
            return channel.history, fold(target)
        if user is not None:
            return user.presence, fold(target)
        return f"a:{fold(target)}" if self.account(target) else fold(target), fold(target)

    def histories(self, user: User) -> tuple[str, ...]:
        """Return the histories of a user's channels."""
        return tuple(channel.history for channel in user.channels.values())
