"""A member's part in a cluster: its log's server, the log, and what was ordered while it was away.

Nothing of it is imported for a server by itself but this file.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from hubbub.cluster.bundle import AUTHORITY, OWN, OWN_KEY, bundle_digest
from hubbub.cluster.errors import ClusterError, PeerUnreachable
from hubbub.cluster.fetching import fetch_copy
from hubbub.cluster.members import MemberList, read_shared, write_shared
from hubbub.cluster.trimming import Progress, Watched
from hubbub.core.errors import RulesUnknown
from hubbub.core.records.entries import Draft, Entry
from hubbub.journal.database.file import is_empty
from hubbub.journal.port import JournalBehind, JournalError, JournalUnusable
from hubbub.node.life import Introduction
from hubbub.server.identity import Identity
from hubbub.server.recovery import JOURNAL, Stored, Undone
from hubbub.settings import Settings, SettingsError

if TYPE_CHECKING:
    from hubbub.cluster.jetstream.connection import Access
    from hubbub.cluster.jetstream.log import JetStreamLog
    from hubbub.cluster.jetstream.signals import LogSignals
    from hubbub.cluster.nats_server import NatsServer

CUT_OFF: Final = "order"
"""Under which name STATUS tells what is wrong with the log's servers."""
LOOK_SECONDS: Final = 0.1
COMPARED_SECONDS: Final = 4.0
"""How long a start waits for the other nodes to tell what they have heard: each does every 2 s."""
FETCH_SECONDS: Final = 0.5
SAID: Final = 20
"""Of how many times that nobody gave a copy one is told."""
USER: Final = "hubbub"
SYSTEM: Final = "system"

_log = structlog.get_logger(__name__)


def membership(settings: Settings) -> ClusterMember | None:
    """Return the part that a data directory has in a cluster, None where that has not begun.

    Raise SettingsError; so where the settings are a member's and nothing is stored: behind the
    others' balancer a server without anything would be a stranger with their name.
    """
    try:
        shared = read_shared(settings.data_dir)
    except ClusterError as error:
        raise SettingsError(str(error)) from None
    if (
        shared is None
        and settings.cluster.model_fields_set
        and is_empty(settings.data_dir / JOURNAL)
    ):
        raise SettingsError(
            f"the settings have [cluster], and {settings.data_dir} is empty: is its disk there? "
            "Let it join with `hubbub cluster join`, or begin one with `hubbub cluster create`; "
            "for a server by itself remove [cluster]"
        )
    return ClusterMember(settings, shared) if shared is not None and shared.begins else None


async def alone(settings: Settings, accept_loss: bool) -> Stored:
    """Return what is stored of a node that follows no order of others. Raise SettingsError."""
    stored = await asyncio.to_thread(Stored, settings, accept_loss)
    if stored.journal.is_shared:
        raise SettingsError(
            f"{settings.data_dir} is that of a member of a cluster, and lacks cluster/shared.json, "
            "which names the others; restore it, or `hubbub cluster dissolve`"
        )
    return stored


