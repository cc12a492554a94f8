"""Offering many sockets their bytes in one call.

There are two of it: this one, and `sending.c` beside it, which does the same without Python between
two sends, and is taken where the hot path is compiled (docs/decisions/compiled-twin.md).
"""

from __future__ import annotations

import os
from collections.abc import Sequence


def send_all(descriptors: Sequence[int], messages: Sequence[bytes]) -> list[int] | None:
    """Offer each of these sockets, which do not block, its message; None if all took everything.

    Otherwise return how many bytes each took, or the number of the error (errno) with a minus.
    """
    taken = []
    for descriptor, message in zip(descriptors, messages, strict=True):
        try:
            # As send(2) without flags; the signal that a broken pipe sends is ignored by Python.
            taken.append(os.write(descriptor, message))
        except OSError as error:
            taken.append(-(error.errno or 1))
    return None if taken == [*map(len, messages)] else taken
