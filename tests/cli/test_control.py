"""Asking a running server, and what is said where that does not work."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from hubbub.cli.control import ControlError, ask
from hubbub.server.files import SOCKET_NAME


@contextmanager
def answering(directory: Path, answer: bytes) -> Iterator[list[bytes]]:
    """Be a server that gives one answer; yield what it was asked."""
    asked: list[bytes] = []
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(directory / SOCKET_NAME))
        listener.listen()

        def serve() -> None:
            connected, _ = listener.accept()
            with connected:
                if connected.recv(65536) != b"STATUS\r\n" or not answer:
                    return
                connected.sendall(b":s STATUS END :End\r\n")
                while not asked or b"PING" not in asked[-1]:
                    asked.append(connected.recv(65536))
                connected.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield asked
        thread.join(20)


def test_what_is_answered_up_to_the_pong(tmp_path: Path) -> None:
    answer = b":s ACCOUNT a :b c\r\n:s PONG s done\r\n:s ACCOUNT late\r\n"
    with answering(tmp_path, answer) as asked:
        answers = ask(tmp_path, "ACCOUNT", "x", "a b")
    assert [message.params for message in answers] == [("a", "b c")]
    assert b"".join(asked) == b"ACCOUNT x :a b\r\nPING :done\r\n"


@pytest.mark.parametrize(
    "line", [b"FAIL ACCOUNT X :not so", b"ERROR :not so", b"481 x :not so", b"461 x y :not so"]
)
def test_a_refusal_is_said(tmp_path: Path, line: bytes) -> None:
    answer = b":s " + line + b"\r\n:s PONG s done\r\n"
    refused = pytest.raises(ControlError, match=r"^not so$")
    with answering(tmp_path, answer), refused:
        ask(tmp_path, "ACCOUNT", "LIST")


def test_a_server_that_goes_is_told_of(tmp_path: Path) -> None:
    with answering(tmp_path, b""), pytest.raises(ControlError, match="closed the connection"):
        ask(tmp_path, "STATUS")


def test_no_server(tmp_path: Path) -> None:
    with pytest.raises(ControlError, match="no server runs with the data directory"):
        ask(tmp_path, "STATUS")
    with pytest.raises(ControlError, match="no server runs"):
        ask(tmp_path / "nowhere", "STATUS")
    # What a killed server left behind is none either.
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / SOCKET_NAME))
    with pytest.raises(ControlError, match="no server runs"):
        ask(tmp_path, "STATUS")


def test_a_path_that_is_too_long_is_named(tmp_path: Path) -> None:
    long = tmp_path / ("d" * 100)
    long.mkdir()
    with pytest.raises(ControlError, match="too long for a socket"):
        ask(long, "STATUS")


@pytest.mark.parametrize(
    "params", [("a\r\nb",), ("a\0",), ("a b", "c"), ("", "c"), (":a", "c"), ("x", "\n")]
)
def test_what_would_be_another_command_is_not_sent(tmp_path: Path, params: tuple[str]) -> None:
    with pytest.raises(ControlError, match=r"holds|is empty"):
        ask(tmp_path, "ACCOUNT", *params)
