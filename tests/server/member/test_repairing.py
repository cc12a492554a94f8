"""The order has lost all it held: the members' archives have it, and it goes on from there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from hubbub.server.member.repairing import furthest
from tests.cluster.members import assert_same, make_members, running
from tests.e2e.irc_client import Client
from tests.e2e.server import Server


def talk(server: Server, nick: str, text: str) -> str:
    """Say something in the lobby and return its msgid."""
    caps = ("message-tags", "echo-message")
    with Client(server.ports["plain"]).register(nick, *caps) as client:
        client.send("JOIN #lobby", f"PRIVMSG #lobby :{text}")
        return client.until(lambda message: message.params[-1:] == (text,)).tags["msgid"]


def history(server: Server, nick: str) -> list[str]:
    """Return the msgids of what was said in the lobby."""
    caps = ("message-tags", "batch", "draft/chathistory")
    with Client(server.ports["plain"]).register(nick, *caps) as client:
        client.send("JOIN #lobby", "CHATHISTORY LATEST #lobby * 50", "PING :end")
        client.until("PONG")
        return [each.tags["msgid"] for each in client.seen if each.command == "PRIVMSG"]


def repair(server: Server, *words: str) -> subprocess.Popen[str]:
    """Begin `hubbub cluster repair` on a member."""
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "hubbub", "cluster", "repair"),
            *(*words, "--data", str(server.directory)),
        ],
        cwd=server.directory.parent,
        env={**os.environ, **server.settings},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_the_furthest_archive_is_taken_and_of_several_the_first() -> None:
    assert furthest({0: 7, 1: 9, 2: 8}) == 1
    assert furthest({2: 9, 1: 9, 0: 8}) == 1


def test_a_log_that_lost_everything_goes_on_from_the_archives(tmp_path: Path) -> None:
    servers = make_members(tmp_path)
    with running(servers):
        said = [talk(servers[0], "ann", "one"), talk(servers[1], "bob", "two")]
    for server in servers:
        shutil.rmtree(server.directory / "nats")
    assert "there is no member called nobody" in _refusal(servers[0], "--without", "nobody")
    repairs = [repair(server, "--yes") for server in servers]
    told = [each.communicate(timeout=90)[1] for each in repairs]
    assert [each.returncode for each in repairs] == [0, 0, 0], told
    assert sum("start all nodes" in text for text in told) == 1, told
    # Who comes to it late finds it done.
    done = ("fetches a copy if it has less", "nothing is missing")
    assert sum(any(words in text for words in done) for text in told) == 2, told
    with running(servers):
        said.append(talk(servers[2], "cid", "three"))
        for number, server in enumerate(servers):
            assert history(server, f"reader{number}") == said
    assert_same(servers)


def test_who_is_no_member_repairs_nothing(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        pass
    assert "is in no cluster" in _refusal(server)


def _refusal(server: Server, *words: str) -> str:
    one = repair(server, *words)
    said = one.communicate(timeout=60)[1]
    assert one.returncode == 2
    return said
