"""What a start makes of what the process before left behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw
import msgspec
import pytest

from hubbub.core import snapshot
from hubbub.core.records.accounts import AccountRegistered
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Draft, Entry
from hubbub.core.records.messages import Erased
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.records.users import Connected, Disconnected
from hubbub.core.rules import FIRST_RULES, RULES
from hubbub.core.world.world import World
from hubbub.journal.port import JournalUnusable
from hubbub.journal.sqlite.journal import SQLiteJournal
from hubbub.server.identity import CERTIFICATE, CLOAK_KEY, SSH_KEY, TLS_KEY, Identity
from hubbub.server.recovery import FILES, JOURNAL, Stored, load
from hubbub.settings import Settings, SettingsError
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.journal.keeper import ORIGIN, Keeper, ManualClock, joined, kept, said

CONNECTED = Draft(Connected(ORIGIN, "ann", "ann", "host", "Ann"))
GONE = Draft(Disconnected(ORIGIN, "ann!ann@host", "gone"))
YEAR = 365 * 86_400 * 1_000_000


def keep(path: Path, *drafts: Draft, snapshots: tuple[bytes, ...] = ()) -> list[Entry]:
    """Be a process that keeps these and dies before it does anything else with them."""

    async def live() -> list[Entry]:
        journal = SQLiteJournal(path, clock)
        keeper = Keeper(journal)
        for number, data in enumerate(snapshots, 1):
            journal.save_snapshot(number, data)
        entries = await keeper.keep(*drafts)
        await journal.stop()
        return entries

    clock = ManualClock()
    return asyncio.run(live())


@contextmanager
def loaded(path: Path) -> Iterator[tuple[World, dict[str, int], list[int], list[int]]]:
    """Yield the World that a start finds, and what it has yet to have done."""
    journal = SQLiteJournal(path)
    try:
        world, undone = load(journal, path)
        yield world, undone.ended, undone.refused, undone.erased
    finally:
        asyncio.run(journal.stop())


def start(settings: Settings, accept_loss: bool = False) -> Stored:
    """Read all that there is, and let go of it."""
    stored = Stored(settings, accept_loss, 1)
    asyncio.run(stored.journal.stop())
    return stored


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / JOURNAL


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data_dir": str(tmp_path)})


def test_the_world_is_what_the_entries_made_true(path: Path) -> None:
    entries = keep(path, kept("#a"), CONNECTED, joined("#a", "#a"), said("hello", "#a"))
    with loaded(path) as (world, ended, refused, erased):
        assert list(world.channels) == ["#a"]
        assert world.applied == entries[-1].seq
        assert (ended, refused, erased) == ({}, [], [])


def test_what_the_process_before_did_not_get_to_is_remembered(path: Path) -> None:
    entries = keep(
        path,
        kept("#a"),
        CONNECTED,
        joined("#a", "#a"),
        said("heard", "#a"),
        GONE,
        said("unheard", "#a"),
        kept(),
        Draft(Erased(ORIGIN, (4,))),
    )
    seqs = [entry.seq for entry in entries]
    with loaded(path) as (world, ended, refused, erased):
        assert not world.channels
        assert ended == {"@g:1.2.3/*": seqs[4], "#a": seqs[6]}
        assert refused == [seqs[5]]
        assert erased == [4]


def test_what_is_done_once_is_done_for_good(path: Path) -> None:
    keep(path, CONNECTED, GONE, said("unheard", "#a"), said("secret", "#a"))

    async def go_on() -> list[int]:
        journal = SQLiteJournal(path)
        undone = load(journal, path)[1]
        undone.erased.append(4)
        keeper = Keeper(journal)
        for _ in range(2):
            undone.carry_out(journal)
        await keeper.keep(kept("#a"))
        await journal.stop()
        return undone.refused

    assert asyncio.run(go_on()) == [3, 4]
    assert b"secret" not in path.read_bytes()
    with loaded(path) as (_, _, refused, _):
        assert refused == []


def test_a_snapshot_is_gone_on_from(path: Path) -> None:
    world = World()
    world.most_users = 7
    keep(path, kept("#b"), CONNECTED, snapshots=(snapshot.encode(world),))
    with loaded(path) as (found, *_):
        assert found.most_users == 7
        assert "ann" in found.users


@pytest.mark.parametrize("bad", [b"", b"nonsense", snapshot.encode(World())[:-1]])
def test_where_the_newest_snapshot_is_bad_more_of_the_journal_is_read(
    path: Path, bad: bytes
) -> None:
    keep(path, kept("#a"), CONNECTED, snapshots=(bad,))
    with loaded(path) as (world, *_):
        assert world.kept == ("#a",)
        assert "ann" in world.users


def test_where_none_can_be_used_it_is_said_what_to_do(path: Path) -> None:
    keep(path, *(kept("#a") for _ in range(3)), snapshots=(b"one", b"two"))
    journal = SQLiteJournal(path)
    with pytest.raises(JournalUnusable, match=r"snapshot 2: .*snapshot 1: .*restore a backup"):
        load(journal, path)
    asyncio.run(journal.stop())


def test_a_first_start_makes_what_belongs_to_the_server(settings: Settings) -> None:
    stored = start(settings)
    assert not stored.world.users
    assert len(stored.cloak_key) == 32
    assert stored.certificate.files.self_signed
    journal = SQLiteJournal(settings.data_dir / JOURNAL)
    assert set(journal.recall(FILES).split()) >= {CLOAK_KEY, CERTIFICATE, TLS_KEY}
    asyncio.run(journal.stop())
    assert start(settings).cloak_key == stored.cloak_key


@pytest.mark.parametrize("name", [JOURNAL, CLOAK_KEY, CERTIFICATE, TLS_KEY, SSH_KEY])
def test_what_is_gone_is_not_made_anew_unless_one_accepts_that(
    settings: Settings, name: str
) -> None:
    start(settings)
    for file in settings.data_dir.glob(f"{name}*"):
        file.unlink()
    if name == JOURNAL:
        with pytest.raises(SettingsError, match="--accept-loss"):
            start(settings)
    else:
        with pytest.raises(SettingsError, match=rf"{name} is missing.*--accept-loss"):
            start(settings)
    assert not (settings.data_dir / name).exists()


def test_a_file_that_was_never_here_is_not_missed(settings: Settings) -> None:
    doors = settings.doors.model_copy(update={"ssh": ()})
    start(settings.model_copy(update={"doors": doors}))
    assert not (settings.data_dir / SSH_KEY).exists(), "without an SSH door nobody needs it"
    start(settings)
    assert (settings.data_dir / SSH_KEY).exists()


def test_an_older_journal_that_knows_of_no_files_misses_its_cloak_key(settings: Settings) -> None:
    start(settings)
    keep(settings.data_dir / JOURNAL, CONNECTED)
    journal = SQLiteJournal(settings.data_dir / JOURNAL)
    journal.remember(FILES, "")
    asyncio.run(journal.stop())
    (settings.data_dir / CLOAK_KEY).unlink()
    with pytest.raises(SettingsError, match=r"cloak\.key is missing.*--accept-loss"):
        start(settings)


def test_times_of_a_clock_that_was_ahead_are_put_right(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = settings.data_dir / JOURNAL
    clock = ManualClock()

    async def live(at: int, *drafts: Draft) -> None:
        journal = SQLiteJournal(path, clock)
        clock.now = at
        await Keeper(journal).keep(*drafts)
        await journal.stop()

    now = clock.now
    asyncio.run(live(now, CONNECTED))
    asyncio.run(live(now + YEAR, Draft(AccountRegistered(ORIGIN, "bob"))))
    monkeypatch.setattr("hubbub.server.recovery.SteadyClock", lambda: Steady(now + 1_000_000))
    stored = start(settings, accept_loss=True)
    assert abs(stored.world.accounts["bob"].registered - now // 1_000_000) < 120


class Steady:
    """Be a clock that stands still."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now

    def begin_after(self, last: int) -> None:
        """Take the time as it is."""
        assert last < self.now + YEAR // 2, "what was ahead is put right before"


