"""Building a node from its settings and running it; the one file that knows every room."""

from __future__ import annotations

import asyncio
import hmac
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

import structlog

from hubbub import CODE
from hubbub.core.policy.policy import Policy
from hubbub.core.requests import Reread
from hubbub.core.showing import isupport
from hubbub.journal.port import JournalUnusable, JournalWaits
from hubbub.node.auth.secret_checks import SecretChecks
from hubbub.node.auth.workers import Workers
from hubbub.node.clock import Clock
from hubbub.node.entry.cloak import cloak
from hubbub.node.entry.doors import Doors
from hubbub.node.entry.identification import Identification
from hubbub.node.hub import Hub
from hubbub.node.life import Introduction
from hubbub.node.mailer import Mailer
from hubbub.node.monitoring.metrics import Parts
from hubbub.node.peers.signals import NoSignals
from hubbub.node.process import Process
from hubbub.passwords.vault import PasswordVault
from hubbub.server import collector
from hubbub.server.certificate import fingerprint
from hubbub.server.data_directory import DataDirectory
from hubbub.server.drain import Draining
from hubbub.server.early_signals import take_up
from hubbub.server.files import SOCKET_NAME
from hubbub.server.from_settings import (
    bounds_of,
    mail_route_of,
    policy_of,
    ssh_bounds_of,
)
from hubbub.server.health.door import HealthDoor
from hubbub.server.health.notify import Notifier
from hubbub.server.health.readiness import Readiness
from hubbub.server.health.vitals import Vitals
from hubbub.server.log import configure_log, give_up_output, log_uncaught, say
from hubbub.server.member.host import host_of
from hubbub.server.member.in_force import InForce
from hubbub.server.member.membership import ClusterMember, alone, membership
from hubbub.server.opening import open_all
from hubbub.server.recovery import Stored
from hubbub.server.watcher import Watcher
from hubbub.server.welcome.greeting import Greeting
from hubbub.server.welcome.owner_code import first_owner_code
from hubbub.settings import Address, NotNow, Settings, SettingsError, restart_needed
from hubbub.transport.descriptors import raise_descriptor_limit
from hubbub.transport.errors import CertificateError, HostKeyError, ListenError
from hubbub.transport.proxy.trusted import Proxies

STOP_SECONDS: Final = 1.0
"""How long clients have to take what they were told before a stopping server leaves them."""

_log = structlog.get_logger(__name__)


def run(settings: Settings, reload: Callable[[], Settings], accept_loss: bool = False) -> int:
    """Serve until SIGTERM or Ctrl-C; return 0, or 1 when the journal failed.

    `reload` reads the settings again for SIGHUP and REHASH; `accept_loss` goes on without what is
    missing of the data. Raise SettingsError where something keeps the server from starting, NotNow
    where that may pass by itself.
    """
    configure_log(settings.log)
    if CODE.reason:
        _log.warning("in pure Python", why=CODE.reason)
    log_uncaught()
    for notice in settings.notices:
        notice.tell(_log)
    with DataDirectory(settings.data_dir) as directory:
        try:
            return _runner()(_serve(settings, reload, directory, accept_loss))
        except JournalWaits as error:
            raise NotNow(str(error)) from None
        except (JournalUnusable, CertificateError, HostKeyError) as error:
            raise SettingsError(str(error)) from None
        finally:
            give_up_output()


async def _serve(
    settings: Settings,
    reload: Callable[[], Settings],
    directory: DataDirectory,
    accept_loss: bool,
) -> int:
    raise_descriptor_limit()
    # First, so that whoever watches sees a long start begin, and does not take it for a server that
    # hangs; what takes long is read beside the loop meanwhile.
    health, notifier = HealthDoor(asyncio.get_running_loop()), Notifier.taken_from(os.environ)
    notifier.start()
    member = membership(settings)
    try:
        opened = open_all("health", settings.doors.health, health.open)
        stored = await (member.stored(accept_loss) if member else alone(settings, accept_loss))
        node = _Node(settings, reload, directory, stored, health, opened, notifier, member)
        return await node.serve()
    finally:
        if member is not None:
            await member.stop()
        notifier.stop()
        health.close()


