"""Building a node from its settings and running it; the one file that knows every room."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import hmac
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from hubbub import certificate as certificates
from hubbub.control import READY, SOCKET_NAME
from hubbub.core import isupport, snapshot
from hubbub.core.account_records import InviteMade
from hubbub.core.accounts import code_digest, shown_code
from hubbub.core.apply import apply, came_to_nothing
from hubbub.core.effects import Erase, HistoryEnded
from hubbub.core.policy import Policy
from hubbub.core.privileges import OWNER
from hubbub.core.records import ClockSetBack, Kept, NodeStarted, Origin, SessionId
from hubbub.core.world import World
from hubbub.data_directory import PASSING, DataDirectory
from hubbub.from_settings import bounds_of, mail_route_of, policy_of, ssh_bounds_of
from hubbub.health import DRAINING, JOURNAL_FAILED, JOURNAL_FULL, STARTING, HealthDoor
from hubbub.identity import Identity
from hubbub.irc.text import visible
from hubbub.journal.archive import SQLiteArchive
from hubbub.journal.port import Journal, JournalUnusable, JournalWaits
from hubbub.journal.sqlite import Recovery, SQLiteJournal
from hubbub.journal.steady import SteadyClock, span
from hubbub.log import configure_log
from hubbub.mailer import Mailer
from hubbub.node.cloak import cloak
from hubbub.node.clock import Clock
from hubbub.node.doors import Doors
from hubbub.node.hub import Hub
from hubbub.node.metrics import Parts
from hubbub.node.porter import Porter
from hubbub.node.proofs import Proofs, draw
from hubbub.node.workers import Workers
from hubbub.settings import Address, NotNow, Settings, SettingsError, restart_needed
from hubbub.transport.descriptors import raise_descriptor_limit
from hubbub.transport.errors import CertificateError, HostKeyError, ListenError
from hubbub.transport.proxies import Proxies
from hubbub.transport.tls import Certificates
from hubbub.vault import PasswordVault
from hubbub.vigil import Vigil

NODE: Final = 0
"""The number of the one node."""
STOP_SECONDS: Final = 1.0
"""How long clients have to take what they were told before a stopping server leaves them."""
JOURNAL: Final = "journal.sqlite"
FILES: Final = "files"
"""Under which name the journal remembers the files that belong to this server."""

COLLECT_AFTER: Final = (20_000, 20, 20)
"""How many new objects, and how many rounds of the younger generation, before a collection."""

_log = structlog.get_logger(room="serve")


def run(settings: Settings, reload: Callable[[], Settings], accept_loss: bool = False) -> int:
    """Serve until SIGTERM or Ctrl-C; return 0, or 1 when the journal failed.

    `reload` reads the settings again for SIGHUP and REHASH; `accept_loss` goes on without what is
    missing of the data. Raise SettingsError where something keeps the server from starting, NotNow
    where that may pass by itself.
    """
    configure_log(settings.log)
    with DataDirectory(settings.data_dir) as directory:
        try:
            return _runner()(_serve(settings, reload, directory, accept_loss))
        except JournalWaits as error:
            raise NotNow(str(error)) from None
        except (JournalUnusable, CertificateError, HostKeyError) as error:
            raise SettingsError(str(error)) from None


async def _serve(
    settings: Settings,
    reload: Callable[[], Settings],
    directory: DataDirectory,
    accept_loss: bool,
) -> int:
    raise_descriptor_limit()
    # First, so that whoever watches sees a long start begin, and does not take it for a server that
    # hangs; what takes long is read beside the loop meanwhile.
    health = HealthDoor(asyncio.get_running_loop())
    try:
        opened = _opened("health", settings.doors.health, health.open)
        stored = await asyncio.to_thread(_Stored, settings, accept_loss)
        return await _Node(settings, reload, directory, stored, health, opened).serve()
    finally:
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
        stored: _Stored,
        health: HealthDoor,
        opened: list[tuple[str, Address]],
    ) -> None:
        """Be ready to serve; `opened` says where the `health` door is open already."""
        self._settings = settings
        self._read_settings = reload
        self._stopping = asyncio.Event()
        self._exit_code = 0
        self._has_control = True
        self._tls_port = 0
        self._settings_fault = ""
        self._health, self._opened = health, opened
        clock, journal = stored.clock, stored.journal
        self._steady, self._journal, self._is_open = clock, journal, False
        files = stored.certificate
        self._certificate, self._certificate_end = files.certificate, 0.0
        self._certificates = Certificates(files.certificate, files.key)
        self._cloak_key = stored.cloak_key
        self._archive = SQLiteArchive(stored.path, journal.msgids, journal.hidden)
        bounds = bounds_of(settings)
        workers = self._workers = Workers(bounds.password_checks, bounds.password_queue)
        disguise = hmac.digest(self._cloak_key, b"scram", "sha256")
        proxies = Proxies(settings.doors.proxies)
        proofs = Proofs(PasswordVault(disguise), workers, self._archive, proxies)
        self._mailer = Mailer(mail_route_of(settings))
        self._started = datetime.now(UTC)
        self._hub = Hub(
            stored.world,
            self._policy(),
            bounds,
            journal,
            self._archive,
            proofs,
            NODE,
            journal.next_epoch(NODE),
            self._journal_broke,
            self._reload,
            self._mailer.send,
            clock,
        )
        self._hub.troubles.ask(self._archive.troubles)
        self._hub.troubles.mention(self._readiness)
        self._vigil = Vigil(
            clock, directory, self._hub.troubles, self._keep_control, self._journal_broke
        )
        self._certificates.changed = self._adopt
        self._doors = Doors(self._hub, self._cloak_key, proxies)
        self._porter = Porter(self._hub, self._cloak_key)
        self._clock = Clock(self._hub)
        self._ssh_keys: list[str] = []
        self._close_ssh: Callable[[], None] = _nothing
        journal.start(self._hub.committed, self._hub.failed)
        stored.undone.carry_out(journal)
        health.not_ready = self._not_ready

    def _not_ready(self) -> str:
        """Say in one word why newcomers had better go elsewhere, "" where they had not."""
        if self._hub.is_broken:
            return JOURNAL_FAILED
        if self._stopping.is_set():
            return DRAINING
        if not self._is_open:
            return STARTING
        return JOURNAL_FULL if self._journal.figures().is_full else ""

    def _readiness(self) -> dict[str, str]:
        word = self._not_ready()
        return {READY: f"no: {word}" if word else "yes"}

    def _show_metrics(self) -> None:
        """Let the health door, where it is open, show what is measured."""
        if not self._health.is_open:
            return
        # Imported here, for few servers have such a door and the library takes long to load.
        from hubbub.node.exposition import CONTENT_TYPE, Exposition

        hub = self._hub
        exposition = Exposition(
            Parts(
                isupport.VERSION,
                hub.world,
                hub.roster,
                hub.tally,
                hub.failed_logins,
                hub.guard,
                hub.troubles,
                hub.proofs,
                self._workers,
                self._journal,
                self._archive,
                self._doors.refused,
                self._vigil.late,
                self._end_of_certificate,
                self._not_ready,
            )
        )
        self._health.metrics = lambda: (exposition.render(), CONTENT_TYPE)

    def _end_of_certificate(self) -> float:
        """Return when the certificate ends that is shown; or the one before it did, if refused."""
        if not self._certificates.fault:
            with contextlib.suppress(OSError, ValueError):
                self._certificate_end = certificates.end_of(self._certificate)
        return self._certificate_end

    def _policy(self) -> Policy:
        """Return what the rules need of the settings, and of the doors that are open."""
        policy = policy_of(self._settings, self._started)
        shared = ("127.0.0.1", "::1", *policy.proxies)
        hosts = frozenset(cloak(self._cloak_key, address) for address in shared)
        faults = tuple(filter(None, (self._settings_fault, self._certificates.fault)))
        return replace(policy, tls_port=self._tls_port, shared_hosts=hosts, faults=faults)

    def _adopt(self) -> None:
        self._hub.adopt(self._policy(), bounds_of(self._settings))

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
            owner_code = await self._first_owner_code()
            self._clock.start()
            self._vigil.start()
            self._show_metrics()
            self._listen_to_signals()
            _tune_collector()
            self._is_open = True
            _greet(self._settings, opened, self._fingerprints(), owner_code)
            await self._stopping.wait()
        finally:
            self._clock.stop()
            self._vigil.stop()
            self._doors.close()
            await self._hub.stop(STOP_SECONDS)
            await self._mailer.stop()
            self._close_ssh()
            await self._archive.stop()
        return self._exit_code

    async def _begin(self) -> None:
        """End what this node's earlier start left behind, and settle what the operator keeps."""
        hub = self._hub
        applied = hub.world.applied
        hub.append(NodeStarted)
        channels = self._settings.channels
        keep, limit = channels.keep, channels.keep_limit
        if (hub.world.kept, hub.world.kept_limit) != (keep, limit):
            hub.append(lambda origin: Kept(origin, keep, limit))
        await hub.settle()
        if hub.world.applied == applied and not hub.is_broken:
            raise NotNow(
                f"data_dir {self._settings.data_dir} has no room left for the journal; make some, "
                "or choose another with --data"
            )

    def _open_doors(self) -> list[tuple[str, Address]]:
        """Open every door; return the kind and address of each. Raise SettingsError."""
        doors = self._settings.doors
        opened: list[tuple[str, Address]] = []
        context, origins = self._certificates.context, doors.websocket_origins
        web_context = self._certificates.context_for_browsers
        kinds: tuple[tuple[str, tuple[Address, ...], Callable[[str, int], int]], ...] = (
            ("tls", doors.tls, partial(self._doors.open, context=context)),
            ("plain", doors.plain, self._doors.open),
            ("wss", doors.wss, partial(self._doors.open_web, origins=origins, context=web_context)),
            ("websocket", doors.websocket, partial(self._doors.open_web, origins=origins)),
        )
        for kind, addresses, listen in kinds:
            opened += _opened(kind, addresses, listen)
        return opened

    def _open_ssh(self) -> list[tuple[str, Address]]:
        """Open the SSH doors, as above."""
        # Imported here, for its library takes longer to load than the rest of the server.
        from hubbub.terminal.ssh_door import SSHDoor

        settings = self._settings
        door = SSHDoor(
            self._doors,
            self._porter,
            settings.ssh.host_keys,
            settings.data_dir,
            ssh_bounds_of(settings),
            settings.ssh.compression,
            settings.limits.stalled_seconds,
            settings.limits.ssh_suspended,
        )
        self._ssh_keys, self._close_ssh = door.fingerprints, door.close
        return _opened("ssh", settings.doors.ssh, partial(self._doors.open_ssh, take=door.accept))

    def _fingerprints(self) -> list[str]:
        """Return what clients see of this server's keys, a line each."""
        certificate = certificates.fingerprint(self._certificate)
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

    async def _first_owner_code(self) -> str:
        """Return a code for the owner, made at the first start; "" later."""
        world = self._hub.world
        if world.accounts or world.invites:
            return ""
        (code,) = draw(1)
        self._hub.append(
            lambda origin: InviteMade(
                origin, code_digest(code), by="first start", grants=OWNER, note="owner code"
            )
        )
        # Whoever reads it finds that it can be used.
        await self._hub.settle()
        return shown_code(code)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stopping.set)
        loop.add_signal_handler(signal.SIGHUP, self._reload)

    def _reload(self) -> Sequence[str]:
        """Take up what can change while the server runs; say what cannot, and what was refused."""
        try:
            settings = self._read_settings()
        except SettingsError as error:
            _log.error("settings not reread", error=str(error))
            self._settings_fault = f"The settings were not reread, those before stay: {error}"
            self._adopt()
            return self._hub.policy.faults
        self._steady.accept()
        needed = restart_needed(self._settings, settings)
        self._settings, self._settings_fault = settings, ""
        configure_log(settings.log)
        self._mailer.route = mail_route_of(settings)
        self._certificates.check()
        self._adopt()
        _log.info("settings reread", restart_needed_for=", ".join(needed) or "nothing")
        waiting = (f"These wait for a restart: {', '.join(needed)}",) if needed else ()
        return ("The settings were reread", *waiting, *self._hub.policy.faults)

    def _journal_broke(self, reason: str) -> None:
        print(f"hubbub: the journal failed: {reason}", file=sys.stderr)  # noqa: T201
        self._exit_code = 1
        self._stopping.set()


