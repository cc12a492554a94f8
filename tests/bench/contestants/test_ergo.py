"""Ergo as a contestant: what it is told, and what is said where it is not there.

Its program is not here; a stand-in writes down how it was called, and serves nobody.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from hubbub.bench import main
from hubbub.bench.contestants.certificate import Certificate
from hubbub.bench.contestants.ergo import Ergo, ergo_at, version_of
from hubbub.bench.errors import ServerFailed

CERTIFICATE = Certificate(Path("/x/bench.crt"), Path("/x/bench.key"))
STAND_IN = """#!/bin/sh
case "$1" in
--version) echo ergo-2.17.0 ;;
initdb) echo "$@" >>called.txt; test ! -e refuse || { echo "no room" >&2; exit 1; }; : >ircd.db ;;
run) echo "cannot load the server" >&2; exit 1 ;;
esac
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    made = tmp_path / "ergo"
    made.write_text(STAND_IN)
    made.chmod(0o755)
    return made


def told(folder: Path, program: Path) -> tuple[Ergo, dict[str, Any]]:
    """Return a contestant that has been configured, and what it was told."""
    server = ergo_at(program)(folder, CERTIFICATE, frozenset())
    server.configure()
    return server, json.loads((folder / "ircd.yaml").read_text())


def test_it_has_the_same_doors_and_certificate_as_the_others(tmp_path: Path, program: Path) -> None:
    server, given = told(tmp_path / "run", program)
    listeners = given["server"]["listeners"]
    assert listeners[f"127.0.0.1:{server.address.plain}"] == {}
    tls = listeners[f"127.0.0.1:{server.address.tls}"]["tls"]
    assert tls == {"cert": "/x/bench.crt", "key": "/x/bench.key"}
    assert server.version() == "ergo-2.17.0"
    assert server.command()[:2] == (str(program), "run")


def test_what_the_others_do_not_do_it_does_not_either(tmp_path: Path, program: Path) -> None:
    _, given = told(tmp_path / "run", program)
    assert given["fakelag"]["enabled"] is given["history"]["enabled"] is False
    limits, server = given["server"]["ip-limits"], given["server"]
    assert limits["count"] is limits["throttle"] is False
    assert server["lookup-hostnames"] is server["check-ident"] is False


def test_it_is_told_all_that_it_does_not_start_without(tmp_path: Path, program: Path) -> None:
    """What LoadConfig refuses (irc/config.go)."""
    _, given = told(tmp_path / "run", program)
    assert given["network"]["name"]
    assert "." in given["server"]["name"]
    assert given["datastore"]["path"]
    lengths = ("nicklen", "channellen", "awaylen", "kicklen", "topiclen")
    assert all(given["limits"][length] > 1 for length in lengths)


def test_its_database_is_made_once_and_kept_when_it_is_started_again(
    tmp_path: Path, program: Path
) -> None:
    server = ergo_at(program)(tmp_path / "run", CERTIFICATE, frozenset())
    server.configure()
    server.configure()
    called = (tmp_path / "run" / "called.txt").read_text().splitlines()
    assert called == ["initdb --conf ircd.yaml --quiet"]


def test_what_it_says_when_it_has_no_database_is_told(tmp_path: Path, program: Path) -> None:
    server = ergo_at(program)(tmp_path / "run", CERTIFICATE, frozenset())
    (tmp_path / "run" / "refuse").touch()
    with pytest.raises(ServerFailed, match="initdb ended with 1: no room"):
        server.configure()


def test_one_that_does_not_start_is_a_row_that_says_why(
    tmp_path: Path, program: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--quick", "--out", str(tmp_path / "out"), "--work", str(tmp_path)]
    options += ["--scenario", "connect", "--servers", "ergo", "--ergo", str(program)]
    assert main(options) == 1
    assert "connect, ergo: failed: ended with 1: cannot load the server" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--servers", "ergo"], "--servers ergo takes --ergo PATH as well"),
        (["--ergo", "/nowhere/ergo"], "/nowhere/ergo cannot be run: No such file or directory"),
        (["--ergo", "/bin/false"], "/bin/false is no Ergo"),
    ],
)
def test_what_is_missing_is_said_before_anything_is_measured(
    options: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(options)
    assert said in capsys.readouterr().err


def test_a_program_that_may_not_be_run_is_refused(tmp_path: Path) -> None:
    (tmp_path / "ergo").write_text("not a program")
    with pytest.raises(ServerFailed, match="cannot be run"):
        version_of(tmp_path / "ergo")
