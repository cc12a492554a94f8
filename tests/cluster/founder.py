"""A member of a cluster, as far as files go, and the directory of a node that is to join it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from hubbub.cluster import bundle as bundles
from hubbub.cluster import token as tokens
from hubbub.cluster.bundle import CLOAK_KEY, Bundle
from hubbub.cluster.errors import ClusterError
from hubbub.cluster.founding import found
from hubbub.cluster.members import Member, Shared, number_for, write_shared
from hubbub.cluster.token import Token
from hubbub.journal.database.duplicate import examine
from hubbub.journal.sqlite.journal import SQLiteJournal
from tests.journal.keeper import Keeper, said

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
HOSTS = ("localhost", "127.0.0.1")
SECRET = bytes(range(16))


class Founder:
    """A data directory with a journal and the keys of a cluster."""

    def __init__(self, data_dir: Path) -> None:
        data_dir.mkdir()
        self.data_dir, self.journal = data_dir, data_dir / "journal.sqlite"
        self.door = "127.0.0.1:1"

    async def make(self, texts: int = 3, size: int = 10) -> None:
        """Write some messages of so many characters, the files of a server, and found a cluster."""
        journal = SQLiteJournal(self.journal)
        keeper = Keeper(journal)
        await keeper.keep(*(said(f"{number} ".ljust(size, "x"), "#a") for number in range(texts)))
        await journal.stop()
        (self.data_dir / CLOAK_KEY).write_bytes(b"c" * 32)
        (self.data_dir / "ssh_host_ed25519_key").write_text("an SSH key")
        self.shared = found(
            self.data_dir, self.journal, ("a", "127.0.0.1:1", self.door), HOSTS, NOW
        )

    async def admit(self, name: str, route: str, door: str) -> Bundle:
        """Give a bundle to whoever comes, but to nobody called `twin`."""
        if name == "twin":
            raise ClusterError("there is a member of that name; choose another one")
        number = number_for(each.number for each in self.shared.members)
        member = Member(number, name, route, door)
        bundle = bundles.collect(self.data_dir, self.shared, member, b"c" * 32)
        self.shared = self.shared.with_members([member])
        return bundle

    def token(self, seconds: float = 60, now: float = 0.0) -> Token:
        """Issue a token."""
        tokens.issue(self.data_dir, SECRET, now, seconds)
        return Token(self.fingerprint(), SECRET)

    def fingerprint(self) -> bytes:
        """Return by what it is known at its door."""
        return bundles.fingerprint(self.data_dir)

    def last_seq(self) -> int:
        """Return how far its journal goes."""
        return examine(self.journal).seq

    def joined(self, data_dir: Path, door: str = "") -> Shared:
        """Make the directory of a second member, which finds the first at `door`."""
        member = Member(1, "b", "127.0.0.1:2", "127.0.0.1:2")
        bundle = bundles.collect(self.data_dir, self.shared, member, b"c" * 32)
        bundles.keep(data_dir, bundle)
        bundles.unpack(data_dir, bundle, HOSTS, NOW)
        first = replace(self.shared.own, door=door or self.door)
        shared = Shared(bundle.journal, bundle.msgid_key, 1, bundle.members).with_members([first])
        write_shared(data_dir, shared)
        return shared
