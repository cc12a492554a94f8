"""What was said to an account that was not connected, as each kind of client is shown it."""

from __future__ import annotations

import base64
import socket
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pexpect
import pytest

from tests.e2e.irc_client import PATIENCE, Client
from tests.e2e.server import Server
from tests.e2e.test_two_clients import program, wait_for

PASSWORD = "correct horse battery"
FRAME = "timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z"
VERSION = "\x01VERSION\x01"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Give a server with an account that is not connected and was told something by a guest."""
    with Server(tmp_path / "data", HUBBUB_ACCESS="open") as server:
        with Client(server.ports["tls"], tls=True).register("ann") as ann:
            ann.send(f"REGISTER ann * :{PASSWORD}")
            ann.until("900")
            ann.leave()
        with Client(server.ports["plain"]).register("bob").join("#lobby") as bob:
            bob.send(f"PRIVMSG #lobby :{VERSION}", "PRIVMSG ann :while-you-were-out")
            told = bob.until("301")
            assert told.params[1:] == (
                "ann",
                "Not connected: what you say is kept, and shown on return",
            )
            bob.send(f"PRIVMSG ann :{VERSION}", "PRIVMSG ann :second")
            assert [m.command for m in bob.sync()] == ["301"], "of what is not kept only"
            bob.leave()
        yield server


def log_in(server: Server, *caps: str) -> Client:
    """Return a client of ann, with all that it was shown."""
    client = Client(server.ports["tls"], tls=True)
    client.send("CAP LS 302", f"CAP REQ :{' '.join(('sasl', *caps))}", "AUTHENTICATE PLAIN")
    client.until(lambda m: m.command == "AUTHENTICATE" and m.params == ("+",))
    proof = base64.b64encode(f"\0ann\0{PASSWORD}".encode()).decode()
    client.send(f"AUTHENTICATE {proof}")
    client.until("903")
    client.send("NICK ann", "USER ann 0 * :ann", "CAP END")
    client.until(lambda m: m.command in ("376", "422"))
    client.sync()
    return client


def said(client: Client, command: str = "PRIVMSG") -> list[str]:
    """Return what a client was shown of bob."""
    return [m.params[-1] for m in client.seen if m.command == command and "bob" in str(m)]


def test_a_client_that_knows_the_time_but_cannot_ask(server: Server) -> None:
    with log_in(server, "server-time", "batch") as ann:
        assert said(ann) == ["while-you-were-out", "second"]
        ann.leave()
    with log_in(server, "server-time", "batch") as ann:
        assert said(ann) == [], "each line once"
    server.kill()
    server.start()
    with Client(server.ports["plain"]).register("bob") as bob:
        bob.send("PRIVMSG ann :after-the-kill")
        bob.until("301")
        server.kill()
    server.start()
    with log_in(server, "server-time", "batch") as ann:
        assert said(ann) == ["after-the-kill"]


def test_a_client_that_can_ask(server: Server) -> None:
    caps = ("server-time", "batch", "message-tags", "draft/chathistory", "draft/read-marker")
    with log_in(server, *caps) as ann:
        assert said(ann) == []
        ann.send(f"CHATHISTORY TARGETS {FRAME} 10")
        target = ann.until("CHATHISTORY")
        assert (target.params[1], target.tags["hubbub/unread"]) == ("bob", "2")
        ann.send("CHATHISTORY LATEST bob * 10")
        ann.sync()
        assert said(ann) == ["while-you-were-out", "second"]


def test_nothing_but_a_socket(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.ports["plain"]), PATIENCE) as nc:
        nc.sendall(f"PASS :ann:{PASSWORD}\nNICK ann\nUSER ann 0 * :ann\n".encode())
        seen = b""
        while b"second" not in seen:
            got = nc.recv(4096)
            assert got, seen
            seen += got
    lines = [line for line in seen.decode().splitlines() if "bob" in line]
    assert [line.split(" ", 1)[0] for line in lines] == [":hubbub.localhost"] * 2
    assert [line.split(" ", 3)[1] for line in lines] == ["NOTICE"] * 2
    assert lines[0].endswith(" UTC] <bob> while-you-were-out")


def test_a_message_while_the_link_was_cut(server: Server) -> None:
    """A link that is cut swallows what the server writes; nobody says so until it is silent."""
    server.stop()
    server.settings["HUBBUB_LIMITS__PING_AFTER_SECONDS"] = "1"
    server.settings["HUBBUB_LIMITS__PING_TIMEOUT_SECONDS"] = "1"
    server.start()
    with (
        log_in(server, "server-time", "batch"),
        Client(server.ports["plain"]).register("bob", "echo-message") as bob,
        Client(server.ports["plain"]).register("eve") as eve,
    ):
        bob.send("PRIVMSG ann :swallowed")
        bob.until("PRIVMSG")
        eve.send("MONITOR + ann")
        eve.until("730")
        while eve.next().command != "731":
            eve.send("PONG x")
    with log_in(server, "server-time", "batch") as ann:
        assert said(ann)[-1] == "swallowed"


def test_weechat_is_shown_it_once_and_answers_nothing_old(server: Server, tmp_path: Path) -> None:
    home, port = tmp_path / "weechat", server.ports["plain"]
    commands = [
        "/set logger.file.flush_delay 0",
        "/set fifo.file.path ${weechat_runtime_dir}/fifo",
        f"/server add hub 127.0.0.1/{port} -notls -nicks=ann -username=wee -autojoin=#lobby",
        "/set irc.server.hub.sasl_username ann",
        f'/set irc.server.hub.sasl_password "{PASSWORD}"',
        "/connect hub",
    ]
    command = ["--dir", str(home)]
    for line in commands:
        command += ["--run-command", line]

    def logged(buffer: str = "bob") -> str:
        log = home / "logs" / f"irc.hub.{buffer}.weechatlog"
        return log.read_text() if log.exists() else ""

    def in_lobby(text: str) -> bool:
        return text in logged("#lobby")

    eve = Client(server.ports["plain"]).register("eve", "away-notify").join("#lobby")
    for time in ("first-time", "second-time"):
        child = pexpect.spawn(
            program("weechat-headless"), command, env={"HOME": str(home)}, timeout=PATIENCE
        )
        try:
            # The account stays in its channels, so the second time it is back.
            eve.until(lambda m: m.command in ("JOIN", "AWAY") and m.nick == "ann")
            eve.send(f"PRIVMSG #lobby :{time}")
            wait_for(partial(in_lobby, time), logged)
            wait_for(lambda: "second" in logged(), logged)
            (fifo,) = home.glob("**/fifo")
            with fifo.open("w") as pipe:
                pipe.write("irc.hub.#lobby *here\n")
            heard = eve.until(lambda m: m.command in ("PRIVMSG", "NOTICE") and m.nick == "ann")
            assert heard.params == ("#lobby", "here"), "no answer to an old request"
            with fifo.open("w") as pipe:
                pipe.write("core.weechat */quit\n")
            eve.until(lambda m: m.command == "AWAY" and m.nick == "ann" and m.params != ())
            child.expect(pexpect.EOF)
        finally:
            child.close(force=True)
    eve.close()
    assert logged().count("while-you-were-out") == 1


def test_irssi_is_shown_it_and_answers_nothing_old(server: Server, tmp_path: Path) -> None:
    home = tmp_path / "irssi"
    home.mkdir()
    (home / "config").write_text(
        f'chatnets = {{ hub = {{ type = "IRC"; sasl_mechanism = "PLAIN"; sasl_username = "ann";'
        f' sasl_password = "{PASSWORD}"; }}; }};\n'
        f'servers = ( {{ address = "127.0.0.1"; chatnet = "hub"; port = "{server.ports["plain"]}";'
        ' use_tls = "no"; family = "inet"; autoconnect = "yes"; } );\n'
        'channels = ( { name = "#lobby"; chatnet = "hub"; autojoin = "yes"; } );\n'
        'settings = { core = { nick = "ann"; user_name = "irs"; real_name = "Irs"; };'
        ' "irc/core" = { cmd_queue_speed = "10msec"; }; };\n'
    )
    with Client(server.ports["plain"]).register("eve").join("#lobby") as eve:
        child = pexpect.spawn(
            program("irssi"),
            ["--home", str(home)],
            env={"TERM": "xterm", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home)},
            dimensions=(40, 160),
            timeout=PATIENCE,
            encoding="utf-8",
        )
        try:
            eve.until(lambda m: m.command == "JOIN" and m.nick == "ann")
            child.send("/window goto bob\r")
            child.expect_exact("while-you-were-out")
            child.send("/msg #lobby here\r")
            heard = eve.until(lambda m: m.command in ("PRIVMSG", "NOTICE") and m.nick == "ann")
            assert heard.params == ("#lobby", "here"), "no answer to an old request"
        finally:
            child.close(force=True)
