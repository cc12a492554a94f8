"""Writing an export, which goes on where a killed one was."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Final

from hubbub.journal.exporting import Exported
from hubbub.keeping.errors import KeepingError, unwritable
from hubbub.keeping.exporting.formats import FORMATS, Format
from hubbub.keeping.exporting.lines import Line, line_of
from hubbub.keeping.exporting.selection import Selection
from hubbub.keeping.worlds import world_of
from hubbub.whole_files import FileUnusable, read_whole, sync_directory, write_whole

SAVED_EVERY: Final = 20_000
"""Entries between two notes of how far it is: so many a killed one writes again at most."""
_NOTE_BYTES: Final = 1 << 20

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Note:
    """Say how far an export has come, of what, and where that is in its file.

    All up to `upto` belongs to it: what is said meanwhile does not, so it comes to an end.
    """

    of: str
    upto: int
    time: int = -1
    seq: int = 0
    bytes: int = 0
    lines: int = 0
    last: Line | None = None
    state: str = ""


@dataclass(frozen=True, slots=True)
class Written:
    """Tell how many entries were written, and whether it went on where another one was."""

    lines: int
    went_on: bool


def export(
    journal: Path,
    selection: Selection,
    form: str,
    to: Path,
    replaces: bool,
    told: Progress,
    style: Format | None = None,
) -> Written:
    """Write an export to a file that only its owner may read; it gets its name when it is whole.

    `style` is what writes it where that needs more than the word for its `form`.
    Killed at any moment, the same words go on with it. Raise KeepingError and JournalUnusable.
    """
    if not replaces and os.path.lexists(to):
        raise KeepingError(f"{to} is there already; name another file, or add --force")
    part, noted = to.with_name(f"{to.name}.part"), to.with_name(f"{to.name}.part-note")
    exported = Exported(journal)
    try:
        of = json.dumps([str(journal.absolute()), asdict(selection), form])
        note = _noted(noted, part, of)
        went_on = note is not None
        note = note or _Note(of, exported.last_seq)
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(descriptor, "r+b") as file:
            file.truncate(note.bytes)
            file.seek(note.bytes)
            note = _Writing(exported, selection, style or FORMATS[form](), file, noted).run(
                note, told
            )
        part.replace(to)
        sync_directory(to.parent)
        noted.unlink(missing_ok=True)
    except OSError as error:
        raise unwritable(to, error) from None
    finally:
        exported.close()
    return Written(note.lines, went_on)


def export_to(
    journal: Path,
    selection: Selection,
    form: str,
    out: Callable[[str], object],
    style: Format | None = None,
) -> int:
    """Write an export to what takes text; return how many entries it has. Raise as above."""
    style = style or FORMATS[form]()
    exported = Exported(journal)
    try:
        count = 0
        before: Line | None = None
        out(style.begin(selection.title))
        for entries in selection.read(exported, world_of(journal), (-1, 0), exported.last_seq):
            for entry in entries:
                line = line_of(entry, selection.channel)
                if line is not None:
                    out(style.write(line, before))
                    before, count = line, count + 1
        out(style.end())
        return count
    finally:
        exported.close()


class _Writing:
    """Write entries to a file, and note now and then how far that is."""

    def __init__(
        self, exported: Exported, selection: Selection, style: Format, file: IO[bytes], noted: Path
    ) -> None:
        self._exported, self._selection = exported, selection
        self._style = style
        self._file, self._noted = file, noted
        self._saved = 0

    def run(self, note: _Note, told: Progress) -> _Note:
        """Write all after a note; return the last one."""
        if not note.bytes:
            self._write(self._style.begin(self._selection.title))
        else:
            self._style.state = note.state
        world = world_of(self._exported.path)
        self._saved = note.lines
        parts = self._selection.read(self._exported, world, (note.time, note.seq), note.upto)
        for entries in parts:
            for entry in entries:
                line = line_of(entry, self._selection.channel)
                if line is not None:
                    self._write(self._style.write(line, note.last))
                    note = replace(note, last=line, lines=note.lines + 1)
                note = replace(note, time=entry.time, seq=entry.seq)
            told(min(note.seq, note.upto), note.upto)
            if note.lines - self._saved >= SAVED_EVERY:
                note = self._save(note)
        self._write(self._style.end())
        self._sync()
        return note

    def _write(self, text: str) -> None:
        self._file.write(text.encode("utf-8", "replace"))

    def _sync(self) -> None:
        self._file.flush()
        os.fsync(self._file.fileno())

    def _save(self, note: _Note) -> _Note:
        self._sync()
        self._saved = note.lines
        note = replace(note, bytes=self._file.tell(), state=self._style.state)
        write_whole(self._noted, json.dumps(asdict(note)).encode(), 0o600)
        return note


def _noted(path: Path, part: Path, of: str) -> _Note | None:
    """Return how far an export of the same was, None where there is none to go on with."""
    try:
        held = json.loads(read_whole(path, _NOTE_BYTES))
        last = held.pop("last")
        line = None if last is None else Line(**{**last, "where": tuple(last["where"])})
        note = _Note(**held, last=line)
        whole = part.stat().st_size >= note.bytes
    except (FileUnusable, OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return note if whole and note.of == of else None
