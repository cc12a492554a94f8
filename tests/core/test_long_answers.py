"""Answers that are long in the making rest now and then, and are what they would be anyway."""

from __future__ import annotations

import pytest

from hubbub.core.deciding import context
from hubbub.core.requests import AnswerMany
from tests.core.commands.operators_at_hand import operator
from tests.core.world_harness import Client, Harness, shown


@pytest.fixture
def asker(harness: Harness) -> Client:
    """Return an operator where much is not what is asked for."""
    asker = operator(harness, "root", "owner")
    for nick in ("ann", "bob", "cat"):
        harness.connect(nick).send(f"JOIN #{nick}")
    for mask in ("x!*@*", "y!*@*"):
        asker.send(f"UBAN ADD {mask}")
    asker.send("UBAN ADD 192.0.2.1")
    asker.take()
    return asker


@pytest.mark.pure
@pytest.mark.parametrize("line", ["LIST #cat", "WHO cat*", "STATS d", "UBAN LIST 192"])
def test_it_rests_after_what_is_left_out(
    harness: Harness, asker: Client, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    whole = shown(asker.send(line))
    assert len(whole) > 1
    monkeypatch.setattr(context, "REST_AFTER", 1)
    assert shown(asker.send(line)) == whole
    harness.stream = False
    asker.taken_requests()
    asker.send(line)
    (stream,) = [one for one in asker.taken_requests() if isinstance(one, AnswerMany)]
    steps = list(stream.messages)
    assert None in steps
    assert set(shown(one for one in steps if one is not None)) <= set(whole)
