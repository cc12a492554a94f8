"""QR codes: what is drawn is what segno makes."""

from __future__ import annotations

import segno

from hubbub.client.timeline.qr_code import LONGEST, half_blocks

_DARK = {"█": (0, 0), "▀": (0, 1), "▄": (1, 0), " ": (1, 1)}


def test_half_blocks_hold_two_rows_each() -> None:
    text = "otpauth://totp/Hubbub:ann?secret=MOYX62AFJBO5QRWZV5PSX26GLABOAGBV&issuer=Hubbub"
    drawn = half_blocks(text)
    rows = [row for line in drawn for row in zip(*(_DARK[char] for char in line), strict=True)]
    wanted = [tuple(row) for row in segno.make(text, error="l", micro=False).matrix_iter(1, 2)]
    assert rows[: len(wanted)] == wanted
    assert max(len(line) for line in drawn) <= 60


def test_what_is_too_long_is_not_drawn() -> None:
    assert half_blocks("x" * (LONGEST + 1)) == []
