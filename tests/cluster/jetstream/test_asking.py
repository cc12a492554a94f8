"""Asking until there is an answer."""

from __future__ import annotations

import pytest
from nats.errors import TimeoutError as NoAnswer

from hubbub.cluster.errors import StreamError
from hubbub.cluster.jetstream import asking
from hubbub.cluster.jetstream.asking import insist


async def test_who_is_away_is_asked_again(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(asking, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(asking, "SAY_SECONDS", 0.0)
    faults: list[Exception] = [NoAnswer(), StreamError(10008, "no leader"), OSError("away")]

    async def ask() -> int:
        if faults:
            raise faults.pop()
        return 7

    assert await insist(ask) == 7
    assert "waiting for the servers of the log" in capsys.readouterr().out


async def test_a_fault_of_its_own_is_none_to_wait_for() -> None:
    async def ask() -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await insist(ask)
