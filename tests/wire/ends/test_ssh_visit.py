"""A visit to OpenSSH's server: from the version to the window of the last channel."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from hubbub.wire.ends.ssh import MOST_BYTES
from hubbub.wire.failures import WireCode
from tests.wire.conftest import SSHServer
from tests.wire.looking import look, peer, until_closed

Capsys = pytest.CaptureFixture[str]


def test_both_sides_lists_and_what_is_chosen_and_why(sshd: SSHServer, capsys: Capsys) -> None:
    shown = look(capsys, sshd.address)
    assert shown.one("version", "received")["details"]["text"].startswith("SSH-2.0-OpenSSH")
    ours, theirs = (shown.one("KEXINIT", way)["details"] for way in ("sent", "received"))
    for what, why in shown.one("chosen")["details"].items():
        name = why.partition(":")[0]
        if not what.startswith("MAC"):
            assert name in ours[what]
            assert name in theirs[what]
    [reply] = [thing for thing in shown.named("KEX", "received") if "REPLY" in thing["what"]]
    assert reply["details"]["host key"] == f"ssh-ed25519 {sshd.fingerprint}"


def test_without_a_key_the_methods_are_told(sshd: SSHServer, capsys: Capsys) -> None:
    shown = look(capsys, sshd.address)
    assert shown.code == WireCode.NOT_ADMITTED
    assert "--identity" in shown.error
    failure = shown.one("USERAUTH_FAILURE", "received")["details"]
    assert "publickey" in failure["may go on with"]


def test_a_command_runs_in_a_channel_with_windows(sshd: SSHServer, capsys: Capsys) -> None:
    command = "echo hello; echo oops >&2; exit 3"
    shown = look(capsys, sshd.address, identity=sshd.identity, command=command)
    assert shown.code == WireCode.DONE
    asked, signed = shown.named("USERAUTH_REQUEST", "sent")[-2:]
    assert asked["details"]["signed"].startswith("no")
    assert signed["details"]["signed"] == "yes"
    opened = shown.named("CHANNEL_OPEN", "sent")[0]
    window = int(opened["details"]["window"].split()[0])
    out = shown.one("CHANNEL_DATA", "received")["details"]
    assert (out["text"], out["left of the window"]) == ("hello\u240a", f"{window - 6} bytes")
    error = shown.one("CHANNEL_EXTENDED_DATA", "received")["details"]
    assert (error["stream"], error["text"]) == ("standard error", "oops\u240a")
    status = [thing["details"].get("exit status") for thing in shown.named("CHANNEL_REQUEST")]
    assert 3 in status


def test_packets_say_how_they_are_protected(sshd: SSHServer, capsys: Capsys) -> None:
    shown = look(capsys, sshd.address)
    before = shown.one("KEXINIT", "received")["details"]
    behind = shown.one("SERVICE_ACCEPT", "received")["details"]
    assert before["protection"].startswith("none yet")
    assert behind["protection"] == "chacha20-poly1305@openssh.com, 16 bytes of tag"
    assert behind["packet"].startswith("length 24, padding ")


def test_compression_is_shown_and_undone(sshd: SSHServer, capsys: Capsys) -> None:
    options = {"identity": sshd.identity, "command": "head -c 2000 /dev/zero", "compress": True}
    shown = look(capsys, sshd.address, **options)
    assert shown.one("chosen")["details"]["compression, server to client"].startswith("zlib@")
    data = shown.named("CHANNEL_DATA", "received")
    assert sum(int(thing["details"]["data"].split()[0]) for thing in data) == 2000
    assert sum(thing["bytes"] for thing in data) < 500


def test_a_command_without_end_is_left(sshd: SSHServer, capsys: Capsys) -> None:
    shown = look(capsys, sshd.address, identity=sshd.identity, command="sleep 60", seconds=3.0)
    assert shown.code == WireCode.FELL_SILENT
    assert "the command did not end" in shown.error


def test_a_server_that_dies_meanwhile_is_told_of(sshd: SSHServer, capsys: Capsys) -> None:
    command = "echo hello; kill -9 $PPID; sleep 5"
    shown = look(capsys, sshd.address, identity=sshd.identity, command=command)
    assert (shown.code, "did not say how" in shown.error) == (WireCode.CUT_OFF, True)


def test_who_sends_too_much_is_left(sshd: SSHServer, capsys: Capsys) -> None:
    command = f"head -c {2 * MOST_BYTES} /dev/zero"
    shown = look(capsys, sshd.address, identity=sshd.identity, command=command)
    assert (shown.code, "more than" in shown.error) == (WireCode.CUT_OFF, True)


def test_a_key_that_is_none_is_told_before_anything_is_sent(tmp_path: Path, capsys: Capsys) -> None:
    (tmp_path / "key").write_text("no key")
    with peer(until_closed) as port:
        for name, said in (("key", "is no private key"), ("none", "No such file")):
            identity = str(tmp_path / name)
            shown = look(capsys, f"ssh://127.0.0.1:{port}", identity=identity)
            assert (shown.code, said in shown.error) == (WireCode.USAGE, True)


def test_a_slow_login_has_an_end(capsys: Capsys) -> None:
    def version_only(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-slow\r\n")
        until_closed(connection)

    with peer(version_only) as port:
        shown = look(capsys, f"ssh://127.0.0.1:{port}", seconds=0.5)
    assert (shown.code, "no key exchange" in shown.error) == (WireCode.FELL_SILENT, True)
    assert "try ssh://" not in shown.error


def test_what_the_library_cannot_stand_gets_a_sentence(capsys: Capsys) -> None:
    def odd(connection: socket.socket) -> None:
        connection.sendall("SSH-2.0-Büro\r\n".encode())
        until_closed(connection)

    with peer(odd) as port:
        shown = look(capsys, f"ssh://127.0.0.1:{port}", seconds=5.0)
    assert shown.code == WireCode.ANOTHER_PROTOCOL
    assert "what came cannot be understood" in shown.error


def test_what_answers_instead_is_named_also_when_it_hangs_up(capsys: Capsys) -> None:
    def refuse(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    with peer(refuse) as port:
        shown = look(capsys, f"ssh://127.0.0.1:{port}", seconds=5.0)
    assert (shown.code, "that is HTTP" in shown.error) == (WireCode.CUT_OFF, True)


def test_no_common_cipher_is_told(capsys: Capsys) -> None:
    lists = ["curve25519-sha256", "ssh-ed25519", "none", "none", "none", "none", "none", "none"]
    names = b"".join(len(name).to_bytes(4, "big") + name.encode() for name in (*lists, "", ""))
    payload = b"\x14" + bytes(16) + names + bytes(5)
    padding = -(5 + len(payload)) % 8 + 8
    packet = bytes((padding,)) + payload + bytes(padding)

    def offer(connection: socket.socket) -> None:
        connection.sendall(b"SSH-2.0-x\r\n" + len(packet).to_bytes(4, "big") + packet)
        until_closed(connection)

    with peer(offer) as port:
        shown = look(capsys, f"ssh://127.0.0.1:{port}", seconds=5.0)
    assert shown.code == WireCode.ANOTHER_PROTOCOL
    assert shown.one("chosen")["details"]["cipher, client to server"].startswith("nothing: ")
