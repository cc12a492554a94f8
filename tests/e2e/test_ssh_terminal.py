"""The chat in a real `ssh` on a pseudo-terminal: what the screen shows, compared as text."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.e2e.ssh_screen import SSHScreen

pytestmark = ssh.NEEDED


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("ssh") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


def enter(server: Server, screen: SSHScreen, channel: str) -> None:
    """Wait until somebody is in, and go to a channel."""
    screen.wait_for("you are in #lobby")
    screen.enter(f"/join {channel}")
    screen.wait_for(f"{channel} (", end=f"{channel}>")


def test_two_people_talk(server: Server) -> None:
    with (
        SSHScreen(server.ports["ssh"], user="ann") as ann,
        SSHScreen(server.ports["ssh"], user="ben") as ben,
    ):
        enter(server, ann, "#talk")
        enter(server, ben, "#talk")
        ann.enter("wörld 日本 👩‍👩‍👧")
        ben.wait_for("<@ann> wörld 日本")
        ben.enter("/me waves")
        ann.wait_for("* ben waves")
        assert ann.lines[-1] == "#talk>"
        assert ann.lines[-2].startswith(" #talk (2) │ ann │ connected")


@pytest.mark.parametrize(
    ("keys", "reason"),
    [("/quit so long\r", "Quit: so long"), ("\x04", "Quit: Left"), ("\r~.", "Connection lost")],
)
def test_how_somebody_left_is_told_apart(server: Server, keys: str, reason: str) -> None:
    user = f"q{abs(hash(keys)) % 10**6}"
    with (
        Client(server.ports["plain"]) as witness,
        SSHScreen(server.ports["ssh"], user=user) as leaver,
    ):
        witness.register(f"w{user}").join("#leaving")
        enter(server, leaver, "#leaving")
        leaver.type(keys)
        assert witness.until("QUIT").params == (reason,)
        leaver.wait_for_end()


def test_a_resize_and_editing_keep_the_prompt_in_order(server: Server) -> None:
    with SSHScreen(server.ports["ssh"], user="cleo") as cleo:
        enter(server, cleo, "#size")
        cleo.type("left\x1b[D\x1b[D-\x7f=")
        cleo.wait_for(end="#size> le=ft")
        cleo.resize(12, 40)
        cleo.type("\x05!")
        cleo.wait_for(end="#size> le=ft!")
        assert all(len(line) <= 40 for line in cleo.lines)
        cleo.enter("")
        cleo.wait_for("<@cleo> le=ft!", end="#size>")


def test_tab_history_and_a_paste(server: Server) -> None:
    with (
        Client(server.ports["plain"]) as friend,
        SSHScreen(server.ports["ssh"], user="dora") as dora,
    ):
        friend.register("frederick", "batch", "draft/multiline", "message-tags").join("#tab")
        enter(server, dora, "#tab")
        dora.type("fre\t")
        dora.wait_for(end="#tab> frederick:")
        dora.enter("hello")
        dora.wait_for("<dora> frederick: hello")
        dora.type("\x1b[A")
        dora.wait_for(end="#tab> frederick: hello")
        dora.type("\x03")
        dora.wait_for("Ctrl-D or /quit leaves")
        dora.type("\x1a")
        dora.wait_for("to suspend ssh press Enter, ~ and Ctrl-Z")
        dora.type("\x1b[200~one\rtwo\x1b[201~\r")
        dora.wait_for("Say these 2 lines as one message? [y/n]")
        dora.enter("y")
        assert friend.until("BATCH").params[1:] == ("draft/multiline", "#tab")


def test_every_command_of_the_client_works(server: Server) -> None:
    with (
        Client(server.ports["plain"]) as friend,
        SSHScreen(server.ports["ssh"], user="emma", rows=50) as emma,
    ):
        friend.register("gus").join("#cmd")
        enter(server, emma, "#cmd")
        for typed, seen in (
            ("/names", "gus"),
            ("/whois gus", "that is all about gus"),
            ("/away lunch", "you are away; /away without words ends that"),
            ("/away", "you are back"),
            ("/list", "#cmd"),
            ("/topic", "there is no topic"),
            ("/msg gus psst", "to gus"),
            ("/nick emily", "#cmd (2) │ emily"),
            ("/search nothing-like-it", "nothing found"),
            ("/set colours off", "colours = off"),
            ("/raw VERSION", "hubbub"),
            ("/oper nobody", "Password of nobody:"),
        ):
            emma.enter(typed)
            emma.wait_for(seen)
        emma.enter("secret")
        emma.wait_for("#cmd>")
        assert "secret" not in emma.raw
        emma.enter("/clear")
        emma.wait_for(end="#cmd>")


def test_an_account_is_registered_and_guarded_without_showing_what_is_secret(
    server: Server,
) -> None:
    with SSHScreen(server.ports["ssh"], user="secy", rows=50) as secy:
        enter(server, secy, "#sec")
        secy.enter("/register")
        for prompt in ("New password:", "The same again:"):
            secy.wait_for(prompt)
            secy.enter("hard-to-guess")
        secy.wait_for("the account secy is registered")
        secy.enter("/2fa on")
        secy.wait_for("its key is", "Code that your app shows:")
        secy.type("\x03")
        secy.wait_for("stays off", end="#sec>")
        secy.enter("/token add ci")
        secy.wait_for("token ci: hub_")
        assert "hard-to-guess" not in secy.raw


@pytest.mark.parametrize("sent", ["NO_COLOR=1", "NO_COLOR=", "LANG=C"])
def test_no_color_is_the_one_variable_that_is_heeded(server: Server, sent: str) -> None:
    with SSHScreen(server.ports["ssh"], f"-oSetEnv={sent}", user="mono") as screen:
        screen.wait_for("you are in #lobby")
        screen.enter("/nonsense")
        screen.wait_for("there is no /nonsense")
        colours = re.findall(r"\x1b\[[0-9;]*[349][0-9][0-9;]*m", screen.raw)
        assert bool(colours) is (sent != "NO_COLOR=1")


@pytest.mark.parametrize("term", ["dumb", "xterm-256color"])
def test_a_plain_terminal_gets_lines_and_no_sequences(server: Server, term: str) -> None:
    with (
        Client(server.ports["plain"]) as friend,
        SSHScreen(server.ports["ssh"], user=f"p{term[0]}", term=term) as plain,
    ):
        friend.register(f"f{term[0]}").join("#lobby")
        plain.wait_for("you are in #lobby")
        if term != "dumb":
            plain.enter("/set plain on")
            plain.wait_for("plain = on")
            plain.raw = ""
        friend.send("PRIVMSG #lobby :\x0304red\x03 news")
        plain.wait_for("red news")
        plain.enter("seen")
        plain.wait_for(f"<p{term[0]}> seen")
        assert "\x1b" not in plain.raw
        plain.type("\x04")
        plain.wait_for_end()
        friend.leave()


@pytest.mark.parametrize(
    "hostile",
    [
        *(chr(code) for code in range(1, 32) if code not in (10, 13)),
        *(chr(code) for code in range(0x7F, 0xA0)),
        "\x1b]52;c;aGFja2Vk\x07",
        "\u202egnp.exe\u2066",
        "a" + "\u0301" * 100,
    ],
    ids=lambda text: "-".join(f"{ord(char):x}" for char in text[:3]),
)
def test_nothing_hostile_reaches_a_terminal(
    listener: tuple[SSHScreen, Client], hostile: str
) -> None:
    screen, friend = listener
    start = len(screen.raw)
    friend.send(f"PRIVMSG #hostile :x{hostile}y {start}", f"NOTICE #hostile :{hostile} n{start}")
    screen.wait_for(f"y {start}", f" n{start}")
    shown = screen.raw[start:]
    own = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", shown)
    assert not set(own) & {chr(code) for code in (*range(32), *range(0x7F, 0xA0))} - set("\r\n")
    assert "]52;" not in shown.replace("␛]52;", "")
    assert not set(own) & set("\u202e\u2066")
    assert own.count("\u0301") < 20


@pytest.fixture(scope="module")
def listener(server: Server) -> Iterator[tuple[SSHScreen, Client]]:
    with (
        Client(server.ports["plain"]) as friend,
        SSHScreen(server.ports["ssh"], user="target") as screen,
    ):
        enter(server, screen, "#hostile")
        friend.register("hostile").join("#hostile")
        yield screen, friend


def test_a_server_that_stops_says_so_and_leaves_nobody_hanging(tmp_path: Path) -> None:
    with Server(tmp_path / "data", HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as own:
        tail = ssh.command(own.ports["ssh"], "tail '#lobby'", user="tail")
        with SSHScreen(own.ports["ssh"], user="last") as screen:
            # Who comes first sees the other come.
            screen.wait_for("#lobby (1)")
            with subprocess.Popen(tail, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as pipe:
                screen.wait_for("tail joined")
                assert own.stop() == 0
                screen.wait_for("Server is stopping")
                assert screen.wait_for_end() == 1
                assert pipe.stderr is not None
                assert b"Server is stopping" in pipe.stderr.read()
                assert pipe.wait(20) == 1
