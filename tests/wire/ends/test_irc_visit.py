"""A visit to real servers shows all of it; who does not let us in is told, with an exit code."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.irc.message import Message
from hubbub.wire.ends.irc_visit import IRCVisit
from hubbub.wire.ends.talk import Talk
from hubbub.wire.failures import WireCode, WireFailure
from tests.e2e.server import Server
from tests.terminal.servers import Running
from tests.wire.looking import look, peer, until_closed

Capsys = pytest.CaptureFixture[str]


def test_a_visit_to_hubbub_in_the_clear(hubbub: Server, capsys: Capsys) -> None:
    shown = look(capsys, f"irc://127.0.0.1:{hubbub.ports['plain']}", nick="visitor")
    assert (shown.code, shown.error) == (WireCode.DONE, "")
    connected = shown.one("connected")["details"]
    assert connected["to"] == f"127.0.0.1:{hubbub.ports['plain']}"
    assert connected["took"].endswith(" ms")
    assert shown.one("NICK", "sent")["details"] == {"parameters": ["visitor"]}
    assert shown.one("001 RPL_WELCOME", "received")
    assert {"tag label": "1"}.items() <= shown.one("PONG", "received")["details"].items()
    sent = sum(thing["bytes"] for thing in shown.named("bytes", "sent"))
    lines = [thing for thing in shown.things if (thing["layer"], thing["way"]) == ("irc", "sent")]
    assert sent == sum(line["bytes"] for line in lines)
    assert shown.one("ERROR", "received")
    assert [thing["what"] for thing in shown.things][-2:] == ["ended", "that was all"]


@pytest.mark.parametrize("door", ["plain", "tls"])
def test_a_visit_to_ngircd(ngircd: Running, capsys: Capsys, door: str) -> None:
    shown = look(capsys, ngircd.tls if door == "tls" else ngircd.plain)
    assert shown.code == WireCode.DONE
    assert shown.one("001 RPL_WELCOME", "received")
    assert bool(shown.named("ServerHello")) == (door == "tls")


def test_a_server_with_a_password_turns_us_away(capsys: Capsys) -> None:
    def refuse(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b":srv 464 * :Password incorrect\r\nERROR :Closing link\r\n")

    with peer(refuse) as port:
        shown = look(capsys, f"irc://127.0.0.1:{port}", seconds=5.0)
    assert shown.code == WireCode.NOT_ADMITTED
    assert "does not let us in: Closing link" in shown.error


def test_a_nick_in_use_is_not_the_end(capsys: Capsys) -> None:
    def refuse(connection: socket.socket) -> None:
        connection.sendall(b":srv 433 * visitor :Nickname is already in use\r\n" * 3)
        until_closed(connection)

    with peer(refuse) as port:
        shown = look(capsys, f"irc://127.0.0.1:{port}", nick="visitor", seconds=5.0)
    tried = [thing["details"]["parameters"] for thing in shown.named("NICK", "sent")]
    assert tried == [["visitor"], ["visitor2"], ["visitor3"]]
    assert (shown.code, "--nick" in shown.error) == (WireCode.NOT_ADMITTED, True)


def test_old_servers_without_capabilities_let_us_in(capsys: Capsys) -> None:
    def old(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(b":srv 421 * CAP :Unknown command\r\nPING :x1\r\n")
        assert b"PONG :x1" in connection.recv(1000)
        connection.sendall(b":srv 001 a :Welcome\r\n:srv 422 a :No MOTD\r\n")
        assert b"QUIT" in connection.recv(1000)

    with peer(old) as port:
        assert look(capsys, f"irc://127.0.0.1:{port}").code == WireCode.DONE


class Puppet(Talk):
    """Hear what the test says, and say nothing to anybody."""

    def __init__(self, heard: list[Message]) -> None:
        self._heard = heard
        self._heard.reverse()

    async def say(self, *lines: str) -> None:
        assert not any("\n" in line for line in lines)

    async def hear(self) -> list[Message] | None:
        return [self._heard.pop()] if self._heard else None

    @property
    def anything_came(self) -> bool:
        return False

    @property
    def beginning(self) -> str:
        return ""


COMMANDS = ("CAP", "PING", "433", "001", "376", "464", "ERROR", "421", "X")
WORDS = st.sampled_from(["", "*", "LS", "ACK", "NAK", "a", "batch", "message-tags=1 batch"])
MESSAGES = st.builds(Message, st.sampled_from(COMMANDS), st.lists(WORDS, max_size=4).map(tuple))


@settings(max_examples=50)
@given(st.lists(MESSAGES, max_size=12))
def test_any_messages_are_stood(heard: list[Message]) -> None:
    with suppress(WireFailure):
        asyncio.run(IRCVisit(Puppet(heard), "visitor").run(5))


def test_who_lets_us_in_and_then_falls_silent_is_told_of(capsys: Capsys) -> None:
    def silent(connection: socket.socket) -> None:
        connection.sendall(b":srv 001 a :Welcome\r\n")
        until_closed(connection)

    with peer(silent) as port:
        shown = look(capsys, f"irc://127.0.0.1:{port}", seconds=0.3)
    assert (shown.code, "the welcome had no end" in shown.error) == (WireCode.FELL_SILENT, True)
