"""A member's part in a cluster: its log's server, the log, and what was ordered while it was away.

Nothing of it is imported for a server by itself but this file.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import structlog

from hubbub.cluster.bundle import AUTHORITY, OWN, OWN_KEY
from hubbub.cluster.errors import ClusterError
from hubbub.cluster.members import Shared, read_shared
from hubbub.core.errors import RulesUnknown
from hubbub.core.records.entries import Draft, Entry
from hubbub.journal.port import JournalError, JournalUnusable
from hubbub.server.recovery import Stored, Undone
from hubbub.settings import Settings, SettingsError

if TYPE_CHECKING:
    from hubbub.cluster.jetstream.connection import Access
    from hubbub.cluster.jetstream.log import JetStreamLog
    from hubbub.cluster.jetstream.signals import LogSignals
    from hubbub.cluster.nats_server import NatsServer

CUT_OFF: Final = "order"
"""Under which name STATUS tells what is wrong with the log's servers."""
LOOK_SECONDS: Final = 0.1
USER: Final = "hubbub"
SYSTEM: Final = "system"

_log = structlog.get_logger(__name__)


def membership(settings: Settings) -> Membership | None:
    """Return the part that a data directory has in a cluster, None where that has not begun.

    Raise SettingsError.
    """
    try:
        shared = read_shared(settings.data_dir)
    except ClusterError as error:
        raise SettingsError(str(error)) from None
    return Membership(settings, shared) if shared is not None and shared.begins else None


class Membership:
    """Follow the log that all members share, from a start to a stop."""

    def __init__(self, settings: Settings, shared: Shared) -> None:
        self._settings, self.shared = settings, shared
        self._server: NatsServer | None = None
        self._log: JetStreamLog | None = None
        self._signals: LogSignals | None = None

    @property
    def number(self) -> int:
        """Return the number of this member among the nodes."""
        return self.shared.number

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

    async def follow(self, stored: Stored) -> None:
        """Go on from what is stored with what was ordered since; wait as long as that takes.

        Raise SettingsError, JournalUnusable.
        """
        journal = stored.journal
        if not journal.is_shared:
            journal.share()
        try:
            access = await self._reach(stored.cloak_key)
        except ClusterError as error:
            raise SettingsError(str(error)) from None
        self._log = log = self._new_log(access)
        extent = await asyncio.wrap_future(log.open(journal.position))
        _log.info("the log is there", begins=extent.first, ends=extent.last, heard=journal.position)
        from hubbub.cluster.jetstream.signals import LogSignals

        self._signals = LogSignals(log, self.number, asyncio.get_running_loop())
        self._signals.begin()
        journal.follow(log, self.number)
        await _CatchingUp(stored).upto(extent.last)
        stored.count_epoch()

    def troubles(self) -> dict[str, str]:
        """Return what is wrong with the log's servers, and what to do."""
        words = self._server.trouble if self._server is not None else ""
        if self._log is not None:
            words = words or self._log.standing().fault
        return {CUT_OFF: words} if words else {}

    async def stop(self) -> None:
        """Let go of the log, and end the server of it that is this node's own."""
        if self._log is not None:
            await asyncio.to_thread(self._log.close)
        if self._server is not None:
            await self._server.stop()

    async def _reach(self, cloak_key: bytes) -> Access:
        """Return how the log's servers are reached; start the one of this node's own."""
        try:
            from hubbub.cluster.jetstream.connection import Access, Login
        except ModuleNotFoundError as error:
            raise SettingsError(
                f"a member of a cluster needs {error.name}: pip install 'hubbub[cluster]'"
            ) from None
        if self._settings.cluster.servers:
            return self._outside()
        words = {name: password(cloak_key, name) for name in (USER, SYSTEM)}
        user, system = (Login(name, words[name]) for name in (USER, SYSTEM))
        listen = self._settings.cluster.listen[0]
        if not listen.is_loopback:
            raise SettingsError(
                f"cluster.listen is {listen}, where others would reach the log in clear; choose an "
                "address of this machine only, such as 127.0.0.1:7901"
            )
        await self._start_server(str(listen), words)
        return Access([f"nats://{listen}"], user, system)

    def _outside(self) -> Access:
        from hubbub.cluster.jetstream.connection import Access, Login

        cluster = self._settings.cluster
        if not cluster.system_user:
            raise SettingsError(
                "cluster.system_user is missing: a user of the servers' system account, to ask each"
                " whether it writes to its disk for good what it acknowledges"
            )
        user, system = (
            Login(name, "" if password is None else password.get_secret_value())
            for name, password in (
                (cluster.user, cluster.password),
                (cluster.system_user, cluster.system_password),
            )
        )
        return Access(cluster.servers, user, system)

    async def _start_server(self, listen: str, words: dict[str, str]) -> None:
        from hubbub.cluster.nats_server import NatsServer, Plan

        cluster, data_dir, own = self._settings.cluster, self._settings.data_dir, self.shared.own
        route = str(cluster.route[0]) if cluster.route else own.route
        peers = [one.route for one in self.shared.others]
        plan = Plan(
            f"hubbub-{own.number}",
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

    def _new_log(self, access: Access) -> JetStreamLog:
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

    async def upto(self, position: int) -> None:
        """Return when all up to a position is applied. Raise JournalUnusable.

        What comes after is applied, too, until the journal is handed on.
        """
        journal = self._stored.journal
        journal.start(self._committed, self._failed)
        self._stored.undone.carry_out(journal)
        self._stored.undone = Undone()
        while not self._has_come_to(position) and self._error is None:
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

    def _committed(self, entries: Sequence[Entry]) -> None:
        undone, world = Undone(), self._stored.world
        try:
            for entry in entries:
                undone.apply(world, entry)
        except RulesUnknown as error:
            self._error = self._error or JournalError(str(error))
        undone.carry_out(self._stored.journal)
        self._progress.set()

    def _failed(self, drafts: Sequence[Draft], error: JournalError) -> None:
        self._error = self._error or error
        self._progress.set()


def password(cloak_key: bytes, name: str) -> str:
    """Return what a user of the log's servers logs in with: what only members can know."""
    return hmac.digest(cloak_key, f"nats {name}".encode(), "sha256").hex()


def _keys(data_dir: Path) -> tuple[Path, Path, Path] | None:
    """Return the files by which members' servers know each other, None where there are none."""
    files = data_dir / AUTHORITY, data_dir / OWN, data_dir / OWN_KEY
    return files if all(path.exists() for path in files) else None
