"""Where the server's name leads."""

from __future__ import annotations

import pytest

from hubbub.server.checks.finding import Level
from hubbub.server.checks.running.name import check_name, is_here, resolved
from hubbub.settings import Settings

PUBLIC = Settings.model_validate(
    {"name": "chat.example.org", "access": "invite", "doors": {"tls": ["0.0.0.0:6697"]}}
)


def unknown(name: str) -> list[str]:
    raise OSError(-2, "Name or service not known")


def test_for_this_machine_only_no_name_is_needed() -> None:
    [found] = check_name(Settings(), unknown)
    assert found.level == Level.OK


def test_a_name_that_nobody_knows() -> None:
    [found] = check_name(PUBLIC, unknown)
    assert found.level == Level.WARNING
    assert found.what == "chat.example.org has no address in DNS: Name or service not known"


@pytest.mark.parametrize(
    ("addresses", "level"),
    [
        (["127.0.0.1"], Level.OK),
        (["192.0.2.7"], Level.WARNING),
        (["127.0.0.1", "2001:db8::7"], Level.WARNING),
    ],
)
def test_where_it_leads(addresses: list[str], level: Level) -> None:
    [found] = check_name(PUBLIC, lambda name: addresses)
    assert found.level == level
    assert ("Elastic IP" in found.mend) == (level == Level.WARNING)


def test_this_machine() -> None:
    assert "127.0.0.1" in [*resolved("localhost"), *resolved("127.0.0.1")]
    assert is_here("127.0.0.1")
    assert not is_here("192.0.2.7")
