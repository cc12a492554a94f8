"""What a server says when it is ready."""

from __future__ import annotations

from pathlib import Path

import pytest

from hubbub.server.greeting import greeting
from hubbub.settings import Address, Settings

SETTINGS = Settings(name="chat.example", data_dir=Path("/var/lib/hubbub"))


def said(*doors: tuple[str, str, int], code: str = "") -> list[str]:
    opened = [(kind, Address(host, port)) for kind, host, port in doors]
    return greeting(SETTINGS, opened, ["certificate SHA-256 AB:CD"], code).split("\n")


def test_it_names_the_doors_and_ends_with_ready() -> None:
    lines = said(("tls", "127.0.0.1", 6697), ("ssh", "::1", 2222))
    assert lines[0].startswith("chat.example (")
    assert lines[1:3] == ["  tls       127.0.0.1:6697", "  ssh       [::1]:2222"]
    assert "  certificate SHA-256 AB:CD" in lines
    assert lines[-1] == "ready"


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("127.0.0.1", "localhost"),
        ("0.0.0.0", "chat.example"),  # noqa: S104
        ("::", "chat.example"),
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8::7", "[2001:db8::7]"),
    ],
)
def test_one_joins_by_a_host_that_reaches_the_first_tls_door(host: str, shown: str) -> None:
    lines = said(("plain", "127.0.0.1", 6667), ("tls", host, 6697), ("tls", "192.0.2.9", 7000))
    assert f"  join with: hubbub chat ircs://{shown}:6697/lobby" in lines


def test_without_tls_there_is_no_such_advice() -> None:
    assert not any("join with" in line for line in said(("plain", "127.0.0.1", 6667)))


def test_who_sets_a_server_up_is_shown_the_code_of_its_owner() -> None:
    shown = "  owner code ABCD: who registers an account with it is the owner"
    assert shown in said(code="ABCD")
    assert not any("owner code" in line for line in said())
