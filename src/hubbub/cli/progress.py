"""How far something long has come, shown to whoever watches a terminal and to nobody else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

_WIDTH: Final = 30


@contextmanager
def progress(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give what takes how much of how much is done; the line goes when it is over."""
    shown = -1
    is_watched = sys.stderr.isatty()

    def told(done: int, whole: int) -> None:
        nonlocal shown
        percent = 100 * done // whole if whole else 100
        # A line for each percent: what is counted may go by the million.
        if not is_watched or percent == shown:
            return
        shown = percent
        full = _WIDTH * percent // 100
        sys.stderr.write(f"\r{what} [{'#' * full}{'.' * (_WIDTH - full)}] {percent:3} %")
        sys.stderr.flush()

    try:
        yield told
    finally:
        if shown >= 0:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
