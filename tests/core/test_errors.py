"""What keeps a World from following its journal is one kind of error, and says what to do."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest

from hubbub.core import snapshot
from hubbub.core.apply import apply
from hubbub.core.errors import WorldError
from hubbub.core.records.base import Origin, SessionId
from hubbub.core.records.entries import Entry
from hubbub.core.records.nodes import NodeStarted
from hubbub.core.rules import RULES
from hubbub.core.world.world import World

NEWER = RULES + 1


def read() -> None:
    held = msgspec.msgpack.decode(snapshot.encode(World()))
    snapshot.decode(msgspec.msgpack.encode([NEWER, *held[1:]]))


def follow() -> None:
    apply(World(), Entry(1, 1, "m", NodeStarted(Origin(SessionId(1, 1, 0), 1), NEWER)))


@pytest.mark.parametrize("meet", [read, follow])
def test_newer_rules_ask_for_the_newer_program_wherever_they_are_met(
    meet: Callable[[], None],
) -> None:
    with pytest.raises(WorldError, match=f"rules {NEWER}, and this hubbub knows {RULES}; run the"):
        meet()