class _Stored:
    """Read what a server left on its disk; it takes long where that is much.

    Raise SettingsError, JournalUnusable or what is raised where files cannot be used. This touches
    nothing of the event loop.
    """

    def __init__(self, settings: Settings, accept_loss: bool) -> None:
        """Read it."""
        path = self.path = settings.data_dir / JOURNAL
        identity = Identity(settings)
        if not accept_loss:
            identity.check_journal(path)
        clock = self.clock = SteadyClock()
        journal = self.journal = SQLiteJournal(path, clock, accept_loss)
        _set_right(journal, clock())
        clock.begin_after(journal.last_time)
        if not accept_loss:
            identity.check_files(journal.recall(FILES).split())
        self.certificate = certificates.certificate_files(settings)
        self.cloak_key = identity.cloak_key()
        journal.remember(FILES, " ".join(identity.present()))
        self.world, self.undone = _load(journal, path)


def _set_right(journal: SQLiteJournal, now: int) -> None:
    """Put right what was stored while the clock had leapt ahead, if it is right by now."""
    origin = Origin(SessionId(NODE, 0, 0), 0)
    moved = journal.set_back(now, lambda ahead, since: ClockSetBack(origin, ahead, since, now))
    if moved:
        _log.warning(
            "the machine's clock had been ahead: what was stored since has been moved back",
            by=span(moved),
        )


