"""What each released program left is gone on with, whatever happens to the start that does it."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import apsw
import pytest

from hubbub.core.records.messages import Said
from hubbub.core.world.world import World
from hubbub.journal.database.migrations import STEPS
from hubbub.journal.port import JournalUnusable
from hubbub.journal.questions import Page
from hubbub.journal.sqlite.journal import SQLiteJournal
from hubbub.keeping.examining import examine_file
from hubbub.server.recovery import load
from tests.journal import behind
from tests.journal.keeper import EVERYTHING, Keeper, said, texts
from tests.journal.released.record import BACK, SAID
from tests.keeping.conftest import silent
from tests.keeping.steps import full_at, killed_at

KEPT = sorted(Path(__file__).parent.glob("schema-*.sqlite"))
OLDER = KEPT[: len(STEPS) - 1]
STILL = [text for number, text in enumerate(SAID) if number != BACK]


@pytest.fixture
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Return a copy of the journal that a test is about."""
    return Path(shutil.copy(request.param, tmp_path / "journal.sqlite"))


def take_up(path: Path) -> None:
    """Be a start that has a look and stops."""
    asyncio.run(SQLiteJournal(path).stop())


async def read(path: Path) -> tuple[World, list[str], list[str]]:
    """Return the World, what can be read in #lobby, and what was said to ann, of one start."""
    journal = SQLiteJournal(path)
    world, undone = load(journal, path)
    keeper, archive = Keeper(journal), journal.archive()
    undone.carry_out(journal)
    await keeper.keep(said("goes on", "#lobby"))
    lobby = await archive.page(Page("#lobby", 100, EVERYTHING, latest=False))
    direct = await archive.latest(["@a:ann/*"], -1, EVERYTHING, 10, EVERYTHING)
    entries = await archive.entries([newest.seq for newest in direct])
    await archive.stop()
    await journal.stop()
    assert all(isinstance(entry.record, Said) for entry in lobby)
    return world, texts(lobby), texts(entries)


def is_whole(path: Path) -> None:
    """See that everything is there that was, and nothing that was taken back."""
    world, lobby, direct = asyncio.run(read(path))
    assert lobby == [*STILL, "goes on"]
    assert direct == ["thanks"]
    assert world.channels["#lobby"].kept
    assert world.accounts["ann"].credential("password") is not None
    assert not behind.held(path, SAID[BACK].encode() + b'"')
    assert behind.rows(path, "PRAGMA user_version") == [(len(STEPS),)]
    assert examine_file(path, silent) == []


@pytest.mark.parametrize("path", KEPT, indirect=True, ids=lambda path: path.stem)
def test_it_is_gone_on_with(path: Path) -> None:
    is_whole(path)


@pytest.mark.parametrize("path", OLDER, indirect=True, ids=lambda path: path.stem)
def test_killed_at_any_step_the_next_start_finishes_it(path: Path, tmp_path: Path) -> None:
    step = 1
    while killed_at(step, tmp_path, lambda: take_up(path)):
        connection = apsw.Connection(str(path))
        version = connection.execute("PRAGMA user_version").get
        # A step is there whole or not at all.
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        has_leads = connection.execute(
            "SELECT 1 FROM pragma_table_info('record') WHERE name = 'lead'"
        ).get
        connection.close()
        assert isinstance(version, int)
        assert bool(has_leads) == (version > 1)
        step += 1
    assert step > 5
    is_whole(path)


@pytest.mark.parametrize("path", OLDER, indirect=True, ids=lambda path: path.stem)
def test_on_a_disk_that_is_full_at_any_step_it_is_as_it_was(path: Path, tmp_path: Path) -> None:
    step, is_full = 1, True
    while is_full:
        try:
            is_full = full_at(step, tmp_path, lambda: take_up(path))
            # A stop that finds no room leaves the rest to the next start.
            step += 1
        except (JournalUnusable, apsw.FullError) as error:
            assert "room" in str(error) or "full" in str(error)  # noqa: PT017
            step += 1
    assert step > 5
    is_whole(path)


def test_there_is_one_of_each_schema_before_this_one() -> None:
    """A new step wants the journal of the program before it: see the package's docstring."""
    assert [path.stem for path in KEPT][: len(STEPS)] == [
        f"schema-{number}" for number in range(1, min(len(STEPS), len(KEPT)) + 1)
    ]
    assert len(KEPT) >= len(STEPS) - 1
