"""How far something is, for who watches."""

from __future__ import annotations

import io
import sys

import pytest

from hubbub.cli.progress import progress


class Terminal(io.StringIO):
    """Be a terminal that remembers what was written."""

    def isatty(self) -> bool:
        """Be one."""
        return True


def test_a_terminal_sees_each_percent_once(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with progress("copying") as told:
        for done in range(1001):
            told(done, 1000)
    text = terminal.getvalue()
    assert text.count("copying") == 101
    assert "copying [###############...............]  50 %" in text
    assert text.endswith("\r\x1b[K")


def test_a_pipe_sees_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with progress("copying") as told:
        told(1, 2)
        told(0, 0)
    assert capsys.readouterr() == ("", "")
