"""SSH by other programs than OpenSSH: Dropbear's client, paramiko, PuTTY's plink."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko
import pyotp
import pytest

from hubbub.passwords.argon2 import hash_password
from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

PASSWORD = "correct horse battery"
SECONDS = 30.0
DROPBEAR = pytest.mark.skipif(
    not (shutil.which("dbclient") and shutil.which("dropbearkey")),
    reason="dbclient or dropbearkey is not installed",
)
PLINK = pytest.mark.skipif(shutil.which("plink") is None, reason="plink is not installed")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("clients") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        with Client(running.ports["plain"]) as client:
            client.register("ann")
            client.send(f"REGISTER * * :{PASSWORD}")
            client.until("REGISTER")
            client.leave()
        yield running


def add_key(server: Server, key: Path) -> None:
    with Client(server.ports["plain"]) as client:
        client.send(f"PASS :ann:{PASSWORD}")
        client.register("ann")
        ssh.add_key(client, key)
        client.leave()


def who(listed: str) -> list[str]:
    """Return the nicks that `who` lists."""
    return [line.split("\t")[0] for line in listed.splitlines()]


# Dropbear


def dbclient(
    server: Server, home: Path, *options: str, user: str, password: str = ""
) -> subprocess.CompletedProcess[str]:
    port = str(server.ports["ssh"])
    return subprocess.run(
        ["dbclient", "-y", "-y", "-p", port, *options, f"{user}@127.0.0.1", "who"],
        env={**os.environ, "HOME": str(home), "DROPBEAR_PASSWORD": password},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@DROPBEAR
def test_dropbear_comes_in_with_a_password(server: Server, tmp_path: Path) -> None:
    done = dbclient(server, tmp_path, user="ann", password=PASSWORD)
    assert "ann" in who(done.stdout), done.stderr
    refused = dbclient(server, tmp_path, user="ann", password="wrong")
    assert who(refused.stdout) == []
    assert "Wrong account name or password" in refused.stderr


@DROPBEAR
def test_dropbear_comes_in_as_a_guest(server: Server, tmp_path: Path) -> None:
    for user in ("guest", "visitor"):
        done = dbclient(server, tmp_path, user=user)
        assert user in who(done.stdout), done.stderr


@DROPBEAR
def test_dropbear_comes_in_with_a_key(server: Server, tmp_path: Path) -> None:
    key = tmp_path / "key"
    # What Dropbear made, for ssh-keygen to sign with.
    converted = tmp_path / "converted"
    for command in (
        ["dropbearkey", "-t", "ed25519", "-f", str(key)],
        ["dropbearconvert", "dropbear", "openssh", str(key), str(converted)],
    ):
        subprocess.run(command, capture_output=True, check=True)
    add_key(server, converted)
    done = dbclient(server, tmp_path, "-i", str(key), user="whoever")
    assert "ann" in who(done.stdout), done.stderr


# paramiko


@pytest.fixture
def transport(server: Server) -> Iterator[paramiko.Transport]:
    opened = paramiko.Transport(("127.0.0.1", server.ports["ssh"]))
    opened.start_client(timeout=SECONDS)
    yield opened
    opened.close()


def run(transport: paramiko.Transport, command: str = "who") -> str:
    return run_in(transport.open_session(timeout=SECONDS), command)


def run_in(session: paramiko.Channel, command: str = "who") -> str:
    session.settimeout(SECONDS)
    session.exec_command(command)
    output = b""
    while data := session.recv(4096):
        output += data
    assert session.recv_exit_status() == 0
    return output.decode()


def test_paramiko_may_try_again(transport: paramiko.Transport) -> None:
    for wrong in ("wrong", "also wrong"):
        with pytest.raises(paramiko.AuthenticationException):
            transport.auth_password("ann", wrong)
    with pytest.raises(paramiko.AuthenticationException):
        transport.auth_publickey("ann", paramiko.RSAKey.generate(2048))
    assert transport.auth_password("ann", PASSWORD) == []
    assert "ann" in who(run(transport))
    # And several sessions, one after the other.
    assert "ann" in who(run(transport))


def test_paramiko_comes_in_with_a_key(
    server: Server, transport: paramiko.Transport, tmp_path: Path
) -> None:
    made = ssh.make_key(tmp_path, kind="ecdsa")
    add_key(server, made)
    key = paramiko.ECDSAKey.from_private_key_file(str(made))
    transport.auth_publickey("whoever", key)
    assert "ann" in who(run(transport))


def test_a_guest_may_have_a_key(transport: paramiko.Transport) -> None:
    transport.auth_publickey("keyholder", paramiko.RSAKey.generate(2048))
    assert "keyholder" in who(run(transport))


def test_paramiko_exchanges_keys_again(transport: paramiko.Transport) -> None:
    transport.auth_none("guest")
    for _ in range(3):
        # It opens when the end of the one before has come, which paramiko cannot take meanwhile.
        session = transport.open_session(timeout=SECONDS)
        transport.renegotiate_keys()
        assert "guest" in who(run_in(session))


def test_what_comes_out_of_order_ends_its_own_session_only(
    server: Server, transport: paramiko.Transport
) -> None:
    transport.auth_none("guest")
    calls: list[Callable[[paramiko.Channel], object]] = [
        lambda session: session.exec_command("help"),
        lambda session: session.invoke_shell(),
        lambda session: session.get_pty("vt100", 100, 50),
        lambda session: session.resize_pty(1, 1),
        lambda session: session.shutdown_write(),
        lambda session: session.exec_command(b"\xff\xfe"),
        lambda session: session.update_environment({f"A{each}": "x" * 9000 for each in range(50)}),
    ]
    before = server.resident_bytes()
    for first in calls:
        for second in calls:
            session = transport.open_session(timeout=SECONDS)
            with contextlib.suppress(paramiko.SSHException, OSError):
                first(session)
                second(session)
            session.close()
    assert "guest" in who(run(transport))
    assert server.resident_bytes() - before < 8 * 1024 * 1024


def test_a_password_method_is_asked_for_the_code_too(
    server: Server, transport: paramiko.Transport
) -> None:
    with Client(server.ports["plain"]) as client:
        client.register("two")
        client.send(f"REGISTER * * :{PASSWORD}")
        client.until("REGISTER")
        client.send("TOTP BEGIN")
        begun = client.until("TOTP")
        key = next(word for word in begun.params if len(word) == 32 and word.isalnum())
        client.send(f"TOTP CONFIRM {pyotp.TOTP(key).now()}")
        codes = client.until(lambda m: m.command == "TOTP" and m.params[0] == "RECOVERY")
        client.leave()
    recovery = codes.params[1].split()
    assert set(transport.auth_password("two", PASSWORD)) >= {"keyboard-interactive"}
    asked: list[str] = []

    def answer(title: str, text: str, prompts: list[tuple[str, bool]]) -> list[str]:
        asked.extend(prompt for prompt, _ in prompts)
        return [recovery[0] for _ in prompts]

    assert transport.auth_interactive("two", answer) == []
    assert asked == ["One-time code: "]
    assert "two" in who(run(transport))


# OpenSSH, in scripts


@ssh.NEEDED
def test_a_guests_script_needs_no_terminal(server: Server, tmp_path: Path) -> None:
    port, batch = server.ports["ssh"], "-oBatchMode=yes"
    assert "guest-1" in who(ssh.run(port, batch, "who", user="guest-1").stdout)
    key = ssh.make_key(tmp_path)
    assert "script" in who(ssh.run(port, batch, "who", user="script", key=key).stdout)
    # Without a key it is told what to do.
    refused = ssh.run(port, batch, "-oLogLevel=INFO", "who", user="script")
    assert refused.returncode == 255
    assert "ssh guest-script@" in refused.stderr


# PuTTY


@PLINK
def test_plink_comes_in(server: Server, tmp_path: Path) -> None:
    port = str(server.ports["ssh"])
    shown = server.banner.partition("ssh host key ")[2].split()[0]
    for user, options in (("guest", []), ("ann", ["-pw", PASSWORD])):
        done = subprocess.run(
            [
                "plink",
                "-batch",
                "-hostkey",
                shown,
                *options,
                "-P",
                port,
                f"{user}@127.0.0.1",
                "who",
            ],
            env={**os.environ, "HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert user in who(done.stdout), done.stderr


# Names


@ssh.NEEDED
@pytest.mark.parametrize("access", ["closed", "invite", "open"])
def test_nobody_learns_which_names_are_accounts(tmp_path: Path, access: str) -> None:
    settings = {"HUBBUB_DOORS__SSH": '["127.0.0.1:0"]', "HUBBUB_ACCESS": access}
    if access == "open":
        settings["HUBBUB_PASSWORD"] = hash_password("sesame")
    key = ssh.make_key(tmp_path)
    with Server(tmp_path / "data", **settings) as server:
        data = str(server.directory)
        command = [sys.executable, "-m", "hubbub", "account", "add", "real", "--data", data]
        subprocess.run(command, capture_output=True, check=True)
        answers = {"real": set[str](), "fake": set[str]()}
        answering = ssh.answering(tmp_path, "wrong")
        for name, heard in answers.items():
            for mine in (None, key):
                done = ssh.run(
                    server.ports["ssh"],
                    "-oLogLevel=INFO",
                    "-oNumberOfPasswordPrompts=1",
                    "who",
                    user=name,
                    key=mine,
                    environment=answering,
                )
                assert done.returncode == 255
                heard.add(done.stderr.replace(name, "NAME"))
            for line in (f"NICK {name}", f"NICK {name}|USER a 0 * :a"):
                heard.add(by_irc(server, *line.split("|")).replace(name, "NAME"))
            for early in ("CAP LS 302", "PING x"):
                lines = (early, f"NICK {name}", "USER a 0 * :a", f"REGISTER {name} * :{PASSWORD}")
                heard.add(by_irc(server, *lines).replace(name, "NAME"))
        assert answers["real"] == answers["fake"]


def by_irc(server: Server, *lines: str) -> str:
    """Return all that a client hears who is not let in."""
    with Client(server.ports["plain"]) as client:
        client.send(*lines, "QUIT")
        heard = []
        with contextlib.suppress(EOFError, ConnectionResetError):
            while message := client.next():
                heard.append(f"{message.command} {' '.join(message.params)}")
        return "\n".join(heard)
