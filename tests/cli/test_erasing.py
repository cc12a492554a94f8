"""What is around an erasure on the command line; e2e/test_erasure.py has the whole of it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_keeping import here
from tests.e2e.server import Server


def test_what_is_found_is_named_by_its_file(tmp_path: Path) -> None:
    server = Server(tmp_path / "data")
    server.directory.mkdir()
    head = json.dumps({"hubbub witness": 1, "account": "ann", "common": 3})
    (tmp_path / "w").write_text(f'{head}\n"a long farewell"\n')
    absent = here(server, "check", "--absent", str(tmp_path / "w"))
    assert absent.exit_code == 0
    assert "none of 1 things is in any of 0 files" in absent.stdout
    assert "3 things are not looked for" in absent.stdout
    (tmp_path / "backup").write_text("it was a long farewell")
    found = here(server, "check", "--absent", str(tmp_path / "w"), str(tmp_path / "backup"))
    assert found.exit_code == 2
    assert f"{tmp_path}/backup holds 1 of 1" in found.stdout
    assert "a long farewell" not in found.output


def test_backups_are_for_the_proof_only(tmp_path: Path) -> None:
    assert here(Server(tmp_path / "data"), "check", "backup").exit_code == 2


def test_without_a_server_nothing_is_erased(tmp_path: Path) -> None:
    done = here(Server(tmp_path / "data"), "account", "erase", "ann", "--yes")
    assert done.exit_code == 1
    assert "no server runs" in done.stderr
