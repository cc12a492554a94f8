"""A disk that fails as the test says: what SQLite reads and writes goes through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import apsw

NAME = "failing"


class Disk(apsw.VFS):
    """Be what every database is on that is opened meanwhile.

    `fails` holds what to raise, by (what is done, the suffix of the file): ("write", "-wal"), ...
    """

    def __init__(self) -> None:
        self.fails: dict[tuple[str, str], type[apsw.Error]] = {}
        self.base = apsw.vfs_names()[0]
        super().__init__(NAME, self.base, makedefault=True)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        """Open a file of it."""
        return _File(self, name, flags)

    def meet(self, act: str, name: str) -> None:
        """Raise what is to be met there."""
        for (failing, suffix), error in self.fails.items():
            if failing == act and name.endswith(f"sqlite{suffix}"):
                raise error("the disk failed")


class _File(apsw.VFSFile):
    def __init__(self, disk: Disk, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        self._disk = disk
        self._name = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        super().__init__(disk.base, name, flags)

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        self._disk.meet("write", self._name)
        super().xWrite(data, offset)

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.meet("sync", self._name)
        super().xSync(flags)


@contextmanager
def failing_disk() -> Iterator[Disk]:
    """Have databases on such a disk; what is opened on it is to be closed before the end."""
    usual = apsw.vfs_names()[0]
    disk = Disk()
    try:
        yield disk
    finally:
        disk.unregister()
        apsw.set_default_vfs(usual)
