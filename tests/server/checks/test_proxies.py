"""Who is believed about the addresses of others."""

from __future__ import annotations

from typing import Any

import pytest

from hubbub.server.checks.finding import Level
from hubbub.server.checks.proxies import check_proxies
from hubbub.settings import Settings

WEB = ["127.0.0.1:8067"]


@pytest.mark.parametrize(
    ("doors", "level", "said"),
    [
        ({}, Level.OK, "nobody is believed"),
        ({"proxies": ["10.0.0.0/8", "::1"]}, Level.OK, "10.0.0.0/8"),
        ({"proxies": ["32.0.0.0/3"]}, Level.WARNING, "everybody in 32.0.0.0/3"),
        ({"websocket": WEB}, Level.WARNING, "share one ban"),
        ({"websocket": WEB, "proxies": ["127.0.0.1"]}, Level.OK, "are believed"),
    ],
)
def test_who_is_believed(doors: dict[str, Any], level: Level, said: str) -> None:
    [found] = check_proxies(Settings.model_validate({"doors": doors}))
    assert found.level == level
    assert said in found.what
