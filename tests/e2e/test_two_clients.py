"""Programs that people use: openssl s_client, WeeChat and irssi talk through one server."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from tests.e2e.irc_client import Client
from tests.e2e.server import Server

PATIENCE = 30


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with Server(tmp_path / "data") as server:
        yield server


@pytest.fixture
def ann(server: Server) -> Iterator[Client]:
    """Give somebody who has said something in #lobby before anybody else came."""
    with Client(server.ports["plain"]).register("ann", "echo-message").join("#lobby") as ann:
        ann.send("PRIVMSG #lobby :said-before")
        ann.until("PRIVMSG")
        yield ann


def program(name: str) -> str:
    """Return the path of a program, or skip."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


def wait_for(condition: Callable[[], bool], told: Callable[[], str]) -> None:
    """Look again and again, for another program tells of nothing by itself."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, told()
        time.sleep(0.02)


def test_openssl(server: Server, ann: Client) -> None:
    command = [program("openssl"), "s_client", "-quiet", "-verify_return_error"]
    command += ["-connect", f"127.0.0.1:{server.ports['tls']}"]
    command += ["-CAfile", str(server.directory / "certificate.pem")]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        bufsize=1,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def until(word: str) -> str:
            assert process.stdout is not None
            for line in process.stdout:
                if word in line:
                    return line
            raise AssertionError(f"no {word} came")

        process.stdin.write("NICK bob\nUSER bob 0 * :Bob\nJOIN #lobby\n")
        # It cannot be told the time, so what is old comes from the server.
        assert " NOTICE #lobby :[" in until("said-before")
        ann.until(lambda m: m.command == "JOIN" and m.nick == "bob")
        ann.send("PRIVMSG #lobby :hello-bob")
        assert until("hello-bob").startswith(":ann!ann@")
        process.stdin.write("PRIVMSG #lobby :hello-ann\n")
        assert ann.until(lambda m: m.command == "PRIVMSG" and m.nick == "bob").params[1] == (
            "hello-ann"
        )
        process.stdin.write("QUIT :bye\n")
        assert "Quit: bye" in until("ERROR")
        assert process.wait(PATIENCE) == 0


def test_weechat(server: Server, ann: Client, tmp_path: Path) -> None:
    home = tmp_path / "weechat"
    found = server.banner.lower().split("sha-256 ")[1].split()[0].replace(":", "")
    program_path = program("weechat-headless")
    version = subprocess.run(
        [program_path, "--version"], capture_output=True, text=True, check=True
    ).stdout
    tls = "ssl" if version.startswith(("2.", "3.")) else "tls"
    commands = [
        "/set logger.file.flush_delay 0",
        "/set fifo.file.path ${weechat_runtime_dir}/fifo",
        f"/server add hub 127.0.0.1/{server.ports['tls']} -{tls} -nicks=wee -autojoin=#lobby",
        f"/set irc.server.hub.{tls}_fingerprint {found}",
        "/connect hub",
    ]
    command = [program_path, "--dir", str(home)]
    for line in commands:
        command += ["--run-command", line]
    log = home / "logs" / "irc.hub.#lobby.weechatlog"

    def logged() -> str:
        return log.read_text() if log.exists() else ""

    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        try:
            ann.until(lambda m: m.command == "JOIN" and m.nick == "wee")
            # WeeChat cannot ask for history: it is shown what was said when it joins.
            wait_for(lambda: "said-before" in logged(), logged)
            ann.send("PRIVMSG #lobby :said-after")
            wait_for(lambda: "said-after" in logged(), logged)
            (fifo,) = home.glob("**/fifo")
            with fifo.open("w") as pipe:
                pipe.write("irc.hub.#lobby *from-weechat\n")
            heard = ann.until(lambda m: m.command == "PRIVMSG" and m.nick == "wee")
            assert heard.params[1] == "from-weechat"
            with fifo.open("w") as pipe:
                pipe.write("core.weechat */quit so-long\n")
            left = ann.until(lambda m: m.command == "QUIT" and m.nick == "wee")
            assert left.params[0] == "Quit: so-long"
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()


def test_irssi(server: Server, ann: Client, tmp_path: Path) -> None:
    home = tmp_path / "irssi"
    home.mkdir()
    certificate = server.directory / "certificate.pem"
    (home / "config").write_text(
        'chatnets = { hub = { type = "IRC"; }; };\n'
        f'servers = ( {{ address = "localhost"; chatnet = "hub"; port = "{server.ports["tls"]}";'
        f' use_tls = "yes"; tls_verify = "yes"; tls_cafile = "{certificate}"; family = "inet";'
        ' autoconnect = "yes"; } );\n'
        'channels = ( { name = "#lobby"; chatnet = "hub"; autojoin = "yes"; } );\n'
        'settings = { core = { nick = "irs"; user_name = "irs"; real_name = "Irs"; };'
        # It would take its time between two commands.
        ' "irc/core" = { cmd_queue_speed = "10msec"; }; };\n'
    )
    child = pexpect.spawn(
        program("irssi"),
        ["--home", str(home)],
        env={"TERM": "xterm", "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": str(home)},
        dimensions=(40, 160),
        timeout=PATIENCE,
        encoding="utf-8",
    )
    try:
        ann.until(lambda m: m.command == "JOIN" and m.nick == "irs")
        # What was joined without being asked for has a window of its own, behind the first.
        child.send("/window goto #lobby\r")
        child.expect_exact("said-before")
        ann.send("PRIVMSG #lobby :said-after")
        child.expect_exact("said-after")
        child.send("from-irssi\r")
        heard = ann.until(lambda m: m.command == "PRIVMSG" and m.nick == "irs")
        assert heard.params[1] == "from-irssi"
        child.send("/topic what-irssi-says\r")
        # A kept channel has no operator, so this is refused in the reader's own words.
        child.expect("not channel operator|not a channel operator")
        child.send("/quit so-long\r")
        left = ann.until(lambda m: m.command == "QUIT" and m.nick == "irs")
        assert left.params[0] == "Quit: so-long"
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
