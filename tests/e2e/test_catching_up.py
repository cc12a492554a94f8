"""What was missed, as people see it who come back: by ssh, in the chat, in any client."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.ssh_screen import SSHScreen
from tests.e2e.test_ssh_login import PASSWORD, register
from tests.terminal.screen import Screen

pytestmark = ssh.NEEDED


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("catching") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


def missed(server: Server, name: str, directory: Path) -> Path:
    """Make an account that misses something in #NAME while it is away; return its key."""
    key = ssh.make_key(directory)
    with Client(server.ports["plain"]) as bob:
        bob.register(f"b{name}").join(f"#{name}")
        register(server, name, f"JOIN #{name}", key=key)
        bob.send(
            f"PRIVMSG #{name} :one", f"PRIVMSG #{name} :{name}: two \x1b[31m", f"PRIVMSG {name} :hm"
        )
        bob.sync()
        bob.leave()
    return key


def test_a_digest_by_ssh_for_eyes_and_for_programs(server: Server, tmp_path: Path) -> None:
    key = missed(server, "dora", tmp_path)
    done = ssh.run(server.ports["ssh"], "digest", user="dora", key=key)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "what is new for you:",
        "  bdora  1 new",
        "    <bdora> hm",
        "  #dora  2 new, 1 for you",
        "    <bdora> dora: two \N{SYMBOL FOR ESCAPE}[31m",
    ]
    done = ssh.run(server.ports["ssh"], "digest", "--json", user="dora", key=key)
    direct, channel = map(json.loads, done.stdout.splitlines())
    assert (direct["target"], direct["unread"]) == ("bdora", 1)
    assert (channel["target"], channel["unread"], channel["mentions"]) == ("#dora", 2, 1)
    assert channel["said"][0]["text"] == "dora: two \x1b[31m"
    done = ssh.run(server.ports["ssh"], "mentions", "--json", "-n", "1", user="dora", key=key)
    assert json.loads(done.stdout)["msgid"] == channel["said"][0]["msgid"]


def test_a_guest_is_told_that_it_takes_an_account(server: Server) -> None:
    done = ssh.run(server.ports["ssh"], "digest", user="nobody")
    assert (done.returncode, done.stdout) == (5, "")
    assert "come in as yours" in done.stderr


def test_the_screen_shows_what_is_new_and_what_was_meant_for_one(
    server: Server, tmp_path: Path
) -> None:
    key = missed(server, "edda", tmp_path)
    with SSHScreen(server.ports["ssh"], user="edda", key=key) as screen:
        screen.wait_for("what is new for you:")
        screen.wait_for("#edda  2 new, 1 for you")
        screen.enter("/mentions")
        screen.wait_for("#edda <bedda> edda: two")
        screen.enter("/level #edda nothing")
        screen.wait_for("you are told of nothing in #edda")
        screen.enter("/quit")
        screen.wait_for_end()


def test_hubbub_chat_tells_what_is_new_once_it_has_logged_in(
    server: Server, tmp_path: Path
) -> None:
    missed(server, "fritz", tmp_path)
    url = f"irc://127.0.0.1:{server.ports['plain']}"
    with Screen(tmp_path, url, "--account", "fritz") as screen:
        screen.wait_for("Password of fritz")
        screen.enter(PASSWORD)
        screen.wait_for("#fritz  2 new, 1 for you")
        screen.enter("/quit")
        screen.wait_for_end()


def test_a_client_without_any_of_that_is_told_nothing_and_may_ask(server: Server) -> None:
    with Client(server.ports["plain"]) as bob, Client(server.ports["plain"]) as gerd:
        bob.register("bgerd").join("#gerd")
        gerd.register("gerd")
        gerd.send(f"REGISTER * * :{PASSWORD}")
        gerd.until("REGISTER")
        gerd.join("#gerd")
        bob.send("PRIVMSG #gerd :gerd!")
        assert gerd.until("PRIVMSG").tags == {}
        gerd.send("CATCHUP")
        assert gerd.until("CATCHUP").params[:3] == ("#gerd", "1", "1")
        assert gerd.next().params == ("#gerd", "gerd!")
