"""`ssh chat digest` and `mentions`: one question, one answer, and the end."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.ssh.harness import IN, Mute, Output, Running, turns

TIME = "timestamp=2026-01-01T00:00:00.000Z"
BATCH = (
    ":s BATCH +b hubbub/catch-up",
    f"@batch=b :s CATCHUP #c 2 1 {TIME}",
    "@batch=b;msgid=m1;time=2026-01-01T00:00:00.000Z :bob!b@h PRIVMSG #c :ann?",
    ":s BATCH -b",
)


def asked(words: str, command: str, *lines: str) -> Output:
    """Run a command whose question is answered so."""

    async def answered() -> Output:
        running = Running(words, Mute(IN | {command: lines, "QUIT": ("ERROR :bye",)}))
        await turns()
        return await running.end()

    return asyncio.run(answered())


def test_what_is_new_is_printed_for_eyes_and_for_programs() -> None:
    output = asked("digest", "CATCHUP", *BATCH)
    assert (output.code, output.out.decode().split("\n")) == (
        0,
        ["what is new for you:", "  #c  2 new, 1 for you", "    <bob> ann?", ""],
    )
    found = json.loads(asked("digest --json", "CATCHUP", *BATCH).out)
    assert (found["target"], found["unread"], found["mentions"]) == ("#c", 2, 1)
    assert found["said"][0]["msgid"] == "m1"


def test_mentions_are_objects_for_programs() -> None:
    lines = (":s BATCH +b hubbub/mentions", BATCH[2], BATCH[3])
    found = json.loads(asked("mentions --json -n 5", "MENTIONS", *lines).out)
    assert found["text"] == "ann?"
    assert asked("mentions", "MENTIONS", *lines).out.decode().endswith("#c <bob> ann?\n")


@pytest.mark.parametrize("words", ["digest", "mentions"])
def test_a_guest_is_told_that_it_takes_an_account(words: str) -> None:
    command = {"digest": "CATCHUP", "mentions": "MENTIONS"}[words]
    output = asked(words, command, f":s FAIL {command} ACCOUNT_REQUIRED :no")
    assert output.code == 5
    assert "for an account only" in output.err.decode()
