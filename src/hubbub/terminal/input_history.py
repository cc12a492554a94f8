"""What was typed, without secrets, from one run to the next.

The file holds entries one after the other, with an empty line before each: every line of an entry
begins with `+`. (Earlier versions put the time there, on a line that begins with `#`.)
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from hubbub.terminal.profile import make_private, replace_text
from hubbub.ui.editing.history import Typed

LARGEST: Final = 256 * 1024
"""Bytes of the file, past which it is written anew with what is still remembered."""


class KeptHistory(Typed):
    """Keep what was typed in a file that only its owner can read, too."""

    def __init__(self, path: Path, failed: Callable[[str], None]) -> None:
        """Begin with what the file holds; `failed` is told, once, why nothing is kept."""
        super().__init__()
        self._path = path
        self._failed = failed
        self._keeps = False
        try:
            make_private(path)
            data = path.read_bytes()
            for entry in _entries(data[-LARGEST:].decode(errors="replace")):
                self.add(entry)
            if len(data) > LARGEST:
                replace_text(path, "".join(map(_written, map(self.__getitem__, range(len(self))))))
        except OSError as error:
            failed(error.strerror or str(error))
        else:
            self._keeps = True

    def add(self, entry: str) -> None:
        """Append an entry that may be kept, and that is not the newest already."""
        newest = self[-1] if len(self) else ""
        super().add(entry)
        if not (self._keeps and len(self)) or self[-1] in (newest, ""):
            return
        try:
            self._append(_written(self[-1]))
        except OSError as error:
            self._keeps = False
            self._failed(error.strerror or str(error))

    def _append(self, text: str) -> None:
        # Several clients append to one file, each an entry at a time.
        descriptor = os.open(
            self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            file.write(text.encode(errors="replace"))


def _written(entry: str) -> str:
    return "\n" + "".join(f"+{line}\n" for line in entry.split("\n"))


def _entries(text: str) -> Iterator[str]:
    lines: list[str] = []
    for line in [*text.split("\n"), ""]:
        if line.startswith("+"):
            lines.append(line[1:])
        elif lines:
            yield "\n".join(lines)
            lines = []
