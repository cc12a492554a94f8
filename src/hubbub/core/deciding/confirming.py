"""Asking before something is done that cannot be undone, or that hits many."""

from __future__ import annotations

from typing import Final

from hubbub.core.deciding.context import Context, shown

SURE: Final = "SURE"
"""The word with which somebody confirms."""
ASKS: Final = ": to do it, put the word SURE before the rest"


def take_sure(words: list[str]) -> bool:
    """Take the word that confirms from the front, and say whether it was there."""
    sure = bool(words) and words[0].upper() == SURE
    if sure:
        del words[0]
    return sure


def ask(ctx: Context, target: str, would: str, command: str = "") -> None:
    """Say what a command would do, and how it is confirmed."""
    ctx.fail("NOT_CONFIRMED", shown(target), would + ASKS, command=command)