# A whole server


def lived_in(place: Path) -> Path:
    """Return a data directory with the key that whoever wrote a journal there has made."""
    data = place / "data"
    data.mkdir(mode=0o700)
    Identity(Settings(data_dir=data)).cloak_key()
    return data


def test_what_ended_unforgotten_is_forgotten_at_the_start(tmp_path: Path) -> None:
    data = lived_in(tmp_path)

    async def die_too_early() -> None:
        journal = SQLiteJournal(data / "journal.sqlite")
        await Keeper(journal).keep(
            kept("#a"),
            Draft(Connected(ORIGIN, "ann", "ann", "host", "Ann")),
            joined("#a", "#a"),
            said("ended", "#a"),
            Draft(Disconnected(ORIGIN, "ann!ann@host", "gone")),
            kept(),
            kept("#a"),
            Draft(Connected(ORIGIN, "ann", "ann", "host", "Ann")),
            joined("#a", "#a"),
            said("begun anew", "#a"),
        )
        await journal.stop()

    asyncio.run(die_too_early())
    server = Server(data, HUBBUB_CHANNELS__KEEP='["#a"]')
    with server, Client(server.ports["plain"]) as bob:
        bob.register("bob", "batch", "draft/chathistory").join("#a")
        bob.send("CHATHISTORY LATEST #a * 10")
        bob.until(lambda m: m.command == "BATCH")
        assert bob.next().params == ("#a", "begun anew")


