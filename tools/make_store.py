"""Make a store of any size, to measure what grows with it: messages of about 60 bytes.

Words are as frequent as in a language (Zipf), with a rare one in every 50,000 messages; a tenth of
what is said is direct. The same numbers make the same store. Run:
python -m tools.make_store DIRECTORY --messages 1000000
"""

from __future__ import annotations

import argparse
import itertools
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from hubbub.core.records.accounts import AccountRegistered
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.channels import Kept
from hubbub.core.records.entries import AnyRecord, Body, Draft
from hubbub.core.records.messages import Said
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.rules import RULES
from hubbub.core.world.accounts import presence_of
from hubbub.journal.archive.filling import Filling
from hubbub.journal.archive.search.index import SLICE
from hubbub.journal.archive.store import Store
from hubbub.journal.log import DraftBatch, Ordered

CHANNELS = 1_000
ACCOUNTS = 10_000
BATCH = 2_000
WORDS = 50_000
RARE_EVERY = 50_000
LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
BEGUN = 1_700_000_000_000_000
FILE = "journal.sqlite"


class Talk:
    """Make up who says what where, the same each time."""

    def __init__(self, channels: int, accounts: int) -> None:
        """Draw the words, and how often each channel is talked in: as unequally as words are."""
        self._random = random.Random(14)  # noqa: S311 - nothing secret comes of it
        draw = self._random
        lengths = list(range(2, 10))
        self.words = [
            "".join(draw.choices(LETTERS, range(26, 0, -1), k=draw.choice(lengths)))
            for _ in range(WORDS)
        ]
        self._frequent = list(itertools.accumulate(1 / (rank + 1) for rank in range(WORDS)))
        self._busy = list(itertools.accumulate(1 / (rank + 10) for rank in range(channels)))
        self.channels = [f"#channel{number}" for number in range(channels)]
        self.accounts = [f"person{number}" for number in range(accounts)]

    def records(self) -> Iterator[AnyRecord]:
        """Give what there is before anybody speaks."""
        origin = Origin(SessionId(1, 1, 0), 0)
        yield NodeStarted(origin, RULES)
        yield Kept(origin, ("#channel*",))
        for account in self.accounts:
            yield AccountRegistered(origin, account, by="console")

    def messages(self, count: int) -> Iterator[Draft]:
        """Give so many messages."""
        draw = self._random
        for number in range(count):
            words = draw.choices(self.words, cum_weights=self._frequent, k=draw.randint(6, 12))
            if number % RARE_EVERY == RARE_EVERY - 1:
                words.append(f"needle{number // RARE_EVERY}")
            speaker = draw.randrange(len(self.accounts))
            account = self.accounts[speaker]
            origin = Origin(SessionId(1, 1, speaker + 1), number & 0xFFFF)
            source = f"{account}!user@a1b2c3d4e5.cloak"
            if draw.random() < 0.1:
                target = self.accounts[draw.randrange(len(self.accounts))]
                one, other = presence_of(account), presence_of(target)
                histories = tuple(dict.fromkeys((f"@{one}/{other}", f"@{other}/{one}")))
            else:
                (target,) = draw.choices(self.channels, cum_weights=self._busy)
                histories = (target,)
            said = Said(origin, source, account, "PRIVMSG", target, None, histories)
            yield Draft(said, Body(" ".join(words)))


def make(directory: Path, messages: int, channels: int, accounts: int) -> Path:
    """Make the store in a directory; return its file."""
    directory.mkdir(parents=True, exist_ok=True)
    store = Store(directory / FILE)
    connection = store.file.connection
    # Whoever kills it makes it anew.
    connection.execute("PRAGMA synchronous = OFF")
    filling = Filling(
        store.file, store.tombstones, store.index, store.sequencer.last_seq, lambda: None
    )
    talk = Talk(channels, accounts)
    drafts = itertools.chain(map(Draft, talk.records()), talk.messages(messages))
    now, done, number, begun = BEGUN, 0, 0, time.monotonic()
    while batch := list(itertools.islice(drafts, BATCH)):
        # About as long as a year for ten million.
        now += 3_000_000 * len(batch)
        number += 1
        ordered = Ordered(store.sequencer.position + 1, now, DraftBatch(0, 0, number, batch))
        entries = store.sequencer.sequence(ordered)
        filling.write(entries)
        filling.written(entries)
        while filling.search.behind >= SLICE:
            filling.search.slice()
        if filling.maintenance.is_pending():
            filling.maintenance.slice()
        done += len(batch)
        if sys.stderr.isatty() or done % 500_000 == 0:
            sys.stderr.write(f"\r{done:,} records, {time.monotonic() - begun:.0f} s")
            sys.stderr.flush()
    while filling.search.behind:
        filling.search.slice()
    filling.maintenance.finish()
    store.file.marks.write(filling.position, store.sequencer.stamps.clock, clean=True)
    store.file.close()
    sys.stderr.write("\n")
    return directory / FILE


def main() -> None:
    """Make the store that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--channels", type=int, default=CHANNELS)
    parser.add_argument("--accounts", type=int, default=ACCOUNTS)
    given = parser.parse_args()
    path = make(given.directory, given.messages, given.channels, given.accounts)
    size = path.stat().st_size
    sys.stdout.write(f"{path}: {size:,} bytes, {size / given.messages:.0f} a message\n")


if __name__ == "__main__":
    main()
