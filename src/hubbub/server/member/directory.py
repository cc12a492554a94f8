"""How a data directory that no server uses comes into a cluster and out of it."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from hubbub.cluster import bundle as bundles
from hubbub.cluster import fetching, founding
from hubbub.cluster import token as tokens
from hubbub.cluster.conversation import join as joined
from hubbub.cluster.conversation import split
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.cluster.members import MemberList, is_name, is_word, read_shared
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import AnyRecord, Draft
from hubbub.core.records.nodes import NodeLeft, NodeStarted, NodeStopped
from hubbub.core.rules import RULES
from hubbub.core.world.world import World
from hubbub.journal.database.mark import day
from hubbub.journal.port import JournalError, JournalUnusable, JournalWaits
from hubbub.journal.sqlite.journal import SQLiteJournal
from hubbub.journal.steady_clock import SteadyClock
from hubbub.server.data_directory import DataDirectory
from hubbub.server.member import repairing
from hubbub.server.member.membership import membership
from hubbub.server.member.repairing import Say
from hubbub.server.recovery import JOURNAL, NUMBER, Stored, load
from hubbub.settings import NotNow, Settings, SettingsError
from hubbub.transport.errors import CertificateError, HostKeyError

ROUTE_PORT: Final = 6222
"""Where members' servers of the order speak to each other, unless somebody says otherwise."""


@dataclass(frozen=True, slots=True)
class Place:
    """Say how a member is called, and where others reach it: a host, and ports of route and door.

    An empty name is this machine's; without a host it is the address that the other one is reached
    from.
    """

    name: str
    host: str
    route_port: int
    door_port: int

    def called(self) -> str:
        """Return the name. Raise ClusterError."""
        name = self.name or socket.gethostname().partition(".")[0]
        if not is_name(name):
            raise ClusterError(
                f'"{name}" is no name for a member; give --name, without blanks, that is no number'
            )
        return name

    def addresses(self, host: str) -> tuple[str, str]:
        """Return route and door, where this machine's address is `host` unless it was given."""
        host = self.host or host
        if self.route_port == self.door_port:
            raise ClusterError(
                f"both ports are {self.door_port}; give two, by --route-port and --join-port"
            )
        split(joined(host, self.route_port))
        return joined(host, self.route_port), joined(host, self.door_port)


def create(settings: Settings, place: Place) -> MemberList:
    """Make the first member of the server of these settings, which stands still.

    Raise SettingsError, ClusterError.
    """
    with DataDirectory(settings.data_dir), _told():
        # So all that members share is there, made as a start would have made it.
        stored = Stored(settings, accept_loss=False)
        asyncio.run(stored.journal.stop())
        member = (place.called(), *place.addresses(place.host))
        return founding.found(
            settings.data_dir,
            settings.data_dir / JOURNAL,
            stored.node,
            member,
            _hosts(place.host),
            _now(),
        )


def make_token(data_dir: Path, seconds: int) -> tuple[str, str]:
    """Issue a token at a member, whether or not its server runs; return its door and the token.

    Raise ClusterError.
    """
    shared = member_of(data_dir)
    secret = secrets.token_bytes(tokens.SECRET_BYTES)
    token = tokens.Token(bundles.fingerprint(data_dir), secret)
    try:
        tokens.issue(data_dir, secret, time.time(), seconds)
    except OSError as error:
        raise ClusterError(f"{data_dir}: {error.strerror or error}; mend that") from None
    return shared.own.door, token.encode()


def member_of(data_dir: Path) -> MemberList:
    """Return which cluster a directory is of. Raise ClusterError where of none."""
    shared = read_shared(data_dir)
    if shared is None:
        raise ClusterError(
            f"{data_dir} is in no cluster; `hubbub cluster create` begins one, `hubbub cluster "
            "join` comes into one"
        )
    return shared


def join(data_dir: Path, address: str, token: Callable[[], str], place: Place) -> MemberList:
    """Let an empty directory be a member's, by the token that a member at an address has issued.

    The token is asked for when all else is right. Where an earlier try broke off after it had been
    used, it goes on without. Raise SettingsError, ClusterError.
    """
    split(address)
    name = place.called()
    with DataDirectory(data_dir):
        bundles.check_empty(data_dir, JOURNAL)
        try:
            bundle = bundles.received(data_dir)
            if bundle is None:
                found = tokens.decode(token())
                bundle = fetching.fetch_bundle(
                    joined(*split(address)), found, name, place.addresses
                )
                bundles.keep(data_dir, bundle)
            hosts = _hosts(split(bundle.member.route)[0])
            bundles.unpack(data_dir, bundle, hosts, _now())
        except OSError as error:
            raise ClusterError(
                f"{data_dir} cannot take what the member handed over: {error.strerror or error}; "
                "mend that, and join again (with another token, if this one has been used)"
            ) from None
    return member_of(data_dir)


