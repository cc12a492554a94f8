"""The waits of `ssh chat post` and its like: each has an end, a code and words."""

from __future__ import annotations

import asyncio

import pytest

from tests.ssh.harness import IN, JOINED, run

SILENCE = "the server has not answered"
FAIL = "FAIL CHATHISTORY"


@pytest.mark.parametrize(
    ("words", "answers", "code", "told"),
    [
        ("post #a", {}, 1, SILENCE),
        ("tail #a", {}, 1, SILENCE),
        ("history #a", {}, 1, SILENCE),
        ("who #a", {}, 1, SILENCE),
        ("post #a", IN, 1, SILENCE),
        ("tail #a", IN, 1, SILENCE),
        ("history #a", IN, 1, SILENCE),
        ("history #a --since 2h", IN, 1, SILENCE),
        ("who #a", IN, 1, SILENCE),
        ("post #a", IN | {"PING may-post": ("PONG hub.test may-post",)}, 6, SILENCE),
        ("post --create #a", IN, 1, SILENCE),
        ("post --create #a", IN | {"JOIN": JOINED}, 1, SILENCE),
        ("tail #a", IN | {"JOIN": (*JOINED, ":bob!b@h KICK #a ann :x")}, 1, "bob kicked you (x)"),
        ("tail #a", IN | {"JOIN": ("403 ann #a :No such channel",)}, 5, "cannot join #a"),
        ("tail #a", IN | {"JOIN": (*JOINED, "ERROR :stopping")}, 1, "stopping"),
        ("history #a", IN | {"CHATHISTORY": ("FAIL CHATHISTORY TRY_AGAIN :Later",)}, 1, "Later"),
        ("history #a", IN | {"CHATHISTORY": ("FAIL CHATHISTORY X #a :No",)}, 5, "No"),
        ("history #a", IN | {"CHATHISTORY": (f"{FAIL} INVALID_TARGET #a :No",)}, 5, "for you"),
        ("history #a", IN | {"CHATHISTORY": (f"{FAIL} MESSAGE_ERROR LATEST #a :No",)}, 1, "No"),
        ("post #a", {"NICK": ("465 ann :Banned",)}, 5, "Banned"),
    ],
)
def test_every_wait_has_an_end(
    words: str, answers: dict[str, tuple[str, ...]], code: int, told: str
) -> None:
    output = asyncio.run(run(words, answers, b"hello\n"))
    assert (output.code, output.out) == (code, b"")
    assert told in output.err.decode()


def test_a_command_that_is_done_waits_no_longer_than_a_moment_for_its_goodbye() -> None:
    output = asyncio.run(run("who x", IN | {"WHO": ("315 ann x :End",)}))
    assert (output.code, output.err) == (0, b"")
