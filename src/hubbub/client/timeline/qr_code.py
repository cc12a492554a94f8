"""QR codes for terminals: two rows of modules in each row of half blocks."""

from __future__ import annotations

from typing import Final

LONGEST: Final = 500
"""Characters; a longer text makes a code that no terminal has room for."""
_BORDER: Final = 2
_BLOCKS: Final = {(0, 0): "█", (0, 1): "▀", (1, 0): "▄", (1, 1): " "}


def half_blocks(text: str) -> list[str]:
    """Return a text as rows of half blocks, light where the code is light; [] where it is long."""
    if len(text) > LONGEST:
        return []
    # Imported here: it loads what reads URLs, and a start has no code to show.
    import segno

    rows = [list(row) for row in segno.make(text, error="l", micro=False).matrix_iter(1, _BORDER)]
    if len(rows) % 2:
        rows.append([0] * len(rows[0]))
    pairs = zip(rows[::2], rows[1::2], strict=True)
    return ["".join(_BLOCKS[pair] for pair in zip(*both, strict=True)) for both in pairs]
