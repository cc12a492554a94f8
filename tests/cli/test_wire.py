"""`hubbub wire --help` says what it takes, and each option reaches what it is for."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from hubbub.cli.commands import app
from hubbub.wire import command


def test_each_option_arrives(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[command.WireOptions] = []

    def main(options: command.WireOptions) -> int:
        asked.append(options)
        return 6

    monkeypatch.setattr(command, "main", main)
    arguments = "wire ssh://x --proxy 1 --type --nick n --identity i --command c --compress"
    more = "--fingerprint f --seconds 2 --lesson --json"
    done = CliRunner().invoke(app, f"{arguments} {more}".split())
    assert done.exit_code == 6
    assert asked == [
        command.WireOptions("ssh://x", "1", True, "n", "i", "c", True, "f", 2.0, True, True)
    ]


def test_the_help_names_the_exit_codes() -> None:
    done = CliRunner().invoke(app, ["wire", "--help"])
    assert (done.exit_code, "Exit codes" in done.stdout) == (0, True)
