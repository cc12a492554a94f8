"""How e-mails leave, and whether the mail server is there."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from hubbub.server.checks.finding import Level
from hubbub.server.checks.mail import check_mail, check_mail_server
from hubbub.settings import Settings


def settings(**mail: Any) -> Settings:
    return Settings.model_validate({"mail": {"sender": "chat@example.org", **mail} if mail else {}})


@pytest.mark.parametrize(
    ("mail", "level", "said"),
    [
        ({}, Level.OK, "no e-mail is sent"),
        ({"host": "mail.example.org"}, Level.OK, "by mail.example.org:587 (starttls)"),
        ({"host": "mail.example.org", "security": "none"}, Level.WARNING, "unencrypted"),
        ({"host": "localhost", "security": "none"}, Level.OK, "by localhost"),
    ],
)
def test_what_is_set(mail: dict[str, Any], level: Level, said: str) -> None:
    [found] = check_mail(settings(**mail))
    assert found.level == level
    assert said in found.what


def test_whether_it_is_there() -> None:
    assert check_mail_server(settings()) == []
    with socket.create_server(("127.0.0.1", 0)) as door:
        there = settings(host="127.0.0.1", port=door.getsockname()[1])
        [found] = check_mail_server(there)
        assert found.level == Level.OK
    [found] = check_mail_server(there)
    assert found.level == Level.WARNING
    assert f"127.0.0.1:{there.mail.port} cannot be reached: Connection refused" in found.what
