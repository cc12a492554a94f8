"""A terminal without a cursor: lines, one after the other."""

from __future__ import annotations

from hubbub.ui.drawing.layout import Header, Size
from hubbub.ui.drawing.teletype import Teletype
from hubbub.ui.editing.editor import Editor
from tests.ui.drawing.harness import Terminal


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
