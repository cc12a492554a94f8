"""Who listens, by what the kernel says of real sockets."""

from __future__ import annotations

import os
import socket

import pytest

from hubbub.server.checks.listening import listener_at


@pytest.mark.parametrize(
    ("listens", "asked"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104
        ("127.0.0.1", "0.0.0.0"),  # noqa: S104
        ("::1", "::1"),
        ("::", "::1"),
    ],
)
def test_who_has_an_address(listens: str, asked: str) -> None:
    family = socket.AF_INET6 if ":" in listens else socket.AF_INET
    with socket.create_server((listens, 0), family=family) as door:
        found = listener_at(asked, door.getsockname()[1])
    assert found is not None
    assert found.pid == os.getpid()
    assert found.name


def test_nobody_listens_elsewhere() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
        assert listener_at("127.0.0.2", port) is None
    assert listener_at("127.0.0.1", port) is None
