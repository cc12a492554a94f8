"""What a signal says: a list of texts, numbers and the like, read strictly.

What is not just as it should be is nothing: a signal may be lost anyway.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from hubbub.node.peers.signals import PAYLOAD_BYTES

TEXT: Final = 1000
"""How long a text is at most, in characters."""
MOST: Final = 1 << 53
"""What no number reaches."""

Value = str | int | float | bool | list[int]


def packed(*values: Value) -> bytes:
    """Return values as the payload of a signal."""
    return json.dumps(values, separators=(",", ":")).encode()


def unpacked(payload: bytes, kinds: Sequence[type]) -> list[Value] | None:
    """Return the values of a payload where they are just of these kinds, else None.

    A `list` is one of numbers.
    """
    if len(payload) > PAYLOAD_BYTES:
        return None
    try:
        values = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    if type(values) is not list or len(values) != len(kinds):
        return None
    sound = all(_is_sound(value, kind) for value, kind in zip(values, kinds, strict=True))
    return values if sound else None


def _is_sound(value: object, kind: type) -> bool:
    # By type, not by isinstance: true is no number here.
    if type(value) is not kind:
        return False
    if isinstance(value, str):
        return len(value) <= TEXT and value.isprintable()
    if isinstance(value, list):
        return all(type(each) is int and 0 <= each < MOST for each in value)
    return isinstance(value, bool) or (isinstance(value, int | float) and 0 <= value < MOST)
