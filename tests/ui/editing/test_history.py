"""What was typed: gone back through, searched, and kept within a bound."""

from __future__ import annotations

from hubbub.ui.editing.history import CHARACTERS, ENTRIES, InputHistory


def test_history_is_bounded() -> None:
    history = InputHistory(str(number) for number in range(2 * ENTRIES))
    assert (len(history), history[0]) == (ENTRIES, str(ENTRIES))
    for _ in range(3):
        history.add("x" * (CHARACTERS // 2))
        history.add("y" * (CHARACTERS // 2))
    assert len(history) == 2
    history.add("z" * (CHARACTERS + 1))
    assert len(history) == 2
