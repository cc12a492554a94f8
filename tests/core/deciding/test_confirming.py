"""What cannot be undone is done by who says SURE, and by nobody who only meant to look."""

from __future__ import annotations

import pytest

from hubbub.core.deciding.confirming import ask, take_sure
from hubbub.irc.message import Message
from tests.core.world_harness import Harness, shown


@pytest.mark.parametrize(
    ("words", "sure", "left"),
    [
        (["SURE", "#a"], True, ["#a"]),
        (["sure", "sure"], True, ["sure"]),
        (["#a", "SURE"], False, ["#a", "SURE"]),
        (["SURELY"], False, ["SURELY"]),
        ([], False, []),
    ],
)
def test_the_word_counts_in_front_and_once(words: list[str], sure: bool, left: list[str]) -> None:
    assert take_sure(words) == sure
    assert words == left


def test_who_is_asked_learns_what_would_be_done_and_how_it_is(harness: Harness) -> None:
    ann = harness.connect("ann")
    for command in ("", "OTHER"):
        ctx = ann.command_context(Message("ACCOUNT"))
        ask(ctx, "two words", "This ends it", command)
        ann.carry_out(ctx)
        assert shown(ann.take()) == [
            f"FAIL {command or 'ACCOUNT'} NOT_CONFIRMED * This ends it: to do it, put the word"
            " SURE before the rest"
        ]


def test_a_service_asks_in_its_own_words(harness: Harness) -> None:
    ann = harness.connect("ann")
    ctx = ann.command_context(Message("ACCOUNT"))
    ctx.service = "NickServ"
    ask(ctx, "ann", "This ends it")
    ann.carry_out(ctx)
    assert shown(ann.take())[0].startswith("NOTICE ann This ends it: to do it")