def _runner() -> Callable[..., int]:
    try:
        import uvloop
    except ImportError:
        return asyncio.run
    return uvloop.run  # type: ignore[no-any-return, unused-ignore]


class _Node:
    """Hold one running server; what keeps it from starting is raised before its doors open."""

    def __init__(
        self,
        settings: Settings,
        reload: Callable[[], Settings],
        directory: DataDirectory,
        stored: Stored,
        health: HealthDoor,
        opened: list[tuple[str, Address]],
        notifier: Notifier,
        member: ClusterMember | None,
    ) -> None:
        """Be ready to serve; `opened` says where the `health` door is open already."""
        own = Introduction() if member is None else member.introduction(stored.cloak_key)
        self._in_force = InForce(settings, stored.world, member is not None, own)
        self._settings = settings = self._in_force.settings
        self._read_settings = reload
        self._stopping = asyncio.Event()
        self._exit_code = 0
        self._has_control = True
        self._tls_port = 0
        self._settings_fault = ""
        self._health, self._opened, self._notifier = health, opened, notifier
        self._steady, self._member = stored.clock, member
        journal = self._journal = stored.journal
        self._certificate = stored.certificate
        self._cloak_key = stored.cloak_key
        self._archive = journal.archive()
        bounds, proxies = bounds_of(settings), Proxies(settings.doors.proxies)
        self._workers = Workers(bounds.password_checks, bounds.password_queue)
        self._mailer = Mailer(mail_route_of(settings))
        self._started = datetime.now(UTC)
        self._hub = self._new_hub(stored, proxies)
        self._drain = Draining(
            self._hub.sessions,
            self._stopping.set,
            lambda: self._settings.stop.drain_seconds,
            _nothing if member is None else member.step_down,
        )
        self._readiness = Readiness(self._hub, journal, self._drain, self._stopping)
        self._certificate.in_use.changed = self._adopt
        self._doors = Doors(self._hub, self._cloak_key, proxies)
        self._identification = Identification(self._hub, self._cloak_key)
        self._clock, self._watcher = self._lookers(directory)
        self._ssh_keys: list[str] = []
        self._close_ssh: Callable[[], None] = _nothing
        self._undone = stored.undone
        self._host = host_of(settings, stored, self._hub, member, self._stopping.set)
        self._restored = stored.restored
        self._be_watched()

    def _new_hub(self, stored: Stored, proxies: Proxies) -> Hub:
        # Made from a key that is kept: the salt of an account that does not exist has to be the
        # same after a restart, as that of one that does.
        disguise = hmac.digest(self._cloak_key, b"scram", "sha256")
        vault = PasswordVault(disguise)
        secret_checks = SecretChecks(vault, self._workers, self._archive, proxies)
        hub = Hub(
            stored.world,
            self._policy(),
            bounds_of(self._settings),
            self._journal,
            self._archive,
            secret_checks,
            stored.node,
            stored.epoch,
            Process(
                self._journal_broke,
                self._reload,
                self._mailer.send,
                lambda seconds: self._drain.begin(seconds),
            ),
            self._steady,
            NoSignals() if self._member is None else self._member.signals,
        )
        hub.peers.count_mail(self._mailer)
        hub.sessions.troubles.ask(self._archive.troubles)
        hub.sessions.troubles.ask(self._in_force.troubles)
        if self._member is not None:
            hub.sessions.troubles.ask(self._member.troubles)
        return hub

    def _lookers(self, directory: DataDirectory) -> tuple[Clock, Watcher]:
        """Return who looks at what time brings: to those who are here, and to the machine."""
        hub, sessions = self._hub, self._hub.sessions
        self._collects = collector.Collector(lambda: sessions.asked_for)
        control, lost = self._keep_control, self._journal_broke
        return (
            Clock(sessions, hub.take_away_expired, hub.store_snapshot_if_due),
            Watcher(self._steady, directory, sessions.troubles, control, lost, self._look),
        )

    def _be_watched(self) -> None:
        """Let those who watch the server know how it does."""
        readiness = self._readiness
        readiness.fault = lambda: "; ".join(self._refused)
        troubles = self._hub.sessions.troubles
        troubles.mention(readiness.fact)
        Vitals(
            self._settings.data_dir,
            self._journal,
            self._certificate,
            self._mailer,
            lambda: ". ".join(self._refused),
        ).be_asked(troubles)
        self._health.not_ready = readiness.why_not
        self._notifier.status = readiness.sentence
        self._notifier.is_passing = readiness.is_passing

    def _show_metrics(self) -> None:
        """Let the health door, where it is open, show what is measured."""
        if not self._health.is_open:
            return
        # Imported here, for few servers have such a door and the library takes long to load.
        from hubbub.node.monitoring.exposition import CONTENT_TYPE, Exposition

        parts = Parts(
            isupport.VERSION,
            str(CODE),
            self._hub.sessions,
            self._workers,
            self._journal,
            self._archive,
            self._doors.refused,
            self._doors.unused,
            self._watcher.late,
            self._certificate.end,
            lambda: self._certificate.problems(time.time()),
            self._readiness.why_not,
        )
        exposition = Exposition(parts)
        self._health.metrics = lambda: (exposition.render(), CONTENT_TYPE)

    def _policy(self) -> Policy:
        """Return what the rules need of the settings, and of the doors that are open."""
        policy = policy_of(self._settings, self._started)
        shared = ("127.0.0.1", "::1", *policy.proxies)
        hosts = frozenset(cloak(self._cloak_key, address) for address in shared)
        return replace(policy, tls_port=self._tls_port, shared_hosts=hosts)

    @property
    def _refused(self) -> tuple[str, ...]:
        """Say what was refused when it was last read, and what stays in force."""
        return tuple(filter(None, (self._settings_fault, self._certificate.in_use.fault)))

    def _adopt(self) -> None:
        self._hub.sessions.adopt(self._policy(), bounds_of(self._settings))

    async def serve(self) -> int:
        """Start, wait for the word to stop, and stop in good order."""
        try:
            await self._begin()
            # First, so that it is there for whoever finds a door open.
            self._open_control()
            opened = self._opened + self._open_doors()
            if self._settings.doors.ssh:
                opened += self._open_ssh()
            self._tls_port = _port_to_send_to(opened)
            self._adopt()
            owner_code = await first_owner_code(self._hub, self._settings.data_dir)
            self._clock.start()
            self._watcher.start()
            if self._host is not None:
                await self._host.open()
            self._show_metrics()
            self._listen_to_signals()
            collector.tune()
            self._readiness.is_open = True
            self._notifier.ready()
            greeting = Greeting(self._settings, opened, self._fingerprints(), owner_code)
            say(greeting.text())
            await self._stopping.wait()
        finally:
            self._notifier.stopping()
            self._drain.end()
            self._clock.stop()
            self._watcher.stop()
            self._doors.close()
            if self._host is not None:
                await self._host.close()
            await self._hub.stop(STOP_SECONDS)
            await self._mailer.stop()
            self._close_ssh()
            await self._archive.stop()
        return self._exit_code

    async def _begin(self) -> None:
        """End what this node's earlier start left behind, and settle what the operator keeps."""
        hub = self._hub
        # Now there is somebody to take what comes back; what an earlier start has left undone goes
        # first, before anybody can ask for anything.
        if self._member is None:
            self._journal.start(hub.committed, hub.failed)
        else:
            self._journal.hand_to(hub.committed, hub.failed)
            self._journal.begin(hub.sessions.own.epoch)
        self._undone.carry_out(self._journal)
        if not await hub.life.begin(self._in_force.shared()) and not hub.is_broken:
            raise NotNow(
                f"data_dir {self._settings.data_dir} has no room left for the journal; make some, "
                "or choose another with --data"
            )
        await hub.erase_again(self._restored)

    def _open_doors(self) -> list[tuple[str, Address]]:
        """Open every door; return the kind and address of each. Raise SettingsError."""
        doors = self._settings.doors
        opened: list[tuple[str, Address]] = []
        context, origins = self._certificate.in_use.context, doors.websocket_origins
        web_context = self._certificate.in_use.context_for_browsers
        kinds: tuple[tuple[str, tuple[Address, ...], Callable[[str, int], int]], ...] = (
            ("tls", doors.tls, partial(self._doors.open, context=context)),
            ("plain", doors.plain, self._doors.open),
            ("wss", doors.wss, partial(self._doors.open_web, origins=origins, context=web_context)),
            ("websocket", doors.websocket, partial(self._doors.open_web, origins=origins)),
        )
        for kind, addresses, listen in kinds:
            opened += open_all(kind, addresses, listen)
        return opened

    def _open_ssh(self) -> list[tuple[str, Address]]:
        """Open the SSH doors, as above."""
        # Imported here, for its library takes longer to load than the rest of the server.
        from hubbub.ssh.door import SSHDoor

        settings = self._settings
        door = SSHDoor(
            self._doors,
            self._identification,
            settings.ssh.host_keys,
            settings.data_dir,
            ssh_bounds_of(settings),
            settings.ssh.compression,
            settings.limits.stalled_seconds,
            settings.limits.ssh_suspended,
        )
        self._ssh_keys, self._close_ssh = door.fingerprints, door.close
        return open_all("ssh", settings.doors.ssh, partial(self._doors.open_ssh, take=door.accept))

    def _fingerprints(self) -> list[str]:
        """Return what clients see of this server's keys, a line each."""
        certificate = fingerprint(self._certificate.files.certificate)
        keys = [f"ssh host key {each}" for each in self._ssh_keys]
        return [f"certificate SHA-256 {certificate}", *keys]

    def _open_control(self) -> None:
        try:
            self._doors.open_control(self._settings.data_dir / SOCKET_NAME)
        except ListenError as error:
            self._has_control = False
            _log.warning("`hubbub account` and the like will not work", why=str(error))

    def _keep_control(self) -> bool:
        """Open the control socket anew where it was removed; say whether it was."""
        path = self._settings.data_dir / SOCKET_NAME
        if self._stopping.is_set() or not self._has_control or path.exists():
            return False
        self._open_control()
        return self._has_control

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGTERM, self._drain.terminate)
        loop.add_signal_handler(signal.SIGINT, self._stopping.set)
        loop.add_signal_handler(signal.SIGUSR1, self._drain.begin)
        loop.add_signal_handler(signal.SIGHUP, self._reload)
        take_up()

    def _reload(self) -> Reread:
        """Read the settings again, and let the service manager know."""
        with self._notifier.reloading():
            return self._reread()

    def _reread(self) -> Reread:
        """Take up what can change while the server runs; say what cannot, and what was refused."""
        try:
            settings = self._in_force.read(self._read_settings())
        except SettingsError as error:
            _log.error("settings not reread", error=str(error))
            now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
            self._settings_fault = (
                f"The settings were not reread, those before stay ({now}): {error}"
            )
            return Reread(refused=self._refused)
        self._steady.accept()
        needed = restart_needed(self._settings, settings)
        self._settings, self._settings_fault = settings, ""
        configure_log(settings.log)
        for notice in settings.notices:
            notice.tell(_log)
        self._mailer.route = mail_route_of(settings)
        self._certificate.in_use.check()
        self._adopt()
        self._hub.life.follow(self._in_force.shared())
        _log.info("settings reread", restart_needed_for=", ".join(needed) or "nothing")
        waiting = (f"These wait for a restart: {', '.join(needed)}",) if needed else ()
        return Reread(("The settings were reread", *waiting), self._refused)

    def _follow_all(self, settings: Settings, said: bool) -> None:
        """Go by what all nodes share by now, as somebody has `said` for all, or was brought in."""
        self._settings = settings
        self._adopt()
        self._hub.life.follow(self._in_force.shared(), said)

    def _look(self) -> None:
        self._collects.look()
        self._in_force.look(self._follow_all)

    def _journal_broke(self, reason: str) -> None:
        _log.critical("the journal failed", reason=reason)
        self._exit_code = 1
        self._stopping.set()


def _nothing() -> None:
    """Do nothing, where there is no SSH door to close, and no log that others might lead."""


def _port_to_send_to(opened: list[tuple[str, Address]]) -> int:
    """Return the port of the TLS door for those who came in clear, rather one beyond loopback."""
    doors = [address for kind, address in opened if kind == "tls"]
    beyond = [address for address in doors if not address.is_loopback]
    return (beyond or doors)[0].port if doors else 0
