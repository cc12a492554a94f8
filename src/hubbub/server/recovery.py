"""What a server left on its disk, read at its start: the World of its journal, and its keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import structlog

from hubbub.core import snapshot
from hubbub.core.apply import apply, came_to_nothing
from hubbub.core.errors import RulesUnknown, SnapshotUnusable
from hubbub.core.outcomes import Erase, EraseAccount, HistoryEnded, Revise
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.nodes import ClockSetBack
from hubbub.core.world.world import World
from hubbub.journal.database import ledger
from hubbub.journal.port import Journal, JournalUnusable, OpenedJournal, Recovery
from hubbub.journal.sqlite.journal import SQLiteJournal
from hubbub.journal.steady_clock import SteadyClock, span
from hubbub.server.certificate import ServedCertificate, certificate_files
from hubbub.server.identity import CLOAK_KEY, Identity, mark_of
from hubbub.settings import Settings, SettingsError
from hubbub.settings.secret_files import EXPOSED

JOURNAL: Final = "journal.sqlite"
FILES: Final = "files"
"""Under which name the journal remembers the files that belong to this server."""
NUMBER: Final = "node"
"""Under which name it remembers which node it is of, where that has been one of several."""
ALONE: Final = 0
"""The number of a node that has never been in a cluster."""
CLOAK: Final = "cloak"
"""Under which name it remembers with which key hosts have been hashed."""

_log = structlog.get_logger(__name__)


class Stored:
    """Read what the server of these settings left; that takes long where it is much.

    For any thread: nothing here touches an event loop. Raise SettingsError and JournalUnusable.
    """

    def __init__(self, settings: Settings, accept_loss: bool, node: int | None = None) -> None:
        """Read it, make what a first start needs; `accept_loss` goes on without what is gone.

        Without a number it is the node that the journal is of, by itself.
        """
        path = settings.data_dir / JOURNAL
        identity = Identity(settings)
        if not accept_loss:
            identity.check_journal(path)
        self.clock = clock = SteadyClock()
        self.journal = journal = SQLiteJournal(path, clock, accept_loss)
        self.node = node = int(journal.recall(NUMBER) or ALONE) if node is None else node
        if not journal.is_shared:
            # A time that all nodes have the same is none of theirs to put right.
            _set_right(journal, clock(), node)
        clock.begin_after(journal.last_time)
        if not accept_loss:
            identity.check_files(_known(journal))
        self.certificate = ServedCertificate(certificate_files(settings), settings.name)
        # Read here, where nobody waits for the library that it takes.
        self.certificate.end()
        self.cloak_key = identity.cloak_key()
        if settings.doors.ssh:
            # Imported here, for without such a door nobody needs its library.
            from hubbub.transport.ssh.host_keys import load_host_keys

            # Made before it is written down which files there are: the next start misses it, too.
            load_host_keys(settings.ssh.host_keys, settings.data_dir)
        for path_of_key in identity.exposed():
            _log.warning(EXPOSED, file=str(path_of_key))
        if not accept_loss:
            identity.check_cloak_key(self.cloak_key, journal.recall(CLOAK))
        journal.remember(CLOAK, mark_of(self.cloak_key))
        journal.remember(FILES, " ".join(identity.present()))
        self.world, self.undone = load(journal, path)
        self.restored = _restored(path, self.world)
        # Earlier versions counted the starts of a node beside the journal.
        self._counted = journal.counted_epoch(node)
        self.epoch = 0
        self.count_epoch()

    def count_epoch(self) -> None:
        """Count this start: it is the next after all that are known of, whatever came of them."""
        known = max(self._counted, self.journal.heard_epoch(self.node))
        self.epoch = max(self.world.next_epoch(self.node), known + 1)


def _known(journal: OpenedJournal) -> list[str]:
    """Return the files that belonged to this server at a start before."""
    # An older program wrote none of them down, and made a cloak key all the same.
    before = CLOAK_KEY if journal.last_time else ""
    return (journal.recall(FILES) or before).split()


def _set_right(journal: OpenedJournal, now: int, node: int) -> None:
    """Put right what was stored while the clock had leapt ahead, if it is right by now."""
    origin = Origin(SessionId(node, 0, 0), 0)
    moved = journal.set_back(now, lambda ahead, since: ClockSetBack(origin, ahead, since, now))
    if moved:
        _log.warning(
            "the machine's clock had been ahead: what was stored since has been moved back",
            by=span(moved),
        )


def _restored(path: Path, world: World) -> list[str]:
    """Return the accounts whose words a backup of before has brought back."""
    try:
        names = ledger.read(path)
    except OSError as error:
        raise SettingsError(f"{ledger.ledger_of(path)} cannot be read: {error.strerror}") from None
    known = [world.accounts.get(name) for name in names]
    return [account.name for account in known if account is not None and not account.erased]


@dataclass(slots=True)
class Undone:
    """Hold what the process before may have died before it had the journal do.

    `ended` maps histories to the seqs at which they ended, `accounts` those that are to be erased;
    `revised` are those that got another body, the others are seqs.
    """

    ended: dict[str, int] = field(default_factory=dict)
    refused: list[int] = field(default_factory=list)
    erased: list[int] = field(default_factory=list)
    revised: list[Revise] = field(default_factory=list)
    accounts: dict[str, int] = field(default_factory=dict)

    def apply(self, world: World, entry: Entry) -> None:
        """Apply an entry whose outcomes concern nobody any more, but what is to be done to it.

        Raise RulesUnknown.
        """
        outcomes = apply(world, entry)
        if came_to_nothing(entry, outcomes):
            self.refused.append(entry.seq)
        for outcome in outcomes:
            if isinstance(outcome, HistoryEnded):
                upto = entry.seq if outcome.upto is None else outcome.upto
                self.ended[outcome.history] = max(upto, self.ended.get(outcome.history, 0))
            elif isinstance(outcome, Erase):
                self.erased += outcome.seqs
            elif isinstance(outcome, Revise):
                self.revised.append(outcome)
            elif isinstance(outcome, EraseAccount):
                self.accounts[outcome.account] = entry.seq

    def carry_out(self, journal: Journal) -> None:
        """Have it done; doing it twice does no harm."""
        for history, seq in self.ended.items():
            journal.forget(history, seq)
        for seq in self.refused:
            journal.refuse(seq)
        for one in self.revised:
            journal.revise(one.seq, one.by, one.keeps)
        if self.erased:
            journal.erase(self.erased)
        for account, seq in self.accounts.items():
            journal.erase_account(account, seq)


def load(journal: OpenedJournal, path: Path) -> tuple[World, Undone]:
    """Return the World as the journal at `path` left it. Raise JournalUnusable."""
    world, recovery = _newest(journal, path)
    undone = Undone()
    for entry in recovery.entries:
        try:
            undone.apply(world, entry)
        except RulesUnknown as error:
            raise JournalUnusable(f"journal {path}: {error}") from None
    world.applied = recovery.last_seq
    return world, undone


def _newest(journal: OpenedJournal, path: Path) -> tuple[World, Recovery]:
    """Return the World of the newest snapshot that can be used, and what came after it."""
    reasons: list[str] = []
    for recovery in journal.recoveries():
        try:
            held = recovery.snapshot
            world = snapshot.decode(held) if held is not None else World()
        # Bytes that decode may still name users and channels that are not among them.
        except (SnapshotUnusable, LookupError, ValueError) as error:
            reasons.append(f"snapshot {recovery.snapshot_seq}: {error}")
        else:
            if reasons:
                _log.warning("snapshot unusable, read more of the journal", reason=reasons[0])
            return world, recovery
    raise JournalUnusable(
        f"journal {path}: neither of its snapshots can be used ({'; '.join(reasons)}); run the "
        "hubbub that made them, restore a backup, or move the file away and begin anew"
    )
