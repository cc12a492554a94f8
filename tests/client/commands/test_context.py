"""Where a person types: what is told there, and how a command says what it takes."""

from __future__ import annotations

import pytest

from hubbub.client.commands.context import SlashCommand
from hubbub.client.timeline.transcript import Role
from tests.client.desk import Desk


def nothing(*_: object) -> None:
    """Do nothing."""


@pytest.mark.parametrize(
    ("needs", "most", "taken"),
    [(0, 0, [0]), (0, None, [0, 1, 2, 3]), (1, 2, [1, 2]), (2, None, [2, 3])],
)
def test_a_command_takes_so_many_words(needs: int, most: int | None, taken: list[int]) -> None:
    command = SlashCommand("x", "", "", nothing, needs=needs, most=most)
    assert [count for count in range(4) if command.takes(count)] == taken


def test_the_form_of_a_command_is_what_one_types() -> None:
    assert SlashCommand("x", "NICK [TEXT]", "", nothing).form == "/x NICK [TEXT]"
    assert SlashCommand("x", "", "", nothing).form == "/x"


def test_a_text_of_several_lines_is_told_line_by_line_and_safely() -> None:
    console = Desk().console
    console.lines.clear()
    console.tell("one\n\x1b[2Jtwo")
    console.complain("no")
    assert [(line[0].text, line[0].role) for line in console.lines] == [
        ("one", Role.NOTICE),
        ("␛[2Jtwo", Role.NOTICE),
        ("no", Role.ERROR),
    ]


def test_what_cannot_be_sent_is_not_lost_without_a_word() -> None:
    desk = Desk()
    console = desk.console
    desk.peer.session.disconnected(desk.peer.now)
    console.lines.clear()
    console.send("TOPIC", "#c", "x")
    console.send_early("VERIFY", "ann", "AAAA")
    assert [line[0].text for line in console.lines] == ["not connected; this was not sent"] * 2
    assert desk.peer.sent() == []


def test_before_one_is_let_in_only_some_things_are_sent() -> None:
    desk = Desk()
    desk.peer.session.disconnected(desk.peer.now)
    desk.peer.session.connected(desk.peer.now)
    desk.peer.receive(":s CAP * LS :")
    desk.peer.sent()
    desk.console.send("TOPIC", "#c", "x")
    desk.console.send_early("VERIFY", "ann", "AAAA")
    assert desk.peer.sent() == ["VERIFY ann AAAA"]


@pytest.mark.parametrize(
    ("argument", "channel", "rest"),
    [("#d  a text ", "#d", "a text"), ("a text", "#c", "a text"), ("", "#c", "")],
)
def test_a_channel_before_the_text_is_meant_else_the_one_on_the_screen(
    argument: str, channel: str, rest: str
) -> None:
    assert Desk().console.take_channel(argument) == (channel, rest)


def test_a_channel_is_meant_with_or_without_its_sign() -> None:
    console = Desk().console
    assert [console.channel_named(word) for word in ("d", "#d")] == ["#d", "#d"]
    assert [console.is_channel(word) for word in ("d", "#d", "")] == [False, True, False]


def test_what_is_on_the_screen_counts_as_read_and_brings_what_was_before() -> None:
    desk = Desk()
    desk.console.view.switch("bob")
    assert desk.peer.sent() == ["CHATHISTORY LATEST bob * 50"]