def test_what_was_refused_unmarked_is_not_shown_after_the_start(tmp_path: Path) -> None:
    data = lived_in(tmp_path)

    async def die_before_the_mark() -> None:
        journal = SQLiteJournal(data / "journal.sqlite")
        await Keeper(journal).keep(
            kept("#a"),
            Draft(Connected(ORIGIN, "ann", "ann", "host", "Ann")),
            joined("#a", "#a"),
            said("heard", "#a"),
            Draft(Disconnected(ORIGIN, "ann!ann@host", "gone")),
            said("unheard", "#a"),
        )
        await journal.stop()

    asyncio.run(die_before_the_mark())
    server = Server(data, HUBBUB_CHANNELS__KEEP='["#a"]')
    with server, Client(server.ports["plain"]) as ann:
        ann.register("ann", "batch", "draft/chathistory").join("#a")
        ann.send("CHATHISTORY LATEST #a * 10")
        ann.until(lambda m: m.command == "BATCH")
        assert ann.next().params == ("#a", "heard")
        assert ann.next().command == "BATCH"


def test_what_was_to_be_erased_is_erased_at_the_start(tmp_path: Path) -> None:
    data = lived_in(tmp_path)

    async def die_before_it_is_erased() -> None:
        journal = SQLiteJournal(data / "journal.sqlite")
        keeper = Keeper(journal)
        (entry,) = await keeper.keep(said("whisper", "#a"))
        await keeper.keep(Draft(Erased(ORIGIN, (entry.seq,))))
        await journal.stop()

    asyncio.run(die_before_it_is_erased())
    with Server(data):
        pass
    assert not any(b"whisper" in file.read_bytes() for file in data.iterdir())


def test_a_journal_of_before_goes_on_with_its_next_start(settings: Settings) -> None:
    """Then the starts were counted beside the journal, and the snapshot knows of no node."""
    path = settings.data_dir / JOURNAL
    old = msgspec.msgpack.decode(snapshot.encode(World()))
    keep(path, kept("#a"), kept("#b"), snapshots=(msgspec.msgpack.encode(old[:18]),))
    connection = apsw.Connection(str(path))
    connection.execute("INSERT INTO meta VALUES ('epoch of node 1', 7)")
    connection.execute("UPDATE meta SET value = 3 WHERE name = 'records'")
    connection.close()
    stored = start(settings, accept_loss=True)
    assert (stored.epoch, stored.world.rules, stored.world.kept) == (8, FIRST_RULES, ("#b",))


def test_the_world_counts_the_starts(path: Path) -> None:
    started = [Draft(NodeStarted(Origin(SessionId(1, epoch, 0), 0), RULES)) for epoch in (1, 2)]
    keep(path, *started)
    with loaded(path) as (world, *_):
        assert (world.next_epoch(1), world.next_epoch(2)) == (3, 1)


def test_a_journal_of_newer_rules_is_not_gone_on_with(path: Path) -> None:
    keep(path, Draft(NodeStarted(Origin(SessionId(1, 1, 0), 0), RULES + 1)))
    with pytest.raises(JournalUnusable, match="goes by rules"), loaded(path):
        pass
