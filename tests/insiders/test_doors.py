"""A sample of the matrix through the real doors of a real server, and its record read back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hubbub.irc.message import Message
from hubbub.irc.numerics import ERRORS
from tests.e2e.irc_client import Client
from tests.e2e.server import Server
from tests.insiders.matrix import CODES, rows
from tests.insiders.scene import WHO

SAMPLE = (
    "NICK OperServ",
    "TOPIC #s",
    "NAMES #s",
    "METADATA #s GET url",
    "CHATHISTORY LATEST #s * 10",
    "MODE #c +b a:",
    "MODE #c e",
    "CHANNEL OPENPAST #c SURE",
    "INVITE gil #s",
    "RELAYMSG #c NickServ/elsewhere :hello",
    "UBAN LIST",
    "ACCOUNT LIST",
    "SAJOIN tom #new",
    "AUDIT 5",
    "CHANNEL DROP #c",
    "KICK #c fay",
)
"""Rows of the table, those that change most at the end."""
PASSWORD = "a-long-enough-password"
CAPS = ("draft/chathistory", "draft/relaymsg", "batch")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Client]]:
    """Yield a guest, a member, a channel operator, the founder and the server's owner."""
    with Server(tmp_path_factory.mktemp("insiders") / "data") as server:
        here: dict[str, Client] = {}
        for number, nick in enumerate(("sue", "fay", "mem", "opa", "owl", "tom", "gus", "gil")):
            door = ("plain", "tls")[number % 2]
            client = Client(server.ports[door], tls=door == "tls").register(nick, *CAPS)
            here[nick] = client
            if nick not in ("gus", "gil"):
                given = server.owner_code if nick == "owl" else ""
                client.send(f"REGISTER * * {PASSWORD} {given}".rstrip())
                client.until("REGISTER")
        for nick, lines in {
            "sue": ("JOIN #s", "MODE #s +s", "MODE sue +i"),
            "fay": ("JOIN #c", "CHANNEL REGISTER #c", "CHANNEL ACCESS #c opa operator", "JOIN #f"),
            "opa": ("JOIN #c",),
            "mem": ("JOIN #c",),
            "tom": ("JOIN #c",),
        }.items():
            here[nick].send(*lines)
            here[nick].sync()
        yield here
        for client in here.values():
            client.close()


def cell(answers: list[Message]) -> str:
    """Return what the table would say of answers, but for the record."""
    for answer in answers:
        if answer.command in ERRORS:
            return answer.command
        if answer.command == "FAIL":
            return CODES.get(answer.params[1], answer.params[1])
    return "+"


@pytest.mark.parametrize("sent", SAMPLE)
def test_what_the_table_says_holds_at_the_door(people: dict[str, Client], sent: str) -> None:
    if sent not in rows():
        return
    expected = dict(zip(WHO, rows()[sent], strict=True))
    by_letter = {"G": "gus", "M": "mem", "O": "opa", "F": "fay", "W": "owl"}
    # What is done is done: those who may come last, and of them one only.
    order = sorted(by_letter, key=lambda letter: expected[letter][0] == "+")
    done = False
    for letter in order:
        wanted = expected[letter].removesuffix("!")
        changes = sent.startswith(("CHANNEL DROP", "KICK", "SAJOIN"))
        if done and changes and wanted == "+":
            continue
        done = done or wanted == "+"
        client = people[by_letter[letter]]
        client.sync()
        client.send(sent)
        found = cell(client.sync())
        assert found == (wanted if wanted != "." else "+"), (letter, sent)


def test_what_the_owner_did_by_privilege_can_be_read_back(people: dict[str, Client]) -> None:
    owner = people["owl"]
    owner.sync()
    owner.send("NAMES #s", "AUDIT 50")
    told = [m.params[-1] for m in owner.sync() if m.command == "NOTICE"]
    assert any("REGISTER owner" in line for line in told)
    assert any("NAMES #s" in line for line in told)
    assert any("SAJOIN" in line for line in told)


def test_what_was_said_behind_a_mode_is_not_opened_by_taking_it_away(
    people: dict[str, Client],
) -> None:
    tom, gil, gus = people["tom"], people["gil"], people["gus"]
    steps = (
        (tom, ("JOIN #h", "PRIVMSG #h :open", "MODE #h +k hunter2", "PRIVMSG #h :secret")),
        (gil, ("JOIN #h hunter2",)),
        (tom, ("MODE #h +h gil",)),
        (gil, ("MODE #h -k hunter2", "PRIVMSG #h :opened")),
        (gus, ("JOIN #h",)),
    )
    for client, lines in steps:
        client.send(*lines)
        client.sync()
    for client, expected in (
        (tom, ["open", "secret", "opened"]),
        (gil, ["open", "opened"]),
        (gus, ["open", "opened"]),
    ):
        client.sync()
        client.send("CHATHISTORY LATEST #h * 50")
        assert [m.params[-1] for m in client.sync() if m.command == "PRIVMSG"] == expected
