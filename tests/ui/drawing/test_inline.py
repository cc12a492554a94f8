"""Tests of what a terminal shows: the prompt at the bottom, messages above, and nothing else."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import Final
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.graphemes import split
from hubbub.client.timeline.transcript import Fragment, Role
from hubbub.irc.text import visible
from hubbub.ui.drawing.inline import Inline
from hubbub.ui.drawing.layout import Header, Size
from hubbub.ui.drawing.teletype import Teletype
from hubbub.ui.drawing.theme import Depth
from hubbub.ui.editing.editor import Editor
from hubbub.ui.editing.key_decoder import Text
from tests.terminal.tmux import Tmux, needs_tmux
from tests.ui.drawing.harness import HEADER, PROMPT, Terminal, check_safe, rows_of

TEXT: Final = "a text that is longer than 20 columns"
STATUS: Final = " a status line of 35 columns "


def unmarked(row: str) -> str:
    """Return a row without accents, which pyte loses on wide letters."""
    return normalize("NFD", row).replace("\u0301", "").rstrip()


def check(terminal: Terminal) -> None:
    """Compare the screen with the editor: rows, cursor, and a drawing from the beginning."""
    editor = terminal.editor
    graphemes = [each if each == "\n" else visible(each) for each in split(editor.text)]
    shown, before = "".join(graphemes), "".join(graphemes[: editor.buffer.cursor])
    rows, row, column = rows_of(
        PROMPT + shown, len(split(PROMPT + before)), terminal.screen.columns
    )
    if len(rows) <= terminal.screen.lines // 2:
        # The block begins after the status line or the words on offer.
        top = terminal.cursor[0] - row
        display = terminal.screen.display[top : top + len(rows)]
        assert list(map(unmarked, display)) == list(map(unmarked, rows))
        assert terminal.cursor[1] == column
    fresh = Terminal(terminal.screen.columns, terminal.screen.lines)
    fresh.editor = editor
    fresh.draw()
    bottom = terminal.cursor[0] - fresh.cursor[0]
    assert (
        terminal.screen.display[bottom:] == fresh.screen.display[: terminal.screen.lines - bottom]
    )
    assert terminal.cursor[1] == fresh.cursor[1]


def test_the_prompt_is_below_what_is_said() -> None:
    terminal = Terminal()
    terminal.type("hello")
    terminal.say("a longer message than a row is wide")
    assert terminal.lines == [
        "<bob> a longer",
        "  message than a row",
        "  is wide",
        " #c | ann",
        "#c> hello",
    ]
    assert terminal.cursor == (4, 9)
    for number in range(12):
        terminal.say(str(number))
    assert terminal.lines == [*(f"<bob> {n}" for n in range(4, 12)), " #c | ann", "#c> hello"]
    assert "".join(terminal.screen.history.top[-1][x].data for x in range(7)) == "<bob> 3"
    assert terminal.type("\r") == ["hello"]
    assert terminal.lines[-1] == "#c>"


@pytest.mark.parametrize(
    ("before", "key", "sent"),
    [
        ("abc", "d", "d"),
        ("abc", "\x7f", "\x1b[7G\x1b[K"),
        ("abc", "\x02", "\x1b[7G"),
        ("abc\x01", "x", "xabc\x1b[6G"),
        ("abc\x02", "\x0b", "\x1b[K"),
        ("abc", "\x1b[C", ""),
        ("abc", "\x15", "\x1b[5G\x1b[K"),
    ],
)
def test_a_key_sends_no_more_than_it_changes(before: str, key: str, sent: str) -> None:
    terminal = Terminal()
    terminal.type(before)
    terminal.raw = ""
    terminal.type(key)
    assert terminal.raw == sent


def test_a_long_text_is_shown_round_the_cursor() -> None:
    terminal = Terminal(20, 6)
    terminal.say("x")
    terminal.type("".join(f"{number:04}" for number in range(100)))
    assert terminal.lines[-1].endswith("0099")
    assert len(terminal.lines) <= 6
    terminal.type("\x01")
    assert terminal.cursor[1] == 4
    assert "#c> 0000" in terminal.lines[-3]
    terminal.type("\x15\x05\x15")
    assert terminal.lines == ["<bob> x", " #c | ann", "#c>"]


def test_what_tab_offers_and_what_is_searched_for_is_shown() -> None:
    terminal = Terminal()
    terminal.type("b\t")
    assert terminal.lines == [" #c | ann", "bob:  bobby:", "#c> bob"]
    terminal.type(" x\rhello\r\x12bo")
    assert terminal.lines == [" #c | ann", "(search) bo: bob x"]
    terminal.type("b_")
    assert terminal.lines[-2:] == ["(nothing found)", "bob_: bob x"]


def test_a_password_is_not_shown() -> None:
    terminal = Terminal(prompt="Password: ")
    terminal.editor = Editor(masked=True)
    terminal.type("sésame\x02")
    assert terminal.lines[-1] == "Password: ******"
    assert terminal.cursor[1] == 15
    assert "same" not in terminal.raw


def test_the_screen_is_emptied_and_left() -> None:
    terminal = Terminal()
    terminal.say("one")
    terminal.type("abc")
    terminal._put(terminal.drawing.clear())
    terminal.draw()
    assert (terminal.lines, terminal.cursor) == ([" #c | ann", "#c> abc"], (1, 7))
    terminal.say("two")
    terminal._put(terminal.drawing.end())
    assert (terminal.lines, terminal.cursor) == (["<bob> two"], (1, 0))


_TYPED = st.one_of(
    st.text(st.sampled_from("abc d日e\u0301é"), max_size=8),
    st.text(max_size=3),
    st.sampled_from(
        [
            *(
                "\x1b[D",
                "\x1b[C",
                "\x1b[A",
                "\x1b[B",
                "\x01",
                "\x05",
                "\x7f",
                "\x04",
                "\x0b",
                "\x15",
            ),
            *("\x17", "\x19", "\x14", "\r", "\t", "\x1b\r", "\x12", "\x1bb", "\x1bf", "x" * 30),
            "\x1b[200~a\x1b[2J\n\x9b31m\u202e\x1b[201~",
        ]
    ),
    # Messages.
    st.integers(0, 3),
)
# pyte measures characters one by one, and as they were years ago.
_PYTE: Final = re.compile(
    "[^\x00-\xac\xae-\u02ff\u0301\u202e\u2400-\u2421\u3040-\u30ff\u4e00-\u9fff]"
)


@given(st.lists(_TYPED, max_size=40), st.integers(12, 40), st.integers(6, 20))
def test_after_any_keys_the_screen_shows_the_text(
    keys: list[str | int], columns: int, rows: int
) -> None:
    terminal = Terminal(columns, rows)
    for key in keys:
        if isinstance(key, int):
            terminal.say("word 日本 " * key)
        else:
            terminal.type(_PYTE.sub("?", key))
    if terminal.editor.search is None:
        check(terminal)


@pytest.mark.parametrize("plain", [False, True])
@given(st.lists(st.binary(max_size=8) | st.text(max_size=20), max_size=20))
def test_nobody_sends_a_sequence(plain: bool, given_: list[bytes | str]) -> None:
    size = Size(20, 8)
    terminal = Terminal(20, 8, Teletype(size) if plain else Inline(size, Depth.TRUE))
    for each in given_:
        if isinstance(each, bytes):
            terminal.type(each)
        else:
            terminal.say(each)
            # Even where somebody forgot to make it safe.
            terminal.draw((Fragment(each, Role.ERROR),))
            terminal.header = Header((visible(each),), visible(each))
    terminal.raw += terminal.drawing.clear() + terminal.drawing.end()
    check_safe(terminal.raw)
    if plain:
        assert "\x1b" not in terminal.raw


def test_resizing_leaves_nothing_behind_where_rows_are_cut() -> None:
    terminal = Terminal(40, 10)
    terminal.say("hello")
    terminal.header = Header(status=STATUS)
    terminal.type(TEXT)
    terminal.resize(20, 10)
    assert terminal.lines == [
        *("<bob> hello", " a status line of …"),
        *("#c> a text that is", "longer than 20", "columns"),
    ]
    terminal.resize(60, 10)
    assert terminal.lines == [
        "<bob> hello",
        STATUS.rstrip(),
        f"#c> {TEXT}",
    ]


@needs_tmux
def test_resizing_leaves_nothing_behind_where_rows_are_broken_anew(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    inline = Inline(Size(60, 10), Depth.MANY)
    editor = Editor()
    editor.set(TEXT)
    waiting = "… waiting to be sent, and rather long"
    block = (waiting, STATUS.rstrip(), f"#c> {TEXT}")
    command = ("sh", "-c", f"stty raw -echo; cat {shlex.quote(str(pipe))}")
    with Tmux(tmp_path, *command, columns=60, rows=10) as screen, pipe.open("w") as terminal:

        def send(text: str) -> None:
            inline.show(editor, PROMPT, Header((waiting,), STATUS))
            terminal.write(text + inline.draw())
            terminal.flush()

        inline.show(editor, PROMPT, Header((waiting,), STATUS))
        send(inline.begin() + inline.draw("".join(f"{number}\r\n" for number in range(20))))
        screen.wait_for(*map(str, range(13, 20)), *block)
        screen.resize(20, 10)
        send(inline.resize(Size(20, 10)))
        # What was above has gone up into the scrollback, and no row of the wide block is left.
        screen.wait_for(
            *map(str, range(17, 20)),
            *("… waiting to be se…", " a status line of …"),
            *("#c> a text that is", "longer than 20", "columns"),
        )
        screen.resize(80, 10)
        send(inline.resize(Size(80, 10)))
        screen.wait_for(*map(str, range(17, 20)), *block)


@needs_tmux
def test_a_real_terminal_has_the_cursor_where_we_think(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    command = ("sh", "-c", f"stty raw -echo; cat {shlex.quote(str(pipe))}")
    with Tmux(tmp_path, *command, columns=30, rows=10) as screen, pipe.open("w") as terminal:
        inline = Inline(Size(30, 10), Depth.MANY)
        editor = Editor()
        for text in ("Grüße 日本語", " 👍 e\u0301", " 한국어 ☃ Ω", " ไทย"):
            editor.press(Text(text))
            inline.show(editor, PROMPT, HEADER)
            terminal.write(inline.draw())
            terminal.flush()
            rows, row, column = rows_of(PROMPT + editor.text, len(split(PROMPT + editor.text)), 30)
            screen.wait_for(HEADER.status.rstrip(), *(each.rstrip() for each in rows))
            assert screen.cursor == (row + 1, column)
