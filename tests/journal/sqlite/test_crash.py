"""The journal of a process that was killed, on a disk that is full, on a disk that fails."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hubbub.core.records.entries import Entry
from hubbub.journal.questions import Page
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, Keeper

ROOT = Path(__file__).parents[3]
KILLS = 6


def kill_one(path: Path, mark: str, size: int) -> list[tuple[int, str]]:
    """Start an appender, kill it after it has said so many bytes, and return what it said."""
    command = [sys.executable, "-m", "tests.journal.sqlite.appender", str(path), mark]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as appender:
        assert appender.stdout is not None
        said = appender.stdout.read(size)
        appender.kill()
        said += appender.stdout.read()
    assert appender.returncode == -9
    whole = said[: said.rindex(b"\n") + 1].decode()
    pairs = [line.split() for line in whole.splitlines()]
    return [(int(seq), text) for seq, text in pairs]


def read_all(path: Path) -> list[Entry]:
    async def read() -> list[Entry]:
        journal = SQLiteJournal(path)
        list(journal.load().entries)
        Keeper(journal)
        archive = journal.archive()
        found = await archive.page(Page("#a", 1_000_000, EVERYTHING))
        await journal.stop()
        await archive.stop()
        return found

    return asyncio.run(read())


def test_what_was_handed_back_survives_a_kill(path: Path) -> None:
    chance = random.Random(4)
    durable: list[tuple[int, str]] = []
    for kill in range(KILLS):
        durable += kill_one(path, str(kill), chance.randrange(1, 60_000))
        entries = read_all(path)
        found = [(entry.seq, entry.body.text) for entry in entries if entry.body is not None]
        present = set(found)
        assert [pair for pair in durable if pair not in present] == []
        assert len({text for _, text in found}) == len(found)
        for each in range(kill + 1):
            ours = [int(text.split("-")[1]) for _, text in found if text.startswith(f"{each}-")]
            assert (
                ours == [number for number in range(1, len(ours) * 2) if number % 10][: len(ours)]
            )
    assert len(durable) > KILLS


FULL = """
import asyncio, json, os, sys
from pathlib import Path
from hubbub.journal.questions import Page
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import EVERYTHING, Keeper, said

async def main(folder):
    filler = folder / "filler"
    filler.write_bytes(bytes(1024 * 1024))
    path = folder / "journal"
    journal = SQLiteJournal(path)
    keeper = Keeper(journal)
    for _ in range(10_000):
        await keeper.keep(*[said("x" * 300, "#a")] * 20)
        if keeper.failures:
            break
    failed = len(keeper.failures)
    written = len(keeper.entries)
    filler.unlink()
    (entry,) = await keeper.keep(said("room again", "#a"))
    await journal.stop()
    journal = SQLiteJournal(path)
    archive = journal.archive()
    Keeper(journal)
    page = await archive.page(Page("#a", 100_000, EVERYTHING))
    await journal.stop()
    await archive.stop()
    print(json.dumps({
        "kinds": sorted({type(error).__name__ for _, error in keeper.failures}),
        "failed": failed, "written": written, "next": entry.seq,
        "same": page == keeper.entries,
    }))

asyncio.run(main(Path(sys.argv[1])))
"""


def test_a_full_disk_refuses_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    mount = 'mount -t tmpfs -o size=2m none "$1"'
    unshare = ["unshare", "--mount", "--map-root-user", "sh", "-c"]
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed: no small disk can be mounted")
    trial = subprocess.run([*unshare, mount, "sh", tmp_path], capture_output=True, check=False)
    if trial.returncode:
        pytest.skip(f"no small disk can be mounted: {trial.stderr.decode().strip()}")
    script = f'{mount} && exec "$2" -c "$3" "$1"'
    run = subprocess.run(
        [*unshare, script, "sh", tmp_path, sys.executable, FULL],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["kinds"] == ["JournalFull"]
    assert told["failed"] == 20
    assert told["written"] > 100
    assert told["next"] == told["written"] + 1
    assert told["same"]


BROKEN = """
import asyncio, json, resource, sys
from pathlib import Path
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, said

async def main(path):
    journal = SQLiteJournal(path)
    keeper = Keeper(journal)
    await keeper.keep(said("before", "#a"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 400_000))
    for _ in range(1_000):
        await keeper.keep(*[said("x" * 300, "#a")] * 20)
        if keeper.failures:
            break
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
    written = len(keeper.entries)
    await keeper.keep(said("after", "#a"))
    journal.refuse(1)
    await journal.stop()
    error = keeper.failures[-1][1]
    print(json.dumps({
        "kinds": sorted({type(error).__name__ for _, error in keeper.failures}),
        "failed": len(keeper.failures), "more": len(keeper.entries) - written,
        "sentence": str(error),
    }))

asyncio.run(main(Path(sys.argv[1])))
"""


def test_after_an_error_of_the_disk_nothing_more_is_written(path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", BROKEN, str(path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert told["kinds"] == ["JournalBroken"]
    assert told["failed"] == 21
    assert told["more"] == 0
    assert "journal.sqlite could not be written" in told["sentence"]
    (before, *_) = read_all(path)
    assert before.body is not None
    assert before.body.text == "before"
