"""Why a file cannot be written, in words."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from hubbub.keeping.errors import unwritable


@pytest.mark.parametrize(
    ("code", "mend"),
    [(errno.ENOSPC, "make some"), (errno.EDQUOT, "make some"), (errno.EACCES, "Permission denied")],
)
def test_it_names_the_file_and_the_mend(code: int, mend: str) -> None:
    error = unwritable(Path("/srv/a"), OSError(code, os.strerror(code)))
    assert str(error).startswith("/srv/a: ")
    assert mend in str(error)
