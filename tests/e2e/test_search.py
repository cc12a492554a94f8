"""Searching by every door: senpai's lines, WeeChat, ssh, the chat screens, the server's machine."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hubbub.irc.message import Message
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.ssh_screen import SSHScreen
from tests.terminal.screen import Screen

CAPS = ("batch", "message-tags", "server-time", "echo-message", "soju.im/search")
SAID = ("the raid is degraded", "Which disk is it?", "disk two, I have ordered another")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("search") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


@pytest.fixture(scope="module")
def ann(server: Server) -> Iterator[Client]:
    """Return who has said it all in #lobby, and one thing in private to bob."""
    with Client(server.ports["plain"]) as bob, Client(server.ports["plain"]) as client:
        bob.register("bob")
        client.register("ann", *CAPS).join("#lobby")
        client.send(*(f"PRIVMSG #lobby :{text}" for text in SAID), "PRIVMSG bob :a secret disk")
        client.sync()
        yield client


def batch(client: Client) -> list[Message]:
    """Return the messages of the next batch."""
    client.until(lambda m: m.command == "BATCH" and m.params[1:] == ("soju.im/search",))
    found = []
    while (message := client.next()).command != "BATCH":
        found.append(message)
    return found


@pytest.mark.parametrize(
    "line",
    # As senpai sends them for /SEARCH: it keeps its attributes in a map, in any order.
    [r"SEARCH text=disk\sis;in=#lobby", r"SEARCH in=#lobby;text=disk\sis"],
)
def test_senpai_is_answered_as_it_expects(ann: Client, line: str) -> None:
    ann.send(line)
    (found,) = batch(ann)
    assert (found.command, found.nick, found.params) == ("PRIVMSG", "ann", ("#lobby", SAID[1]))
    assert found.tags.keys() >= {"batch", "time", "msgid"}


def test_what_is_said_is_found_at_once_and_gone_once_it_is_taken_back(ann: Client) -> None:
    ann.send("CAP REQ draft/message-redaction", "PRIVMSG #lobby :a zyzzyva")
    said = ann.until(lambda m: m.command == "PRIVMSG" and "zyzzyva" in m.params[-1])
    ann.send("SEARCH text=zyzzyva")
    assert [one.tags["msgid"] for one in batch(ann)] == [said.tags["msgid"]]
    ann.send(f"REDACT #lobby {said.tags['msgid']}", "SEARCH text=zyzzyva")
    assert batch(ann) == []


@ssh.NEEDED
def test_ssh_finds_it_for_a_script(server: Server, ann: Client) -> None:
    port = server.ports["ssh"]
    found = ssh.run(port, "search", "'disk from:ann in:#lobby'", user="sue")
    assert [line[21:] for line in found.stdout.splitlines()] == [
        f"#lobby <ann> {text}" for text in SAID[1:]
    ]
    assert (found.returncode, found.stderr) == (0, "")
    (as_json,) = ssh.run(
        port, "search", "--json", "-n", "1", "disk", "in:#lobby", user="sue"
    ).stdout.splitlines()
    assert json.loads(as_json).keys() >= {"time", "target", "nick", "text", "msgid"}
    # What others said to each other is not for her.
    assert "secret" not in ssh.run(port, "search", "secret", user="sue").stdout
    wrong = ssh.run(port, "search", "after:soon", user="sue")
    assert wrong.returncode == 1
    assert "a day such as" in wrong.stderr


@pytest.fixture(params=["chat", pytest.param("ssh", marks=ssh.NEEDED)])
def screen(request: pytest.FixtureRequest, server: Server, tmp_path: Path) -> Iterator[Screen]:
    """Return a chat screen in #lobby, by each door in turn."""
    if request.param == "chat":
        url = f"ircs://127.0.0.1:{server.ports['tls']}/#lobby"
        opened = Screen(tmp_path / "zoe", url, "--nick", "zoe")
    else:
        opened = SSHScreen(server.ports["ssh"], user="zed")
    with opened:
        opened.wait_for("you are in #lobby")
        yield opened


def test_a_person_searches_and_looks_around(screen: Screen, ann: Client) -> None:
    screen.enter("/search disk from:ann in:#lobby")
    screen.wait_for("  2 20", " #lobby <ann> Which disk is it?", "  1 20", "/context 1 shows")
    screen.enter("/context 2")
    screen.wait_for("#lobby <ann> the raid is degraded")
    screen.enter("/search after:soon")
    screen.wait_for("after:soon is no time; give a day such as 2026-05-31")
    screen.enter("/quit")
    assert screen.wait_for_end() == 0


def hubbub(server: Server, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hubbub", *arguments, "--data", str(server.directory)],
        cwd=server.directory.parent, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_who_looks_after_the_server_searches_all_of_it_on_record(
    server: Server, ann: Client
) -> None:
    found = hubbub(server, "search", "disk")
    assert [line[21:] for line in found.stdout.splitlines()] == [
        f"#lobby <ann> {text}" for text in SAID[1:]
    ]
    newest = hubbub(server, "search", "disk", "--direct", "-n", "1", "--json")
    assert json.loads(newest.stdout)["text"] == "a secret disk"
    acts = hubbub(server, "audit").stdout
    assert "SEARCH channels" in acts
    assert "SEARCH everything" in acts
    wrong = hubbub(server, "search", "in:#nowhere", "disk")
    assert (wrong.returncode, wrong.stderr) == (1, "hubbub: There is no such channel\n")


@pytest.mark.skipif(shutil.which("weechat-headless") is None, reason="WeeChat is not installed")
def test_weechat_is_answered_in_the_buffer(server: Server, ann: Client, tmp_path: Path) -> None:
    home, port = tmp_path / "weechat", server.ports["plain"]
    lines = [
        "/set logger.file.flush_delay 0",
        "/set fifo.file.path ${weechat_runtime_dir}/fifo",
        "/set irc.server_default.capabilities *,!draft/chathistory",
        f"/server add hub 127.0.0.1/{port} -notls -nicks=wee -autojoin=#lobby",
        f"/server add hub 127.0.0.1/{port} -nossl -nicks=wee -autojoin=#lobby",
        "/connect hub",
    ]
    command = ["weechat-headless", "--dir", str(home)]
    for line in lines:
        command += ["--run-command", line]
    log = home / "logs" / "irc.hub.#lobby.weechatlog"
    marker = "the raid is degraded"

    def times_shown() -> int:
        return log.read_text().count(marker) if log.exists() else 0

    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            ann.until(lambda m: m.command == "JOIN" and m.nick == "wee")
            _wait_for(lambda: log.exists() and (times_shown() > 0 or "wee" in log.read_text()), log)
            before = times_shown()
            (fifo,) = home.glob("**/fifo")
            with fifo.open("w") as pipe:
                pipe.write("irc.hub.#lobby */quote SEARCH text=degraded;in=#lobby\n")
            _wait_for(lambda: times_shown() > before, log)
        finally:
            process.kill()


def _wait_for(condition: Callable[[], bool], log: Path) -> None:
    import time

    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, log.read_text() if log.exists() else "nothing logged"
        time.sleep(0.05)
