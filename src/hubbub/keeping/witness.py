"""What was erased, kept by the operator alone, so that it can be shown to be nowhere.

A witness is a file of JSON Lines: a head, and then a text on each. Nothing like it stays with the
server, not even digests: words can be guessed.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Final

from hubbub.core.records.entries import Entry
from hubbub.core.records.erasure import WORDS, is_of
from hubbub.core.world.accounts import presence_of, secrets_of
from hubbub.irc.names import fold
from hubbub.journal.exporting import Exported
from hubbub.journal.names import REPLY
from hubbub.keeping.drafts import drafted
from hubbub.keeping.errors import KeepingError
from hubbub.keeping.worlds import world_of

SHORTEST: Final = 8
"""Bytes of what is looked for at least: less is said by everybody."""
WINDOW: Final = 48
"""Bytes that are looked for in one piece: what is longer may be on several pages."""
BLOCK: Final = 1 << 24
"""Bytes of a file that are looked through at once."""
_HEAD: Final = "hubbub witness"

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class ErasureWitness:
    """Hold the words that are to be nowhere; `common` counts those that are not looked for."""

    words: tuple[str, ...]
    common: int


def write(journal: Path, account: str, to: Path, told: Progress) -> None:
    """Write down all that an account said, to a new file for its owner alone.

    Raise KeepingError and JournalUnusable.
    """
    world = world_of(journal)
    found = world.accounts.get(fold(account))
    if found is None:
        raise KeepingError(f"there is no account {account}; `hubbub account list` has all")
    name, secrets = fold(found.name), secrets_of(found.name)
    words: dict[str, None] = {}
    others: set[str] = set()
    come = 0
    exported = Exported(journal)
    try:
        everything = exported.everything(0, exported.last_seq)
        for entries in chain(everything, exported.edited()):
            for entry in entries:
                own = is_of(entry.record, name) or secrets in getattr(entry.record, "histories", ())
                if own:
                    words |= dict.fromkeys(_said(entry))
                else:
                    others.update(_said(entry))
            come = max(come, entries[-1].seq if entries else 0)
            told(come, exported.last_seq)
    finally:
        exported.close()
    words |= dict.fromkeys(world.metadata.get(presence_of(found.name), {}).values())
    kept = [word for word in words if word not in others and len(word.encode()) >= SHORTEST]
    head = {_HEAD: 1, "account": found.name, "common": len(words) - len(kept)}
    with drafted(to) as draft:
        lines = [json.dumps(each, ensure_ascii=False) for each in (head, *kept)]
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with open(descriptor, "wb") as file:
            file.write("".join(f"{line}\n" for line in lines).encode("utf-8", "surrogatepass"))
            file.flush()
            os.fsync(file.fileno())


def read(path: Path) -> ErasureWitness:
    """Return what a witness names. Raise KeepingError where it is none."""
    try:
        head, *lines = path.read_bytes().decode("utf-8", "surrogatepass").splitlines()
        held = json.loads(head)
        if _HEAD not in held:
            raise ValueError
        return ErasureWitness(tuple(str(json.loads(line)) for line in lines), int(held["common"]))
    except OSError as error:
        raise KeepingError(f"{path} cannot be read: {error.strerror}; name a witness") from None
    except (ValueError, TypeError, KeyError):
        raise KeepingError(f"{path} is no witness of `hubbub account erase --witness`") from None


def files_of(directory: Path) -> list[Path]:
    """Return every file in a data directory, and below it."""
    return sorted(path for path in directory.rglob("*") if path.is_file())


def found_in(path: Path, witness: ErasureWitness) -> list[str]:
    """Return the words that a file holds in any of its bytes. Raise KeepingError."""
    wanted = {word: _pieces(word) for word in witness.words}
    found: dict[str, None] = {}
    for block in _blocks(path):
        for word, pieces in wanted.items():
            if word not in found and any(piece in block for piece in pieces):
                found[word] = None
    return list(found)


def _pieces(word: str) -> list[bytes]:
    """Return pieces of a text, as it is and as it stands in JSON, one of which is on some page."""
    pieces: list[bytes] = []
    for form in {word, json.dumps(word, ensure_ascii=False)[1:-1], json.dumps(word)[1:-1]}:
        data = form.encode("utf-8", "surrogatepass")
        whole = range(0, max(1, len(data) - WINDOW + 1), WINDOW)
        pieces += {data[at : at + WINDOW] for at in whole}
    return pieces


def _blocks(path: Path) -> Iterator[bytes]:
    """Give the bytes of a file, many at a time; what lies across two is in one of them."""
    try:
        with path.open("rb") as file:
            before = b""
            while data := file.read(BLOCK):
                yield before + data
                before = data[-WINDOW:]
    except OSError as error:
        raise KeepingError(f"{path} cannot be read: {error.strerror}") from None


def _said(entry: Entry) -> Iterator[str]:
    if entry.body is not None:
        # Lines of a message stand apart in what is sent, and in what it is quoted as.
        yield from (part for part in entry.body.text.replace("\r", "\n").split("\n") if part)
        # Which message it answers is nobody's words: others may answer the same one any day.
        yield from (value for name, value in entry.body.tags.items() if value and name not in REPLY)
    for name in WORDS:
        value = getattr(entry.record, name, "")
        if isinstance(value, str) and value:
            yield value