class ClusterMember:
    """Follow the log that all members share, from a start to a stop."""

    def __init__(self, settings: Settings, shared: MemberList) -> None:
        self._settings, self.shared = settings, shared
        self._server: NatsServer | None = None
        self._log: JetStreamLog | None = None
        self._signals: LogSignals | None = None
        self.progress = Progress(0)

    @property
    def number(self) -> int:
        """Return the number of this member among the nodes."""
        return self.shared.number

    def introduction(self, cloak_key: bytes) -> Introduction:
        """Return what it says of itself, with a digest of what all share. Raise SettingsError."""
        own = self.shared.own
        try:
            bundle = bundle_digest(self._settings.data_dir, self.shared, cloak_key)
            return Introduction(bundle, own.name, own.route, own.door)
        except ClusterError as error:
            raise SettingsError(str(error)) from None

    @property
    def log(self) -> JetStreamLog:
        """Return the log; once it is followed."""
        assert self._log is not None, "the log comes with `follow`"
        return self._log

    @property
    def signals(self) -> LogSignals:
        """Return what carries signals to the other members; once the log is followed."""
        assert self._signals is not None, "signals come with `follow`"
        return self._signals

    async def stored(self, accept_loss: bool) -> Stored:
        """Return what is stored, with all that was ordered since; wait as long as that takes.

        Where nothing is stored, or what comes next is not in the log any more, that is a copy of
        another member's. Raise SettingsError, JournalUnusable.
        """
        # First: others, who may have what this one lacks, need the server for an order at all.
        try:
            access = await self.reach()
        except ClusterError as error:
            raise SettingsError(str(error)) from None
        if is_empty(self._settings.data_dir / JOURNAL):
            await self._fetch()
        while True:
            stored = await asyncio.to_thread(Stored, self._settings, accept_loss, self.number)
            self._log = self.new_log(access)
            try:
                await self._follow(self._log, stored)
            except JournalBehind as error:
                _log.warning("this node was away for too long", why=str(error))
                await stored.journal.stop()
                await asyncio.to_thread(self._log.close)
                await self._fetch()
            else:
                self._refuse_if_left(stored)
                return stored

    def _refuse_if_left(self, stored: Stored) -> None:
        node = stored.world.nodes.get(self.number)
        if node is not None and node.has_left:
            raise SettingsError(
                f"node {self.number} has left its cluster for good, and its number is not given "
                "again; join with an empty data directory, with a token of a member"
            )

    async def _fetch(self) -> None:
        """Have a copy of another member's store, from whoever gives one first."""
        data_dir, asked = self._settings.data_dir, 0
        path = data_dir / JOURNAL
        while True:
            try:
                name = await asyncio.to_thread(fetch_copy, data_dir, self.shared, path, tries=1)
            except PeerUnreachable as error:
                if asked % SAID == 0:
                    _log.warning("no member gives a copy yet; it is asked again", why=str(error))
                asked += 1
                await asyncio.sleep(FETCH_SECONDS)
            except ClusterError as error:
                raise SettingsError(str(error)) from None
            else:
                _log.info("has a copy of the store", of=name)
                return

    async def _follow(self, log: JetStreamLog, stored: Stored) -> None:
        """Go on from what is stored with what was ordered since."""
        journal = stored.journal
        if not journal.is_shared:
            journal.share()
        if not self.shared.begun:
            # Also if others leave again, there is no way back but by `dissolve`.
            self.shared = replace(self.shared, begun=True)
            write_shared(self._settings.data_dir, self.shared)
        extent = await asyncio.wrap_future(log.open(journal.position))
        _log.info("the log is there", begins=extent.first, ends=extent.last, heard=journal.position)
        from hubbub.cluster.jetstream.signals import LogSignals

        self._signals = LogSignals(log, self.number, asyncio.get_running_loop())
        self._signals.begin()
        self.progress = Progress(stored.clock())
        journal.follow(Watched(log, self.progress.note), self.number)
        await _CatchingUp(stored).upto(extent.last)
        stored.count_epoch()

    def trim(self, upto: int) -> None:
        """Let go of what the log holds up to a position."""
        self.log.trim(upto)

    def erase(self, windows: Sequence[range], upto: int) -> Future[None]:
        """Overwrite what the log holds at some positions, and let go of all up to one."""
        return self.log.erase(windows, upto)

    def last(self) -> int:
        """Return the last position of the log."""
        return self.log.standing().extent.last

    def sentence(self) -> str:
        """Say who leads the log, what it holds, and which of its servers are there."""
        standing = self.log.standing()
        extent, there = standing.extent, len(standing.servers)
        held = f"positions {extent.first} to {extent.last}, {extent.size >> 20} MiB"
        wanted = max(self._settings.cluster.replicas, len(extent.servers))
        return (
            f"{standing.route.value}, led by {extent.leader or 'nobody'}; {there} of {wanted} "
            f"servers are there; it holds {held} of {extent.max_size >> 20}"
        )

    def troubles(self) -> dict[str, str]:
        """Return what is wrong with the log's servers, and what to do."""
        words = self._server.trouble if self._server is not None else ""
        if self._log is not None:
            words = words or self._log.standing().fault
        return {CUT_OFF: words} if words else {}

    def forget_server(self, number: int) -> None:
        """Have the log's servers count on a member's no more: it has left for good."""
        if self._log is not None and self._server is not None:
            self._log.remove_server(name_of(number))

    def step_down(self) -> None:
        """Have another server lead the log, where this node's own does."""
        if self._log is None or self._server is None:
            return
        if self._log.standing().extent.leader == name_of(self.number):
            self._log.step_down()

    async def stop(self) -> None:
        """Let go of the log, and end the server of it that is this node's own."""
        if self._log is not None:
            await asyncio.to_thread(self._log.close)
        if self._server is not None:
            await self._server.stop()

    async def reach(self) -> Access:
        """Return how the log's servers are reached; start the one of this node's own.

        Raise ClusterError, SettingsError.
        """
        cloak_key = Identity(self._settings).cloak_key()
        try:
            from hubbub.cluster.jetstream.connection import Access, LogUser
        except ModuleNotFoundError as error:
            raise SettingsError(
                f"a member of a cluster needs {error.name}: pip install 'hubbub[cluster]'"
            ) from None
        if self._settings.cluster.servers:
            return self._outside()
        words = {name: password(cloak_key, name) for name in (USER, SYSTEM)}
        user, system = (LogUser(name, words[name]) for name in (USER, SYSTEM))
        listen = self._settings.cluster.listen[0]
        if not listen.is_loopback:
            raise SettingsError(
                f"cluster.listen is {listen}, where others would reach the log in clear; choose an "
                "address of this machine only, such as 127.0.0.1:7901"
            )
        await self._start_server(str(listen), words)
        return Access([f"nats://{listen}"], user, system)

    def _outside(self) -> Access:
        from hubbub.cluster.jetstream.connection import Access, LogUser

        cluster = self._settings.cluster
        if not cluster.system_user:
            raise SettingsError(
                "cluster.system_user is missing: a user of the servers' system account, to ask each"
                " whether it writes to its disk for good what it acknowledges"
            )
        user, system = (
            LogUser(name, "" if password is None else password.get_secret_value())
            for name, password in (
                (cluster.user, cluster.password),
                (cluster.system_user, cluster.system_password),
            )
        )
        return Access(cluster.servers, user, system)

    async def _start_server(self, listen: str, words: dict[str, str]) -> None:
        from hubbub.cluster.nats_server import NatsServer, ServerPlan

        cluster, data_dir, own = self._settings.cluster, self._settings.data_dir, self.shared.own
        route = str(cluster.route[0]) if cluster.route else own.route
        peers = [one.route for one in self.shared.others]
        plan = ServerPlan(
            name_of(own.number),
            listen,
            route,
            peers,
            words,
            SYSTEM,
            _keys(data_dir),
            cluster.max_bytes,
        )
        program = "" if cluster.program is None else str(cluster.program)
        self._server = NatsServer(plan, data_dir, program)
        await self._server.start()

    def new_log(self, access: Access) -> JetStreamLog:
        """Return the log on these servers, not open."""
        from hubbub.cluster.jetstream.log import JetStreamLog
        from hubbub.cluster.jetstream.stream import Shape

        cluster = self._settings.cluster
        shape = Shape(self.shared.journal, cluster.replicas, cluster.max_bytes)
        return JetStreamLog(access, self.number, shape)


