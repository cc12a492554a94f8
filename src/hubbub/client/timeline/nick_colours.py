"""A colour for each nick: always the same, and legible on light and on dark ground."""

from __future__ import annotations

import zlib
from typing import Final

from hubbub.irc.names import fold

CONTRAST: Final = 3.5
"""The least contrast with black and with white (WCAG 2.1, contrast ratio)."""
_STEPS: Final = (0, 95, 135, 175, 215, 255)
_LEAST_SATURATION: Final = 80


def contrast(colour: tuple[int, int, int], ground: tuple[int, int, int]) -> float:
    """Return the contrast ratio of two colours, from 1 to 21."""
    light, dark = sorted((_luminance(colour), _luminance(ground)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: tuple[int, int, int]) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4
        for value in (part / 255 for part in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _is_legible(colour: tuple[int, int, int]) -> bool:
    return (
        max(colour) - min(colour) >= _LEAST_SATURATION
        and contrast(colour, (0, 0, 0)) >= CONTRAST
        and contrast(colour, (255, 255, 255)) >= CONTRAST
    )


# From the colours that terminals with 256 of them share.
PALETTE: Final = tuple(
    f"#{red:02x}{green:02x}{blue:02x}"
    for red in _STEPS
    for green in _STEPS
    for blue in _STEPS
    if _is_legible((red, green, blue))
)


def colour_of(nick: str) -> str:
    """Return a nick's colour as `#rrggbb`."""
    return PALETTE[zlib.crc32(fold(nick).rstrip("_").encode()) % len(PALETTE)]
