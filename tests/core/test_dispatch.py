"""The command table."""

from __future__ import annotations

import pytest

from hubbub.core.dispatch import COMMANDS
from tests.core.world_harness import Harness, shown

NEGOTIATED = ("TAGMSG", "REDACT", "EDITMSG")
"""Commands that are unknown without their capability."""


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_safe_with_any_number_of_parameters(harness: Harness, name: str) -> None:
    harness.connect("bob").send("JOIN #a")
    for parameters in (
        "",
        "#a",
        "bob",
        ":",
        "#a bob",
        "bob #a :",
        "a b c d e f g h",
        ": :",
        "#a :a b",
    ):
        ann = harness.connect("ann")
        ann.send("OPER root secret")
        ann.take()
        for answer in ann.send(f"{name} {parameters}"):
            assert answer.command not in ("400", "421") or name in NEGOTIATED
        harness.disconnect(ann)


@pytest.mark.parametrize(
    "name", sorted(name for name, command in COMMANDS.items() if command.minimum)
)
def test_missing_parameters_are_answered(harness: Harness, name: str) -> None:
    client = harness.open() if not COMMANDS[name].late else harness.connect("ann")
    if client.session.user is not None:
        client.send("OPER root secret")
        client.take()
    nick = client.session.shown_nick
    assert shown(client.send(name)) == [f"461 {nick} {name} Not enough parameters"]


def test_unknown_commands(harness: Harness) -> None:
    assert shown(harness.connect("ann").send("nonsense")) == ["421 ann NONSENSE Unknown command"]
