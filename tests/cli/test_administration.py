"""Looking after a running server from its own machine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.server import Server


def hubbub(server: Server, *arguments: str, given: str = "") -> str:
    """Run a command that succeeds; return what it prints."""
    return subprocess.run(
        [sys.executable, "-m", "hubbub", *arguments, "--data", str(server.directory)],
        cwd=server.directory.parent,
        input=given,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_an_account_is_kept_out_let_in_and_made_an_operator(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        hubbub(server, "account", "add", "bob", "--password", given="a long password\n")
        assert hubbub(server, "account", "suspend", "bob", "why") == "bob  suspended: why\n"
        assert "suspended: why" in hubbub(server, "account", "list", "b*")
        hubbub(server, "account", "restore", "bob")
        assert "suspended" not in hubbub(server, "account", "list")
        hubbub(server, "operator", "set", "bob", "moderator")
        assert "operator: moderator" in hubbub(server, "operator", "list")
        assert "password" in hubbub(server, "account", "password", "bob", "--code")
        assert "Account dropped" in hubbub(server, "account", "drop", "bob", "--yes")


def test_the_last_owner_is_removed_when_asked_twice(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        hubbub(server, "account", "add", "own")
        hubbub(server, "operator", "set", "own", "owner")
        for words in (("operator", "set", "own", "none"), ("account", "drop", "own")):
            with pytest.raises(subprocess.CalledProcessError) as refused:
                hubbub(server, *words)
            assert "last owner" in refused.value.stderr
            assert "--yes" in refused.value.stderr
        assert "suspended: x" in hubbub(server, "account", "suspend", "own", "x", "--yes")
        assert "Account dropped" in hubbub(server, "account", "drop", "own", "--yes")
        assert "DROP own" in hubbub(server, "audit")


def test_a_server_on_all_addresses_is_joined_by_its_name(tmp_path: Path) -> None:
    everywhere = {"HUBBUB_ACCESS": "invite", "HUBBUB_DOORS__TLS": "0.0.0.0:0"}
    with Server(tmp_path / "data", **everywhere) as server:
        assert "join with: hubbub chat ircs://hubbub.localhost:" in server.banner
        assert "access       invite" in hubbub(server, "status")
