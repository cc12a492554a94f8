"""What sessions are told of outcomes: one table, which node and tests share."""

from __future__ import annotations

import inspect
from typing import get_args

from hubbub.core.outcomes import Outcome
from hubbub.core.telling import Telling
from hubbub.node.outcomes import Outcomes
from tests.core.world_harness import Harness, shown


def test_every_outcome_has_its_line_in_the_table() -> None:
    harness = Harness()
    assert set(Telling(harness.roster, harness).table) == set(get_args(Outcome))


def test_the_shell_has_no_table_of_its_own() -> None:
    source = inspect.getsource(inspect.getmodule(Outcomes) or Outcomes)
    assert "hubbub.core.commands" not in source
    assert "hubbub.core.outcomes" not in source


def test_who_monitors_somebody_is_told_its_own_nick_and_what_the_other_carries(
    harness: Harness,
) -> None:
    ann = harness.connect("ann", "draft/metadata-3", "batch")
    ann.send("METADATA * SUB avatar")
    bob = harness.connect_as("bob", "bob", "draft/metadata-3")
    bob.send("METADATA * SET avatar :https://example.org/b.png")
    harness.disconnect(bob)
    ann.send("MONITOR + bob")
    harness.connect_as("bob", "bob")
    assert shown(ann.take()) == [
        "730 ann bob!bob@cloak.test",
        "761 ann bob avatar * https://example.org/b.png",
    ]
