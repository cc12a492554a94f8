"""What Tab offers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.commands.completion import OFFERED, complete
from tests.client.desk import Desk
from tests.client.harness import line


@pytest.mark.parametrize(
    ("before", "offered"),
    [
        ("/top", ["/topic "]),
        ("b", ["bob: "]),
        ("hi C", ["carl "]),
        ("/whois b", ["bob "]),
        ("/join #", ["#c "]),
        ("see #", ["#c "]),
        ("/set be", ["bell "]),
        ("/help wh", ["whois "]),
        ("", []),
        ("a", []),
    ],
)
def test_tab_offers(before: str, offered: list[str]) -> None:
    assert complete(Desk().console, before)[1] == offered


def test_who_spoke_last_is_offered_first() -> None:
    desk = Desk()
    desk.peer.receive(":s 353 ann = #c :bert", line(1, "x", "bob"), line(2, "x", "bert"))
    desk.look()
    assert complete(desk.console, "b")[1] == ["bert: ", "bob: "]


def test_a_command_that_takes_no_name_is_offered_who_is_here() -> None:
    assert complete(Desk().console, "/me greets b")[1] == ["bob "]
    assert complete(Desk().console, "/away b")[1] == ["bob "]
    assert complete(Desk().console, "/nosuch b")[1] == ["bob "]


def test_a_text_with_two_strokes_is_no_command() -> None:
    assert complete(Desk().console, "//he") == ("//he", [])


def test_in_a_conversation_both_are_offered_to_each_other_only() -> None:
    desk = Desk()
    desk.type("/msg dora")
    assert complete(desk.console, "d")[1] == ["dora: "]
    assert complete(desk.console, "c")[1] == []


def test_nobody_is_offered_where_one_is_nowhere() -> None:
    desk = Desk()
    desk.console.view.close("#c")
    assert complete(desk.console, "b") == ("b", [])


def test_what_could_control_the_terminal_is_never_offered_and_there_is_an_end() -> None:
    desk = Desk()
    names = " ".join(f"x{number}" for number in range(OFFERED + 50))
    desk.peer.receive(f":s 353 ann = #c :{names} evil\x9b2J")
    assert len(complete(desk.console, "x")[1]) == OFFERED
    assert complete(desk.console, "evil")[1] == []


@given(st.text())
def test_what_stands_before_the_cursor_ends_with_the_word_that_is_completed(before: str) -> None:
    word, offered = complete(DESK.console, before)
    assert before.endswith(word)
    assert " " not in word
    assert all(each.lower().startswith(word.lower()) for each in offered)


DESK = Desk()
