"""HELP, from the table of commands."""

from __future__ import annotations

import pytest

from hubbub.core.dispatch import COMMANDS
from tests.core.world_harness import Harness, shown


@pytest.mark.parametrize("command", ["HELP", "HELPOP"])
def test_the_index_names_every_command(harness: Harness, command: str) -> None:
    start, *lines, end = harness.connect("ann").send(command)
    assert (start.command, end.command) == ("704", "706")
    assert {message.params[1] for message in (start, *lines, end)} == {"*"}
    assert " ".join(line.params[-1] for line in lines).split() == sorted(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_is_explained(harness: Harness, name: str) -> None:
    replies = harness.connect("ann").send(f"HELP {name.lower()}")
    assert [reply.command for reply in replies[:1] + replies[-1:]] == ["704", "706"]
    assert {reply.params[1] for reply in replies} == {name}
    assert replies[0].params[2].split()[0] == name
    assert len(replies) == (4 if COMMANDS[name].privilege else 3)


def test_what_there_is_no_help_on(harness: Harness) -> None:
    assert shown(harness.connect("ann").send("HELP nonsense")) == [
        "524 ann nonsense No help is available on this topic"
    ]


def test_help_before_registration(harness: Harness) -> None:
    assert harness.open().send("HELP NICK")[0].command == "704"
