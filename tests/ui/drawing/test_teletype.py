"""A terminal without a cursor: lines, one after the other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.ui.drawing.layout import Header, Size
from hubbub.ui.drawing.teletype import Teletype
from hubbub.ui.editing.editor import Editor
from tests.ui.drawing.harness import Terminal, check_safe


def test_a_terminal_without_a_cursor_gets_lines() -> None:
    terminal = Terminal(20, 10, Teletype(Size(20, 10)))
    terminal.type("hell")
    terminal.type("o")
    terminal.type("\x7fo")
    terminal.type("\x7f\x7f")
    assert terminal.raw == "hello\b \b\b \b"
    terminal.type("lo")
    terminal.say("hi")
    assert terminal.lines == ["hello", "<bob> hi", "hello"]
    terminal.type("\x01x")
    assert terminal.lines[-2:] == ["hello", "xhello"]
    assert terminal.type("\r") == ["xhello"]
    terminal.type("b\t")
    assert terminal.lines[-2:] == ["bob: bobby:", "bob"]
    # Of questions the prompt is shown.
    terminal.header, terminal.prompt = Header(), "Password: "
    terminal.editor = Editor(masked=True)
    terminal.draw()
    terminal.type("secret")
    assert terminal.lines[-1] == "Password: ******"


def plain(columns: int = 20) -> Terminal:
    return Terminal(columns, 10, Teletype(Size(columns, 10)))


def test_what_is_known_above_the_prompt_is_not_read_out_with_every_key() -> None:
    terminal = plain()
    terminal.type("a")
    terminal.type("b")
    assert terminal.raw == "ab"


def test_a_wide_character_is_taken_back_whole() -> None:
    terminal = plain()
    terminal.type("a日")
    terminal.raw = ""
    terminal.type("\x7f")
    assert terminal.raw == "\b \b" * 2
    assert terminal.lines == ["a"]


def test_a_line_that_was_ended_cannot_be_taken_back() -> None:
    terminal = plain()
    terminal.type("a\x1b\rb")
    assert terminal.lines == ["a", "b"]
    terminal.raw = ""
    terminal.type("\x7f\x7f")
    assert terminal.raw == "\r\na"


def test_the_words_of_tab_are_listed_once() -> None:
    terminal = plain()
    terminal.type("b\t")
    terminal.type("\t")
    assert terminal.raw.count("bob: bobby:") == 1
    terminal.type("x\x15")
    terminal.type("b\t")
    assert terminal.raw.count("bob: bobby:") == 2


def test_an_empty_screen_and_a_new_size_are_the_terminals_own_affair() -> None:
    terminal = plain()
    drawing = terminal.drawing
    assert drawing.begin() == drawing.resize(Size(5, 5)) == drawing.renew(["x\r\n"]) == ""
    assert drawing.size == Size(5, 5)
    assert drawing.clear() == drawing.end() == ""
    terminal.type("x")
    assert drawing.end() == "\r\n"
    assert drawing.end() == ""


@given(st.lists(st.text(st.sampled_from("ab日 \x7f\x15\x02\x1b"), max_size=8), max_size=8))
def test_whatever_is_typed_the_last_line_is_what_was_typed(keys: list[str]) -> None:
    terminal = plain(100)
    for each in keys:
        terminal.type(each.replace("\x1b", "\x1b\r"))
    check_safe(terminal.raw)
    shown = terminal.editor.text.split("\n")
    start = terminal.cursor[0] - len(shown) + 1
    if start >= 0:
        display = terminal.screen.display[start : terminal.cursor[0] + 1]
        assert [row.rstrip() for row in display] == [row.rstrip() for row in shown]