class _CatchingUp:
    """Apply what was ordered while this node was away, which nobody here is told of."""

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self._progress = asyncio.Event()
        self._error: JournalError | None = None
        self._deadline = 0.0

    async def upto(self, position: int) -> None:
        """Return when all up to a position is applied. Raise JournalUnusable.

        What comes after is applied, too, until the journal is handed on. A node that has something
        else than the others does not begin: they are waited for, as long as they take to say.
        """
        journal = self._stored.journal
        journal.start(self._committed, self._failed)
        self._stored.undone.carry_out(journal)
        self._stored.undone = Undone()
        while self._error is None and not (self._has_come_to(position) and self._is_compared()):
            self._progress.clear()
            # Nobody tells of batches in which nothing is.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._progress.wait()
        if self._error is not None:
            raise JournalUnusable(str(self._error)) from None

    def _has_come_to(self, position: int) -> bool:
        heard, seq = self._stored.journal.heard
        return heard >= position and self._stored.world.applied >= seq

    def _is_compared(self) -> bool:
        if self._stored.journal.is_compared:
            return True
        now = asyncio.get_running_loop().time()
        self._deadline = self._deadline or now + COMPARED_SECONDS
        return now >= self._deadline

    def _committed(self, entries: Sequence[Entry]) -> None:
        undone, world = Undone(), self._stored.world
        try:
            for entry in entries:
                undone.apply(world, entry)
        except RulesUnknown as error:
            self._error = self._error or JournalUnusable(str(error))
        undone.carry_out(self._stored.journal)
        self._progress.set()

    def _failed(self, drafts: Sequence[Draft], error: JournalError) -> None:
        self._error = self._error or error
        self._progress.set()


def password(cloak_key: bytes, name: str) -> str:
    """Return what a user of the log's servers logs in with: what only members can know."""
    return hmac.digest(cloak_key, f"nats {name}".encode(), "sha256").hex()


def name_of(number: int) -> str:
    """Return how a member's server of the log is called among them."""
    return f"hubbub-{number}"


def _keys(data_dir: Path) -> tuple[Path, Path, Path] | None:
    """Return the files by which members' servers know each other, None where there are none."""
    files = data_dir / AUTHORITY, data_dir / OWN, data_dir / OWN_KEY
    return files if all(path.exists() for path in files) else None
