"""`ssh chat search`: pages of hits as lines or JSON, and how it ends."""

from __future__ import annotations

import asyncio
import json

from tests.ssh.harness import IN, Mute, Output, Running, turns

SEARCH = {"CAP LS": ("CAP * LS :batch labeled-response message-tags server-time soju.im/search",)}
BYE = {"QUIT": ("ERROR :bye",)}


def hit(number: int) -> str:
    tags = f"batch=1;time=2026-01-01T00:01:{number:02}.000Z;msgid=m{number}"
    return f"@{tags} :bob!b@h PRIVMSG #a :disk {number}"


def answer(label: int, *numbers: int) -> tuple[str, ...]:
    opening = f"@label=asked-{label} :hub.test BATCH +1 soju.im/search"
    return (opening, *map(hit, numbers), ":hub.test BATCH -1")


PAGES = {
    r"SEARCH text=disk\sfrom:bob;limit=50": answer(1, 1, 2),
    r"SEARCH text=disk\sfrom:bob;limit=48;page=m1": answer(2),
}


def search(words: str, answers: dict[str, tuple[str, ...]]) -> tuple[Output, list[str]]:

    async def searched() -> tuple[Output, list[str]]:
        running = Running(words, Mute(IN | SEARCH | BYE | answers))
        await turns()
        heard = running.node.heard
        asked = [message.params[0] for message in heard if message.command == "SEARCH"]
        return await running.end(), asked

    return asyncio.run(searched())


def test_hits_are_printed_with_time_and_place() -> None:
    output, asked = search("search disk from:bob", PAGES)
    assert output.out.decode() == (
        "2026-01-01 00:01:01Z #a <bob> disk 1\n2026-01-01 00:01:02Z #a <bob> disk 2\n"
    )
    assert (output.code, output.err) == (0, b"")
    assert asked[0] == r"text=disk\sfrom:bob;limit=50"


def test_as_json_they_have_their_msgids() -> None:
    output, _ = search("search --json -n 1 disk", {"SEARCH": answer(1, 1)})
    assert json.loads(output.out) == {
        "time": "2026-01-01T00:01:01.000Z",
        "target": "#a",
        "nick": "bob",
        "kind": "message",
        "text": "disk 1",
        "msgid": "m1",
    }


def test_it_goes_on_until_there_are_as_many_as_were_asked_for() -> None:
    pages = {
        "SEARCH text=disk;limit=3": answer(1, 8, 9),
        "SEARCH text=disk;limit=1;page=m8": answer(2, 7),
    }
    output, asked = search("search -n 3 disk", pages)
    assert [line.split()[-1] for line in output.out.decode().splitlines()] == ["7", "8", "9"]
    assert len(asked) == 2


def test_what_was_not_searched_is_told_and_shows_in_the_code() -> None:
    noted = (
        "@label=asked-1 BATCH +0 labeled-response",
        "@batch=0 NOTE SEARCH BEHIND 12 :not all was searched",
        "@batch=0 BATCH +1 soju.im/search",
        ":hub.test BATCH -1",
        ":hub.test BATCH -0",
    )
    output, _ = search("search disk", {"SEARCH": noted})
    assert (output.code, output.err) == (1, b"hubbub: not all was searched\n")


def test_a_question_that_is_not_understood_fails() -> None:
    failed = ("@label=asked-1 FAIL SEARCH INVALID_PARAMS text :after:soon is no time",)
    output, _ = search("search after:soon", {"SEARCH": failed})
    assert output.code == 1
    assert b"after:soon is no time" in output.err
