"""Loading no more of others' libraries than is used."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast


@contextmanager
def left_out(*libraries: str) -> Iterator[None]:
    """Have these libraries be as if they were not installed, for what is loaded meanwhile.

    It is for what others load wherever they find it, and can do without. What has been loaded
    already stays.
    """
    loaded = cast("dict[str, Any]", sys.modules)
    # None is what the import system takes for a module that is known not to be there.
    absent = [name for name in libraries if name not in loaded]
    loaded.update(dict.fromkeys(absent))
    try:
        yield
    finally:
        for name in absent:
            del loaded[name]
