"""A tiny benchmark of the servers that are installed here."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from hubbub.bench import main
from hubbub.bench.contestants import programs
from hubbub.bench.contestants.servers import Server

INSTALLED = [name for name, server in programs.CONTESTANTS.items() if server.version()]


class Broken(Server):
    """A server that says why it does not start."""

    name = "broken"

    @classmethod
    def version(cls) -> str | None:
        return "broken 1"

    def configure(self) -> None:
        pass

    def command(self) -> Sequence[str]:
        return (sys.executable, "-c", "raise SystemExit('no such thing')")


def test_measures_what_is_installed(tmp_path: Path) -> None:
    options = ["--quick", "--seconds", "0.1", "--out", str(tmp_path), "--work", str(tmp_path)]
    scenarios = ["--scenario", "a-plain,c-tls,connect"]
    assert main([*options, *scenarios, "--servers", ",".join(INSTALLED)]) == 0
    document = json.loads((tmp_path / "quick.json").read_text())
    assert document["failures"] == {}
    for key in ("a.plain.rate", "c.tls.cpu", "connect.cpu"):
        medians = document["metrics"][key]["medians"]
        assert medians.keys() == set(INSTALLED)
        assert all(value > 0 for value in medians.values())
    assert (tmp_path / "quick.svg").read_text().startswith("<svg")
    assert "a quick run" in (tmp_path / "quick.md").read_text().lower()


def test_the_worst_insiders_are_let_in_beside_a_conversation(tmp_path: Path) -> None:
    options = ["--quick", "--out", str(tmp_path), "--work", str(tmp_path)]
    assert main([*options, "--scenario", "vanish,insider", "--servers", "hubbub"]) == 0
    document = json.loads((tmp_path / "quick.json").read_text())
    assert document["failures"] == {}
    assert document["metrics"].keys() >= {"vanish.p99", "insider.p99"}


def test_a_server_that_fails_is_a_row_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(programs.CONTESTANTS, "broken", Broken)
    options = ["--quick", "--out", str(tmp_path), "--work", str(tmp_path)]
    assert main([*options, "--scenario", "connect", "--servers", "broken"]) == 1
    assert "connect, broken: failed: ended with 1: no such thing" in capsys.readouterr().out
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == []


def test_unknown_names_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--servers", "apache"])
    assert "unknown: apache; there are hubbub, ngircd, inspircd, ergo" in capsys.readouterr().err


def test_terminals_come_in_by_ssh(tmp_path: Path) -> None:
    options = ["--quick", "--out", str(tmp_path), "--work", str(tmp_path)]
    assert main([*options, "--scenario", "ssh", "--servers", "hubbub"]) == 0
    document = json.loads((tmp_path / "quick.json").read_text())
    assert document["failures"] == {}
    for key in ("ssh.exchange", "ssh.login", "ssh.idle", "ssh.one", "ssh.many"):
        assert document["metrics"][key]["medians"]["hubbub"] > 0
