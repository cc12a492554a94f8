"""Measure searches of a store: how long each takes, and what the index costs on the disk.

Run it on what tools.make_store has made: python -m tools.measure_search DIRECTORY
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

import apsw

from hubbub.core.searching.language import parse
from hubbub.core.world.accounts import presence_of
from hubbub.journal.archive.reader import SQLiteArchive
from hubbub.journal.archive.store import Store
from hubbub.journal.questions import SearchPlace, SearchQuestion
from tools.make_store import BEGUN, FILE, RARE_EVERY, Talk

TIMES = 9
"""How often each is asked."""
LIMIT = 50


def tell(text: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{text}\n")


def places(talk: Talk, first: int, count: int) -> tuple[SearchPlace, ...]:
    """Return what somebody may read who is in so many channels."""
    direct = SearchPlace(f"@{presence_of('person7')}/*")
    return (direct, *map(SearchPlace, talk.channels[first : first + count]))


def questions(
    talk: Talk, messages: int, last: int
) -> dict[str, tuple[str, tuple[SearchPlace, ...]]]:
    """Return what is asked: the words, and where."""
    common, other, middling = talk.words[0], talk.words[1], talk.words[500]
    rare = f"needle{max(0, messages // RARE_EVERY // 2 - 1)}"
    everywhere, many = (SearchPlace("*"),), places(talk, 0, 50)
    few, quiet = places(talk, len(talk.channels) - 3, 3), (SearchPlace("#nobody-talks-here"),)
    late = tuple(SearchPlace(name, last - 1_000) for name in talk.channels[:50])
    closed = tuple(
        SearchPlace(name, 0, tuple((at, at + last // 40) for at in range(0, last, last // 32)))
        for name in talk.channels[:20]
    )
    return {
        "a rare word, all of it": (rare, everywhere),
        "a rare word, 50 channels": (rare, many),
        "a common word, all of it": (common, everywhere),
        "a common word, 50 channels": (common, many),
        "a common word, 3 quiet channels": (common, few),
        "a common word, a channel without it": (common, quiet),
        "a common word, 50 channels joined late": (common, late),
        "a common word, 20 channels often closed": (common, closed),
        "two common words": (f"{common} {other}", many),
        "a phrase of common words": (f'"{common} {other}"', many),
        "one common word and not another": (f"{common} -{other}", many),
        "what one said": (f"from:person42 {middling}", many),
        "all that one said": ("from:person42", many),
        "a month, a common word": (f"on:2023-12 {common}", many),
        "a beginning of two letters": (f"{common[:2]}*", many),
        "a word that nobody said": ("nobodyeversaidthis", many),
    }


async def measure(path: Path) -> None:
    """Ask each question some times, the first time apart: with nothing in memory yet."""
    store = Store(path)
    archive: SQLiteArchive = store.reader()
    last = store.sequencer.last_seq
    count = store.file.connection.execute("SELECT count(*) FROM history WHERE said = 1").get
    tell(f"{last:,} records, {count:,} places of messages; {LIMIT} hits at most\n")
    talk = Talk(1_000, 10_000)
    for name, (text, where) in questions(talk, last, last).items():
        taken, hits = [], 0
        for _ in range(TIMES):
            asked = SearchQuestion(parse(text, BEGUN), where, LIMIT, last)
            begun = time.perf_counter()
            found = await archive.find(asked)
            taken.append((time.perf_counter() - begun) * 1000)
            hits = len(found.hits)
        first, *rest = taken
        rest.sort()
        cut = "  CUT" if found.is_cut else ""
        tell(
            f"{name:42} {hits:3} hits  first {first:7.1f} ms  then {rest[len(rest) // 2]:7.1f}{cut}"
        )
    await archive.stop()
    store.file.close()


def sizes(path: Path) -> None:
    """Print how many bytes of the file belong to what."""
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READONLY)
    messages = int(str(connection.execute("SELECT max(seq) FROM record").get))
    rows = connection.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name")
    kinds: dict[str, int] = {}
    for name, size in rows:
        kind = "index of words" if str(name).startswith("search") else str(name)
        kinds[kind] = kinds.get(kind, 0) + int(str(size))
    tell("\nbytes a record")
    for kind, size in sorted(kinds.items(), key=lambda one: -one[1])[:6]:
        tell(f"{kind:20} {size / messages:6.1f}")
    tell(f"{'all':20} {sum(kinds.values()) / messages:6.1f}")


def main() -> None:
    """Measure the store of a directory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    path = parser.parse_args().directory / FILE
    asyncio.run(measure(path))
    sizes(path)


if __name__ == "__main__":
    main()
