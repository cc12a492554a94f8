"""Whole numbers as people and programs write them in parameters."""

from __future__ import annotations

from typing import Final

MOST: Final = 999_999_999
"""The largest number that is told from larger ones: nothing here counts that far."""
_DIGITS: Final = len(str(MOST))


def number_of(text: str) -> int | None:
    """Return the number of a text of decimal digits, MOST for more, None where it is no number."""
    if not (text.isascii() and text.isdecimal()):
        return None
    # Python itself refuses to read some thousands of digits, which fit a line where it is long.
    digits = text.lstrip("0")
    return MOST if len(digits) > _DIGITS else int(digits or "0")
