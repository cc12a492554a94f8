"""What the SSH door allows, and what it refuses: the real `ssh`, and whoever does not play fair."""

from __future__ import annotations

import re
import shutil
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e import ssh
from tests.e2e.irc_client import Client
from tests.e2e.server import Server

pytestmark = ssh.NEEDED

# What this version of ssh-audit has not heard of; both are what OpenSSH prefers today.
TOO_NEW = ("mlkem768x25519-sha256", "kex-strict-s-v00@openssh.com")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    directory = tmp_path_factory.mktemp("ssh") / "data"
    with Server(directory, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as running:
        yield running


def test_the_host_key_is_made_once_private_and_shown(tmp_path: Path) -> None:
    data = tmp_path / "data"
    shown = []
    for _ in range(2):
        with Server(data, HUBBUB_DOORS__SSH='["127.0.0.1:0"]') as server:
            shown += re.findall(r"ssh host key (SHA256:\S+)", server.banner)
            assert server.stop() == 0
    key = data / "ssh_host_ed25519_key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    listed = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(key)], capture_output=True, text=True, check=True
    )
    assert shown == [listed.stdout.split()[1]] * 2


def test_an_operators_own_keys_are_used(tmp_path: Path) -> None:
    key = ssh.make_key(tmp_path, "own", "ecdsa")
    settings = {"HUBBUB_DOORS__SSH": '["127.0.0.1:0"]', "HUBBUB_SSH__HOST_KEYS": f'["{key}"]'}
    with Server(tmp_path / "data", **settings) as server:
        port = str(server.ports["ssh"])
        seen = subprocess.run(
            ["ssh-keyscan", "-p", port, "-t", "ecdsa", "127.0.0.1"],
            capture_output=True,
            text=True,
            check=True,
        )
    assert key.with_suffix(".pub").read_text().split()[1] in seen.stdout


@pytest.mark.skipif(shutil.which("ssh-audit") is None, reason="ssh-audit is not installed")
def test_ssh_audit_finds_nothing(server: Server) -> None:
    done = subprocess.run(
        ["ssh-audit", "-n", "-l", "warn", "-p", str(server.ports["ssh"]), "127.0.0.1"],
        capture_output=True,
        text=True,
        check=False,
    )
    found = [line for line in done.stdout.splitlines() if "[warn]" in line or "[fail]" in line]
    unknown = [name for name in TOO_NEW if any(name in line for line in found)]
    assert len(found) == len(unknown), done.stdout
    assert all("unknown algorithm" in line for line in found), done.stdout


def test_strict_key_exchange_is_in_effect(server: Server) -> None:
    # Against Terrapin (CVE-2023-48795): nothing may come between the packets of a key exchange.
    with socket.create_connection(("127.0.0.1", server.ports["ssh"]), 10) as plain:
        plain.sendall(b"SSH-2.0-Test\r\n")
        # SSH_MSG_IGNORE before KEXINIT, which a client that offers strict KEX must not send.
        names = b"curve25519-sha256,kex-strict-c-v00@openssh.com"
        lists = [names, b"ssh-ed25519", *[b"aes256-gcm@openssh.com"] * 2]
        lists += [*[b"hmac-sha2-256-etm@openssh.com"] * 2, *[b"none"] * 2, b"", b""]
        body = b"".join(len(each).to_bytes(4, "big") + each for each in lists)
        packets = [b"\x02" + (0).to_bytes(4, "big"), b"\x14" + bytes(16) + body + bytes(5)]
        plain.sendall(b"".join(map(_packet, packets)))
        received = b""
        while data := plain.recv(65536):
            received += data
    assert b"kex-strict-s-v00@openssh.com" in received
    assert b"Strict key exchange violation" in received


def _packet(payload: bytes) -> bytes:
    padding = 8 - (5 + len(payload)) % 8
    padding += 8 if padding < 4 else 0
    length = (1 + len(payload) + padding).to_bytes(4, "big")
    return length + bytes([padding]) + payload + bytes(padding)


def test_aes_gcm_is_what_openssh_gets(server: Server) -> None:
    done = ssh.run(server.ports["ssh"], "-v", "-oLogLevel=DEBUG", "help")
    assert re.search(r"server->client cipher: aes\d+-gcm", done.stderr)
    assert "compression: none" in done.stderr


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        (["-W127.0.0.1:22"], "stdio forwarding failed"),
        (["-N", "-R0:127.0.0.1:1", "-oExitOnForwardFailure=yes"], "forwarding failed"),
    ],
)
def test_no_port_is_forwarded(server: Server, options: list[str], refusal: str) -> None:
    done = ssh.run(server.ports["ssh"], *options)
    assert done.returncode == 255
    assert refusal in done.stderr


def test_no_subsystem_is_served(server: Server) -> None:
    done = ssh.run(server.ports["ssh"], "-s", "sftp")
    assert done.returncode == 255
    assert "subsystem request failed" in done.stderr


def test_neither_agent_nor_environment_is_taken(server: Server) -> None:
    done = ssh.run(server.ports["ssh"], "-A", "-oSetEnv=LANG=C", "-v", "-oLogLevel=DEBUG", "help")
    assert done.returncode == 0
    assert "Requesting authentication agent forwarding" not in done.stderr


def test_a_connection_has_so_many_sessions(tmp_path: Path) -> None:
    settings = {
        "HUBBUB_DOORS__SSH": '["127.0.0.1:0"]',
        "HUBBUB_LIMITS__SSH_SESSIONS_PER_CONNECTION": "1",
    }
    control = f"-oControlPath={tmp_path}/c"
    with Server(tmp_path / "data", **settings) as server:
        port = server.ports["ssh"]
        tail = ssh.command(port, "-oControlMaster=yes", control, "tail '#x'")
        with subprocess.Popen(tail, stdin=subprocess.DEVNULL) as master:
            with Client(server.ports["plain"]) as watcher:
                watcher.register("watcher").join("#x")
                if "guest" not in str(watcher.seen):
                    watcher.until("JOIN")
            done = ssh.run(port, "-oControlMaster=no", control, "help")
            master.terminate()
    # ssh then makes a connection of its own.
    assert "Session open refused by peer" in done.stderr


def test_junk_and_silence_are_closed(tmp_path: Path) -> None:
    settings = {
        "HUBBUB_DOORS__SSH": '["127.0.0.1:0"]',
        "HUBBUB_LIMITS__HANDSHAKE_SECONDS": "0.3",
        "HUBBUB_LIMITS__SSH_UNAUTHENTICATED": "2",
    }
    with Server(tmp_path / "data", **settings) as server:
        address = ("127.0.0.1", server.ports["ssh"])
        with socket.create_connection(address, 10) as junk:
            junk.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert _read_all(junk).startswith(b"SSH-2.0-Hubbub")
        held = [socket.create_connection(address, 10) for _ in range(2)]
        for silent in held:
            assert silent.recv(100).startswith(b"SSH-2.0")
        with socket.create_connection(address, 10) as one_too_many:
            assert b"too many people are coming in at once" in _read_all(one_too_many)
        for silent in held:
            assert silent.recv(100) == b""
            silent.close()
        assert ssh.run(server.ports["ssh"], "help").returncode == 0


def _read_all(connected: socket.socket) -> bytes:
    received = b""
    try:
        while data := connected.recv(4096):
            received += data
    except ConnectionResetError:
        pass
    return received
