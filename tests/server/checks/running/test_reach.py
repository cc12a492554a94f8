"""Doors as they are met from outside; real servers: tests/cli/test_inspection.py."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hubbub.server.checks.finding import Level
from hubbub.server.checks.running.reach import check_doors, check_from_outside
from hubbub.settings import Settings

NO_DOORS: dict[str, Any] = {"tls": [], "plain": [], "ssh": []}


def found(**doors: Any) -> list[tuple[str, Level, str]]:
    settings = Settings.model_validate({"doors": {**NO_DOORS, **doors}, "access": "invite"})
    return [(each.subject, each.level, each.what) for each in check_doors(settings)]


@contextmanager
def saying(answer: bytes, host: str = "127.0.0.1") -> Iterator[int]:
    """Listen on a port, and say something to whoever comes once."""
    with socket.create_server((host, 0)) as door:

        def answering() -> None:
            peer, _ = door.accept()
            with peer:
                peer.sendall(answer)
                peer.shutdown(socket.SHUT_WR)
                while peer.recv(4096):
                    pass

        thread = threading.Thread(target=answering, daemon=True)
        thread.start()
        yield door.getsockname()[1]
        thread.join()


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("plain", b":s CAP * LS :sasl\r\n"),
        ("ssh", b"SSH-2.0-hubbub\r\n"),
        ("websocket", b"HTTP/1.1 101 Switching Protocols\r\n"),
        ("health", b"HTTP/1.1 200 OK\r\n"),
    ],
)
def test_who_answers_as_the_door_does_lets_people_in(kind: str, answer: bytes) -> None:
    with saying(answer) as port:
        [(subject, level, _)] = found(**{kind: [f"127.0.0.1:{port}"]})
    assert (subject, level) == (f"door {kind}", Level.OK)


@pytest.mark.parametrize("kind", ["plain", "ssh", "websocket", "health"])
@pytest.mark.parametrize(
    ("answer", "quoted"), [(b"220 \x1b[2Jmail\r\n", '"220 \x1b[2Jmail"'), (b"", "it says nothing")]
)
def test_another_program_is_told_from_a_door(kind: str, answer: bytes, quoted: str) -> None:
    with saying(answer) as port:
        [(_, level, what)] = found(**{kind: [f"127.0.0.1:{port}"]})
    assert level == Level.ERROR
    # Made harmless where it is printed.
    assert what.endswith(f"not as it should: {quoted}")


def test_nobody_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    [(_, level, what)] = found(tls=[f"127.0.0.1:{port}"])
    assert level == Level.ERROR
    assert what == f"127.0.0.1:{port} does not answer: Connection refused"


def test_behind_proxies_nobody_else_is_let_in() -> None:
    with saying(b"") as port:
        [(_, level, what)] = found(plain=[f"127.0.0.1:{port}"], proxies=["127.0.0.1"])
    assert level == Level.OK
    assert "only a proxy" in what


def test_a_door_on_any_port_is_not_looked_for() -> None:
    [(_, level, what)] = found(plain=["127.0.0.1:0"])
    assert (level, "not looked at" in what) == (Level.OK, True)


def open_on(host: str, port: int) -> Settings:
    """Return the settings of a server whose name leads to this machine."""
    doors = {**NO_DOORS, "tls": [f"{host}:{port}"]}
    settings = Settings.model_validate({"doors": doors, "access": "open"})
    return settings.model_copy(update={"name": "127.0.0.1"})


def test_by_its_name_it_is_come_to_where_other_machines_are_to() -> None:
    everywhere = "0.0.0.0"  # noqa: S104
    with saying(b"", everywhere) as port:
        levels = [each.level for each in check_from_outside(open_on(everywhere, port))]
    assert levels == [Level.OK]
    [found] = check_from_outside(open_on(everywhere, port))
    assert found.level == Level.WARNING
    assert "security group" in found.mend
    assert list(check_from_outside(open_on("127.0.0.1", port))) == []
