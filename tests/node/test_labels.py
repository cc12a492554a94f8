"""Every command, right or wrong, gives exactly one labelled answer (IRCv3 labeled-response)."""

from __future__ import annotations

import pytest

from hubbub.core.dispatch import COMMANDS
from hubbub.core.policy.policy import OperBlock, Policy
from tests.node.node_harness import Guest, Node

CAPS = (
    "labeled-response",
    "batch",
    "message-tags",
    "echo-message",
    "setname",
    "away-notify",
    "draft/chathistory",
    "draft/multiline",
)
RIGHT = (
    "ADMIN",
    "AWAY :gone",
    "AWAY",
    "CAP LIST",
    "CAP REQ :multi-prefix",
    "CHATHISTORY LATEST #c * 10",
    "CHATHISTORY LATEST bob * 10",
    "CHATHISTORY AROUND #c msgid=none 10",
    "CHATHISTORY TARGETS timestamp=2000-01-01T00:00:00.000Z timestamp=2100-01-01T00:00:00.000Z 9",
    "HELP",
    "INFO",
    "INVITE bob #mine",
    "INVITE",
    "ISON bob",
    "JOIN #new,#c,#d",
    "JOIN 0",
    "KICK #mine bob,nobody",
    "KILL bob :out",
    "LINKS",
    "LIST",
    "LUSERS",
    "MODE #mine +i-t+b bob",
    "MODE #mine +b",
    "MODE ann +w",
    "MONITOR + bob,nobody",
    "MONITOR L",
    "MONITOR C",
    "MOTD",
    "NAMES #c",
    "NICK anna",
    "NOTICE #c,bob :hello",
    "NOTICE nobody :hello",
    "OPER root wrong",
    "OPER root secret",
    "PART #c,#none :bye",
    "PING x",
    "PONG x",
    "PRIVMSG #c,bob :hello",
    "PRIVMSG ann :hello",
    "PRIVMSG nobody :hello",
    "QUIT :bye",
    "REHASH",
    "SETNAME :Ann Else",
    "SILENCE +x",
    "SILENCE",
    "STATS u",
    "TAGMSG #c",
    "TIME",
    "TOPIC #c :new",
    "TOPIC #c",
    "USERHOST ann bob",
    "USERS",
    "VERSION",
    "WALLOPS :hello",
    "WHO #c",
    "WHOIS bob",
    "WHOWAS bob",
    "NOSUCH x",
)


async def guests() -> tuple[Guest, Guest]:
    """Return ann, a server operator, and bob, both in two channels."""
    node = Node(Policy(flood=None, operators={"root": OperBlock("hash:secret")}), keep=["#c"])
    ann, bob = await node.guest("ann", *CAPS), await node.guest("bob")
    await ann.ask("OPER root secret")
    await node.passwords.done.get()
    for guest in (ann, bob):
        await guest.ask("JOIN #c,#mine")
    await node.quiet()
    ann.read()
    return ann, bob


async def labels(ann: Guest, line: str) -> list[str | None]:
    """Return the labels of what a labelled line brought."""
    messages = await ann.ask(line)
    while ann.connection.checking:
        await ann.node.passwords.done.get()
        messages += await ann.ask()
    # The check may have come to its end in the last of the turns that were waited for.
    messages += await ann.ask()
    return [message.tags["label"] for message in messages if "label" in message.tags]


@pytest.mark.parametrize("line", RIGHT)
async def test_of_a_command(line: str) -> None:
    ann, _ = await guests()
    assert await labels(ann, f"@label=L {line}") == ["L"]


@pytest.mark.parametrize("command", sorted(COMMANDS.keys() - {"PONG", "OPER"}))
async def test_of_a_command_without_sense(command: str) -> None:
    ann, _ = await guests()
    for number, params in enumerate(("", "x", "#none", "x y", "#none x :y z", ": :")):
        line = f"@label={number} {command} {params}"
        expected = [str(number)] if not ann.stream.ended else []
        assert await labels(ann, line) == expected


async def test_of_typing_which_is_echoed() -> None:
    ann, _ = await guests()
    (echo,) = await ann.ask("@label=t;+typing=active TAGMSG #C")
    assert (echo.command, echo.params, echo.tags["label"]) == ("TAGMSG", ("#c",), "t")


async def test_of_a_multiline_message_its_opening_carries_it() -> None:
    ann, _ = await guests()
    assert await ann.ask("@label=m BATCH +r draft/multiline #c", "@batch=r PRIVMSG #c :one") == []
    (echo,) = await ann.ask("BATCH -r")
    assert (echo.command, echo.tags["label"]) == ("PRIVMSG", "m")


@pytest.mark.parametrize("line", ["@batch=r PRIVMSG #d :elsewhere", "@batch=r PRIVMSG #c :"])
async def test_of_a_multiline_message_that_is_refused(line: str) -> None:
    ann, _ = await guests()
    answers = await ann.ask("@label=m BATCH +r draft/multiline #c", line, "BATCH -r")
    assert [(m.command, m.tags.get("label")) for m in answers] == [("FAIL", "m")]


LONG = b"PRIVMSG #c :" + b"x" * 600
ENDLESS = b"PRIVMSG #c :" + b"x" * 9000


@pytest.mark.parametrize("line", [b"PRIVMSG #c :\xff", b"PRIVMSG #c :\0", b":only", LONG, ENDLESS])
async def test_of_a_line_that_is_no_message(line: bytes) -> None:
    ann, bob = await guests()
    (answer,) = await ann.ask(b"@label=L " + line)
    assert (answer.command in ("FAIL", "417"), answer.tags) == (True, {"label": "L"})
    assert not (await bob.ask(b"@label=L " + line))[0].tags, "bob did not ask for labels"


@pytest.mark.parametrize("line", ["PRIVMSG #c :one", "NOTICE bob :one", "TAGMSG #c", "JOIN #new"])
async def test_of_a_line_of_a_batch_that_is_not_open(line: str) -> None:
    ann, bob = await guests()
    (answer,) = await ann.ask(f"@label=L;batch=none;+x=1 {line}")
    assert answer.params[:3] == ("BATCH", "INVALID_REFTAG", "none")
    assert (answer.command, answer.tags) == ("FAIL", {"label": "L"})
    assert bob.read() == []
    assert "#new" not in ann.node.world.channels


@pytest.mark.parametrize("line", [b"PRIVMSG #c :\xff", LONG, b"JOIN #new"])
async def test_a_batch_with_a_line_that_cannot_be_in_it_comes_to_nothing(line: bytes) -> None:
    ann, bob = await guests()
    answers = await ann.ask(
        "@label=L BATCH +r draft/multiline #c",
        "@batch=r PRIVMSG #c :one",
        b"@batch=r " + line,
        "@batch=r PRIVMSG #c :three",
        "BATCH -r",
    )
    assert [(m.command in ("FAIL", "417"), m.tags) for m in answers] == [(True, {"label": "L"})]
    assert bob.read() == []


async def test_the_lines_of_a_batch_that_was_refused_are_passed_over() -> None:
    ann, bob = await guests()
    answers = await ann.ask(
        "@label=L BATCH +r draft/other #c", "@batch=r PRIVMSG #c :one", "BATCH -r"
    )
    assert [(m.command, m.params[1], m.tags) for m in answers] == [
        ("FAIL", "UNKNOWN_TYPE", {"label": "L"})
    ]
    assert bob.read() == []
    assert ann.connection.session.batch is None
