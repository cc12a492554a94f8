"""How a data directory comes into a cluster, and is one server's again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from hubbub.cli import commands
from hubbub.cluster.errors import ClusterError
from hubbub.cluster.members import read_shared
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Draft
from hubbub.core.records.nodes import NodeAdmitted, NodeStarted
from hubbub.core.rules import RULES
from hubbub.core.world.world import World
from hubbub.journal.sqlite.journal import SQLiteJournal
from hubbub.server.member.directory import Place
from hubbub.server.recovery import load
from tests.journal.keeper import Keeper

RUNNER = CliRunner()


def _run(*words: str, data: Path) -> Result:
    return RUNNER.invoke(commands.app, ["cluster", *words, "--data", str(data)])


@pytest.fixture
def a(tmp_path: Path) -> Path:
    done = _run("create", "127.0.0.1", "--name", "a", data=tmp_path / "a")
    assert done.exit_code == 0, done.output
    return tmp_path / "a"


@pytest.mark.parametrize(
    ("given", "host", "route"),
    [("", "192.0.2.7", "192.0.2.7:6222"), ("b.example.org", "192.0.2.7", "b.example.org:6222")],
)
def test_a_member_is_where_it_says_or_from_where_it_came(given: str, host: str, route: str) -> None:
    assert Place("b", given, 6222, 7900).addresses(host)[0] == route


def test_ipv6_is_in_brackets() -> None:
    addresses = Place("b", "2001:db8::7", 6222, 7900).addresses("")
    assert addresses == ("[2001:db8::7]:6222", "[2001:db8::7]:7900")


@pytest.mark.parametrize("name", ["two words", "7"])
def test_a_name_has_no_blanks_and_is_no_other_members_number(name: str) -> None:
    with pytest.raises(ClusterError, match="give --name"):
        Place(name, "", 6222, 7900).called()


def test_one_port_is_not_for_both(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match="both ports are 7900; give two"):
        Place("b", "", 7900, 7900).addresses("127.0.0.1")


def _shared(a: Path) -> World:
    """Let a founder's archive be of a cluster with another node in it."""

    async def live() -> World:
        journal = SQLiteJournal(a / "journal.sqlite")
        origin = Origin(SessionId(0, 1, 0), 0)
        keeper = Keeper(journal)
        other = Origin(SessionId(1, 1, 0), 0)
        records = (NodeStarted(origin, RULES), NodeAdmitted(origin, "b"), NodeStarted(other, RULES))
        await keeper.keep(*(Draft(record) for record in records))
        await journal.stop()
        journal = SQLiteJournal(a / "journal.sqlite")
        journal.share()
        await journal.stop()
        return _world(a)

    return asyncio.run(live())


def _world(a: Path) -> World:
    journal = SQLiteJournal(a / "journal.sqlite")
    world, _ = load(journal, a / "journal.sqlite")
    journal._store.file.close()
    return world


def test_a_member_is_one_server_again_with_the_same_history(a: Path) -> None:
    assert _shared(a).members().keys() == {0, 1}
    done = _run("dissolve", data=a)
    assert done.exit_code == 1
    assert "3 records" in done.stderr
    assert "add --yes" in done.stderr
    assert read_shared(a) is not None
    done = _run("dissolve", "--yes", data=a)
    assert done.exit_code == 0, done.output
    assert "it is node 0, and the only one" in done.stdout
    assert read_shared(a) is None
    world = _world(a)
    assert world.members().keys() == {0}
    assert not world.nodes[0].is_up
    journal = SQLiteJournal(a / "journal.sqlite")
    assert not journal.is_shared
    assert journal.recall("node") == "0"
    assert [entry.seq for entry in journal.load().entries] == [1, 2, 3, 4, 5, 6]
    asyncio.run(journal.stop())
    assert _run("dissolve", "--yes", data=a).exit_code == 2