def _nothing() -> None:
    """Close no SSH door."""


def _opened(
    kind: str, addresses: Sequence[Address], listen: Callable[[str, int], int]
) -> list[tuple[str, Address]]:
    """Open the doors of one kind; return the kind and address of each. Raise SettingsError."""
    opened = []
    for address in addresses:
        try:
            port = listen(address.host, address.port)
        except ListenError as error:
            if address.optional and error.absent:
                continue
            mend = "stop what listens there, or set" if error.in_use else "set"
            # The one before may still be there, and the network of a booting machine not yet.
            passes = error.in_use or error.absent or error.code in PASSING
            raise (NotNow if passes else SettingsError)(
                f"doors.{kind} {address}: {error}; {mend} another address or port "
                f"(HUBBUB_DOORS__{kind.upper()}, or [doors] in the settings)"
            ) from None
        opened.append((kind, replace(address, port=port)))
    return opened


def _port_to_send_to(opened: list[tuple[str, Address]]) -> int:
    """Return the port of the TLS door for those who came in clear, rather one beyond loopback."""
    doors = [address for kind, address in opened if kind == "tls"]
    beyond = [address for address in doors if not address.is_loopback]
    return (beyond or doors)[0].port if doors else 0


def _tune_collector() -> None:
    """Let the cycle collector look at what is made from here on, and less often.

    What a start leaves behind stays for good, and nearly everything else goes by its count: a storm
    of a thousand connects would be gone through again and again for nothing.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()


@dataclass(slots=True)
class _Undone:
    """Hold what the process before may have died before it had the journal do.

    `ended` maps histories to the seqs at which they ended; the others are seqs.
    """

    ended: dict[str, int] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)

    def carry_out(self, journal: Journal) -> None:
        """Have it done; doing it twice does no harm."""
        for history, seq in self.ended.items():
            journal.forget(history, seq)
        for seq in self.refused:
            journal.refuse(seq)
        if self.erased:
            journal.erase(self.erased)


def _load(journal: SQLiteJournal, path: Path) -> tuple[World, _Undone]:
    """Return the World as the journal at `path` left it. Raise JournalUnusable."""
    world, recovery = _newest(journal, path)
    undone = _Undone()
    for entry in recovery.entries:
        outcomes = apply(world, entry)
        if came_to_nothing(entry, outcomes):
            undone.refused.append(entry.seq)
        for outcome in outcomes:
            if isinstance(outcome, HistoryEnded):
                undone.ended[outcome.history] = entry.seq
            elif isinstance(outcome, Erase):
                undone.erased += outcome.seqs
    world.applied = recovery.last_seq
    return world, undone


def _newest(journal: SQLiteJournal, path: Path) -> tuple[World, Recovery]:
    """Return the World of the newest snapshot that can be used, and what came after it."""
    reasons: list[str] = []
    for recovery in journal.recoveries():
        try:
            held = recovery.snapshot
            world = snapshot.decode(held) if held is not None else World()
        # Bytes that decode may still name users and channels that are not among them.
        except (snapshot.SnapshotUnusable, LookupError, ValueError) as error:
            reasons.append(f"snapshot {recovery.snapshot_seq}: {error}")
        else:
            if reasons:
                _log.warning("snapshot unusable, read more of the journal", reason=reasons[0])
            return world, recovery
    raise JournalUnusable(
        f"journal {path}: neither of its snapshots can be used ({'; '.join(reasons)}); run the "
        "hubbub that made them, restore a backup, or move the file away and begin anew"
    )


def _host(settings: Settings, door: Address) -> str:
    """Return the host by which people reach a door: of one on all addresses, the server's name."""
    if door.is_loopback:
        return "localhost"
    everywhere = door.host in ("0.0.0.0", "::")  # noqa: S104 - compared, not listened on
    return settings.name if everywhere else str(replace(door, port=0)).rpartition(":")[0]


def _greet(
    settings: Settings, opened: list[tuple[str, Address]], fingerprints: list[str], owner_code: str
) -> None:
    """Print where the doors are, how to join, and that the server is ready."""
    lines = [f"{settings.name} ({settings.network}), data in {settings.data_dir}"]
    lines += [f"  {kind:<9} {address}" for kind, address in opened]
    lines += [f"  {fingerprint}" for fingerprint in fingerprints]
    first = next((address for kind, address in opened if kind == "tls"), None)
    if first is not None:
        lines.append(f"  join with: hubbub chat ircs://{_host(settings, first)}:{first.port}/lobby")
    if owner_code:
        lines.append(f"  owner code {owner_code}: who registers an account with it is the owner")
    lines.append("ready")
    print("\n".join(map(visible, lines)), flush=True)  # noqa: T201