def fetch(data_dir: Path, shared: MemberList, tell: Callable[[int, int], None]) -> str:
    """Fetch a copy of the store, if there is an order yet in which to go on; say from whom.

    Return "" where that is for later. Raise SettingsError, ClusterError.
    """
    with DataDirectory(data_dir):
        try:
            return fetching.fetch_copy(data_dir, shared, data_dir / JOURNAL, tell, tries=1)
        except PeerUnreachable:
            return ""


@dataclass(frozen=True, slots=True)
class ArchiveEnd:
    """Say how far a member's archive is: in the common order, in records, and when that was."""

    position: int
    seq: int
    day: str


def archive_of(data_dir: Path) -> ArchiveEnd:
    """Return how far the archive of a member is whose server stands still.

    Raise SettingsError, ClusterError.
    """
    member_of(data_dir)
    with DataDirectory(data_dir), _told():
        journal = SQLiteJournal(data_dir / JOURNAL, SteadyClock())
        found = ArchiveEnd(journal.position, journal.load().last_seq, day(journal.last_time))
        asyncio.run(journal.stop())
        return found


def repair(
    settings: Settings, without: Collection[str], say: Say, confirm: Callable[[str], bool]
) -> bool:
    """Set the common order forward to what the members' archives have, with those members.

    Say whether all can be started. Raise SettingsError, ClusterError.
    """
    data_dir = settings.data_dir
    end = archive_of(data_dir)
    named = {each.name: each.number for each in member_of(data_dir).members}
    unknown = [name for name in without if name not in named]
    if unknown:
        raise ClusterError(f"there is no member called {unknown[0]}; they are {', '.join(named)}")
    member = membership(settings)
    if member is None:
        raise ClusterError(f"{data_dir} follows no common order yet; start it")

    async def together() -> bool:
        try:
            left_out = [named[name] for name in without]
            return await repairing.repair(member, data_dir, end.position, left_out, say, confirm)
        finally:
            await member.stop()

    with DataDirectory(data_dir), _told():
        return asyncio.run(together())


def dissolve(data_dir: Path) -> int:
    """Let a member go on as one node by itself, with all that it has; return its number.

    Raise SettingsError, ClusterError.
    """
    shared = member_of(data_dir)
    with DataDirectory(data_dir), _told():
        asyncio.run(_be_alone(data_dir / JOURNAL, shared.number))
        try:
            # Last: until then another try does the same again.
            founding.dissolve(data_dir)
        except OSError as error:
            raise ClusterError(f"{data_dir}: {error.strerror or error}; mend that") from None
    return shared.number


async def _be_alone(path: Path, number: int) -> None:
    """Have the journal be one node's own, and have it recorded that all others have left."""
    journal = SQLiteJournal(path, SteadyClock())
    failed: list[JournalError] = []
    try:
        world, _ = load(journal, path)
        if journal.is_shared:
            journal.own()
        journal.remember(NUMBER, str(number))
        journal.start(lambda _: None, lambda _, error: failed.append(error))
        for record in _ends(world, number):
            journal.append(Draft(record))
    finally:
        await journal.stop()
    if failed:
        raise SettingsError(str(failed[0]))


def _ends(world: World, number: int) -> Iterator[AnyRecord]:
    """Yield what makes a node the only one."""
    origin = Origin(SessionId(number, world.next_epoch(number), 0), 0)
    yield NodeStarted(origin, RULES)
    for other, node in sorted(world.nodes.items()):
        if other != number and not node.has_left:
            yield NodeLeft(origin, other)
    yield NodeStopped(origin)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what is wrong with a journal or keys into SettingsError."""
    try:
        yield
    except JournalWaits as error:
        raise NotNow(str(error)) from None
    except (JournalUnusable, CertificateError, HostKeyError) as error:
        raise SettingsError(str(error)) from None


def _hosts(host: str) -> list[str]:
    names = ["localhost", "127.0.0.1", "::1", socket.gethostname(), host]
    return [name for name in dict.fromkeys(names) if name and is_word(name)]


def _now() -> datetime:
    return datetime.now(UTC)


def data_dir_of(config: Path | None, data: Path | None) -> Path:
    """Return the data directory that these options and the settings name. Raise SettingsError."""
    from hubbub.settings import find_data_dir, working_directory

    return find_data_dir(config, data, os.environ, working_directory())
