"""Bots come in, obey, come back after a restart of the server, and obey no command twice."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.clients.bots import PROGRAMS, Bot
from tests.clients.conftest import Network
from tests.clients.program import PATIENCE

pytestmark = pytest.mark.timeout(300)


def obeys(network: Network, bot: Bot, word: str) -> list[str]:
    """Ask until the bot is there and answers; return all that it has said up to that answer."""
    said: list[str] = []
    deadline = time.monotonic() + PATIENCE
    for attempt in range(1000):
        assert time.monotonic() < deadline, said
        network.says(bot.asked.format(f"{word}-{attempt}"))
        # It may be that nobody is there to answer; so look for a while, and ask again.
        until = time.monotonic() + 6
        while time.monotonic() < until:
            said += network.said_by_bob()
            if f"ran {word}-{attempt}" in said:
                return said
            time.sleep(0.05)
    raise AssertionError(said)


@pytest.mark.parametrize("kind", PROGRAMS, ids=lambda kind: kind.__name__)
def test_a_bot_and_a_restart(kind: type[Bot], network: Network, tmp_path: Path) -> None:
    kind.path()
    bot = kind(tmp_path / "bot", network.doors)
    bot.start()
    try:
        obeys(network, bot, "first")
        began = time.monotonic()
        network.says("\x01VERSION\x01")
        obeys(network, bot, "second")
        while time.monotonic() < began + bot.lasts:
            obeys(network, bot, "more")
            time.sleep(0.2)
        network.restart()
        said = obeys(network, bot, "third")
        # What was asked before the restart has been done, and no client's version is asked again.
        again = [text for text in said if text.startswith(("ran ", "\x01"))]
        assert {text.rpartition("-")[0] for text in again} == {"ran third"}, said
        network.says(bot.asked.format("fourth"))
        assert network.heard("ran fourth").tags.get("account") == "bob", bot.told()
    except (AssertionError, TimeoutError, EOFError) as error:
        raise AssertionError(f"{error}\n{bot.told()}") from error
    finally:
        bot.stop()
        bot.forget()
