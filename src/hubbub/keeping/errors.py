"""Why something was not done with what is kept."""

from __future__ import annotations

import errno
from pathlib import Path


class KeepingError(Exception):
    """Say why something was not done, and the mend, in a sentence for an operator.

    The operator sees it on standard error, and exit code 1. Nothing was changed, but for what the
    sentence names.
    """


def unwritable(path: Path, error: OSError) -> KeepingError:
    """Return why a file cannot be written."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return KeepingError(f"{path}: there is no room on its disk; make some, or name another one")
    reason = error.strerror or error
    return KeepingError(f"{path}: it cannot be written ({reason}); mend that, or name another file")
