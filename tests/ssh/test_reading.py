"""`ssh chat tail`, `history` and `who`: what was asked for, and nothing else."""

from __future__ import annotations

import asyncio
import json

from hubbub.client.events import ChatMessage, Speech
from hubbub.ssh.reading import to_json
from tests.ssh.harness import IN, JOINED, Mute, Output, Running, run, turns

TIME = "time=2026-01-01T00:01:00.000Z"
FAIL = "FAIL CHATHISTORY"


def tail(words: str, *lines: str) -> Output:
    """Follow #a while these lines come, and go."""

    async def followed() -> Output:
        running = Running(words, Mute(IN | {"JOIN": JOINED}))
        await turns()
        running.node.say(*lines)
        await turns()
        if running.output.code is None:
            running.command.closed(None)
        await turns()
        return running.output

    return asyncio.run(followed())


def test_what_is_said_there_is_printed_and_nothing_else() -> None:
    output = tail(
        "tail #a",
        ":bob!b@h PRIVMSG #a :one",
        ":bob!b@h PRIVMSG ann :psst",
        ":bob!b@h JOIN #a",
        ":bob!b@h PRIVMSG #A :\x01ACTION waves\x01",
        ":bob!b@h NOTICE #a :\x0304red\x1b[2J",
    )
    assert output.out.decode().split("\n") == ["<bob> one", "* bob waves", "-bob- red␛[2J", ""]


def test_after_so_many_messages_it_ends_well() -> None:
    async def counted() -> Output:
        running = Running("tail -n 2 #a", Mute(IN | {"JOIN": JOINED, "QUIT": ("ERROR :bye",)}))
        await turns()
        running.node.say(*(f":bob!b@h PRIVMSG #a :{number}" for number in range(3)))
        await turns()
        return await running.end()

    output = asyncio.run(counted())
    assert (output.code, output.out) == (0, b"<bob> 0\n<bob> 1\n")


def test_each_message_can_be_one_object_of_json() -> None:
    output = tail("tail --json #a", f"@{TIME} :bob!b@h PRIVMSG #a :one")
    assert json.loads(output.out) == {
        "time": "2026-01-01T00:01:00.000Z",
        "target": "#a",
        "nick": "bob",
        "kind": "message",
        "text": "one",
    }


def test_an_object_is_one_line_whatever_was_said() -> None:
    said = ChatMessage("#a", "bob", "one\ntwo\x1b\u2028", Speech.ACTION, 0.5)
    assert "\n" not in to_json(said)
    assert to_json(said).isascii()
    assert json.loads(to_json(said))["text"] == said.text


def page(*lines: str) -> dict[str, tuple[str, ...]]:
    batched = (f"@batch=h;{TIME};msgid=m{number} {line}" for number, line in enumerate(lines))
    return IN | {"CHATHISTORY": ("BATCH +h chathistory #a", *batched, "BATCH -h")}


def test_a_history_is_printed_with_its_times_and_ends() -> None:
    answers = page(":bob!b@h PRIVMSG #a :one", ":carl!c@h JOIN #a", ":ann!a@h PRIVMSG #a :two")
    output = asyncio.run(run("history #a", answers))
    assert (output.code, output.err) == (0, b"")
    assert output.out.decode().split("\n") == [
        "2026-01-01 00:01:00Z <bob> one",
        "2026-01-01 00:01:00Z <ann> two",
        "",
    ]


def test_a_history_as_json_is_what_tail_prints() -> None:
    output = asyncio.run(run("history --json #a", page(":bob!b@h PRIVMSG #a :one")))
    assert json.loads(output.out)["text"] == "one"


def test_a_history_with_damage_is_printed_less_that_and_is_no_success() -> None:
    answer = (
        f"{FAIL} MESSAGE_ERROR LATEST #a PARTIAL :Some is left out",
        "BATCH +h chathistory #a",
        f"@batch=h;{TIME};msgid=m1 :bob!b@h PRIVMSG #a :readable",
        "BATCH -h",
    )
    output = asyncio.run(run("history #a", IN | {"CHATHISTORY": answer}))
    assert (output.code, output.out) == (1, b"2026-01-01 00:01:00Z <bob> readable\n")
    assert "left out" in output.err.decode()


def test_who_is_here_is_a_table_that_programs_can_read() -> None:
    rows = (
        "352 ann * bob host hub.test bob H@ :0 Bob B.",
        "352 ann * carl host hub.test carl G :0 Ca\trl\x1b[2J",
        "352 ann short",
        "315 ann #a :End",
    )
    output = asyncio.run(run("who #a", IN | {"WHO": rows}))
    assert output.code == 0
    assert [line.split("\t") for line in output.out.decode().splitlines()] == [
        ["bob", "bob@host", "here", "Bob B."],
        ["carl", "carl@host", "away", "Ca␉rl␛[2J"],
    ]


def test_who_is_in_no_channel_is_told_from_who_is_in_an_empty_one() -> None:
    missing = IN | {"TOPIC": ("403 ann #a :No such channel",), "WHO": ("315 ann #a :End",)}
    output = asyncio.run(run("who #a", missing))
    assert (output.code, output.err) == (5, b"hubbub: there is no channel #a\n")
    assert asyncio.run(run("who *x*", IN | {"WHO": ("315 ann *x* :End",)})).code == 0
