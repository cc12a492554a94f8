"""`hubbub identity make` on the command line."""

from __future__ import annotations

import tomllib
from pathlib import Path

from typer.testing import CliRunner

from hubbub.cli import commands

RUNNER = CliRunner()


def test_what_it_prints_are_settings(tmp_path: Path) -> None:
    done = RUNNER.invoke(commands.app, ["identity", "make", str(tmp_path), "--name", "a.example"])
    assert done.exit_code == 0
    assert tomllib.loads(done.stdout)["ssh"] == {
        "host_keys": [str(tmp_path / "ssh_host_ed25519_key")]
    }
    assert "# certificate SHA-256 " in done.stdout
    assert "# ssh host key SHA256:" in done.stdout


def test_why_it_did_not_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = RUNNER.invoke(commands.app, ["identity", "make", str(tmp_path / "file")])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert "cannot take the keys: File exists" in done.stderr
