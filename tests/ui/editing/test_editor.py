"""Tests of the line editor: its keys, its words, its memory and its bounds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.graphemes import split
from hubbub.ui.editing.buffer import LONGEST
from hubbub.ui.editing.editor import (
    BufferFull,
    Editor,
    Ended,
    Interrupted,
    Outcome,
    Submitted,
    Unbound,
    Unended,
)
from hubbub.ui.editing.history import InputHistory
from hubbub.ui.editing.key_decoder import Decoder, Key, Paste, Press, Text


def typed(data: str, editor: Editor | None = None) -> Editor:
    """Return an editor after what a terminal sent."""
    editor = editor or Editor()
    for key in Decoder().feed(data.encode()):
        editor.press(key)
    return editor


def with_cursor(editor: Editor) -> str:
    """Return the text with | where the cursor is."""
    buffer = editor.buffer
    return f"{buffer.before}|{''.join(buffer.graphemes[buffer.cursor :])}"


def press(editor: Editor, *names: str) -> Outcome | None:
    """Press keys; return what comes of the last."""
    return [editor.press(Press(name)) for name in names][-1]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("one two\x01", "|one two"),
        ("one two\x01\x05", "one two|"),
        ("one\x02\x02\x06", "on|e"),
        ("one\x1b[D\x1b[D\x1b[D\x1b[D", "|one"),
        ("one\x1b[C", "one|"),
        ("one, two\x1bb", "one, |two"),
        ("one, two\x1bb\x1bb\x1bf", "one|, two"),
        ("one two\x1b[1;5D\x0b", "one |"),
        ("one two\x1bb\x15", "|two"),
        ("one two-three  \x17", "one |"),
        ("one two-three\x1b\x7f", "one two-|"),
        ("one two\x01\x1bd", "| two"),
        ("one two\x17\x17\x19", "one two|"),
        ("one two\x17\x01\x19", "two|one "),
        ("one two\x15\x19\x19", "one twoone two|"),
        ("ab\x14", "ba|"),
        ("abc\x02\x02\x14", "ba|c"),
        ("abc\x02\x04", "ab|"),
        ("abc\x02\x1b[3~\x7f", "a|"),
        ("abc\x1b[Hx\x1b[F!", "xabc!|"),
        ("one\x1b\rtwo", "one\ntwo|"),
        ("one\x1b\rtwo\x01", "one\n|two"),
        ("one\x1b\rtwo\x1b[A!", "one!|\ntwo"),
        ("one\x1b\rtwo\x1b[A\x01\x0b\x0b", "|two"),
        ("one\x1b\rtwo\x1b[A\x1b[Bx", "one\ntwox|"),
        # Graphemes are one: an accent, a family, a flag, a wide letter.
        ("e\u0301\x7f", "|"),
        ("a👨‍👩‍👧b\x02\x7f", "a|b"),
        ("🇩🇪🇫🇷\x02\x7f", "|🇫🇷"),
        ("日本\x02\x7f", "|本"),
        # One typed letter joins the one before it.
        ("ae\x1b[D\x1b[C\u0301\x7f", "a|"),
        ("🇩\x1b[D\x1b[C🇪\x7f", "|"),
    ],
)  # fmt: skip
def test_the_usual_keys(data: str, expected: str) -> None:
    assert with_cursor(typed(data)) == expected


def test_what_is_entered_comes_out() -> None:
    editor = typed("hello")
    assert press(editor, "enter") == Submitted("hello")
    assert editor.text == ""
    assert press(editor, "c-d") == Ended()
    typed("x", editor)
    assert press(editor, "c-d") is None
    assert press(editor, "c-c") == Interrupted()
    assert editor.text == ""
    assert press(editor, "c-l") == Unbound("c-l")
    assert press(editor, "m-a") == Unbound("m-a")


def test_a_paste_of_several_lines_says_that_it_was_one() -> None:
    editor = Editor()
    editor.press(Paste("one\ntwo\n"))
    assert press(editor, "enter") == Submitted("one\ntwo", pasted=True)
    editor.press(Paste("one\n"))
    assert press(editor, "enter") == Submitted("one")


def test_a_paste_without_an_end_says_so_and_is_asked_about_even_of_one_line() -> None:
    editor = Editor()
    assert editor.press(Paste("one", lost=True)) == Unended()
    assert press(editor, "enter") == Submitted("one", pasted=True)
    editor.press(Text("two"))
    assert press(editor, "enter") == Submitted("two")


def test_what_is_put_back_is_as_it_was_entered() -> None:
    editor = Editor()
    for entered in (
        Submitted("one"),
        Submitted("one\ntwo", pasted=True),
        Submitted("one", pasted=True),
    ):
        editor.put_back(entered)
        assert press(editor, "enter") == entered
    # What is left of a paste that was edited down to a line is one's own.
    editor.put_back(Submitted("one\ntwo", pasted=True))
    press(editor, "c-w", "backspace")
    assert press(editor, "enter") == Submitted("one")


def test_an_answer_has_one_line() -> None:
    editor = Editor(masked=True, single=True)
    editor.press(Paste("sesame\nls\n"))
    press(editor, "m-enter")
    assert press(editor, "enter") == Submitted("sesame")


def test_what_is_too_long_is_not_taken() -> None:
    editor = Editor()
    assert editor.press(Paste("x" * (LONGEST + 1))) == BufferFull()
    assert editor.text == "x" * LONGEST
    assert editor.press(Text("y")) == BufferFull()
    assert press(editor, "m-enter") == BufferFull()
    assert editor.press(Press("backspace")) is None
    assert editor.press(Text("y")) is None
    assert editor.press(Paste("", cut=True)) == BufferFull()


def test_history_is_gone_through_and_the_draft_stays() -> None:
    editor = typed("one\rtwo\rtwo\r  \rdraft")
    press(editor, "up")
    assert with_cursor(editor) == "two|"
    typed("!", editor)
    press(editor, "c-p")
    assert editor.text == "one"
    press(editor, "up")
    assert editor.text == "one"
    press(editor, "down")
    assert editor.text == "two!"
    press(editor, "c-n")
    assert editor.text == "draft"
    press(editor, "down")
    assert editor.text == "draft"
    press(editor, "up", "enter", "up", "up")
    # What was sent is the newest now, and what it was made from is as it was.
    assert editor.text == "two"


def test_history_is_searched() -> None:
    editor = typed("make test\rmake check\rls\rdraft\x12make")
    assert editor.text == "make check"
    press(editor, "c-r")
    assert editor.text == "make test"
    press(editor, "c-r")
    assert editor.text == "make test"
    press(editor, "c-g")
    assert (editor.text, editor.search) == ("draft", None)
    typed("\x12chec\x05!", editor)
    assert (with_cursor(editor), editor.search) == ("make check!|", None)
    typed("\x12nowhere", editor)
    assert editor.search is not None
    assert editor.search.lost
    assert press(editor, "enter") is None
    assert press(editor, "enter") == Submitted("make check!")


def test_tab_completes_as_far_as_it_can_and_then_goes_round() -> None:
    words = {"b": ["bob: ", "bobby: "], "a": ["ann: "], "/j": ["/join "]}

    def complete(before: str) -> tuple[str, list[str]]:
        word = before.rsplit(" ", 1)[-1]
        return word, words.get(word[:2] if word.startswith("/") else word[:1], [])

    editor = Editor(complete)
    assert with_cursor(typed("a\t", editor)) == "ann: |"
    assert editor.offer is None
    assert with_cursor(typed("\x15x\t", editor)) == "x|"
    assert with_cursor(typed("\x15b\t", editor)) == "bob|"
    assert editor.offer is not None
    shown = []
    for _ in range(3):
        press(editor, "tab")
        shown.append(editor.text)
    assert shown == ["bob: ", "bobby: ", "bob: "]
    press(editor, "s-tab")
    assert editor.text == "bobby: "
    assert with_cursor(typed("hi", editor)) == "bobby: hi|"
    assert editor.offer is None
    assert with_cursor(typed("\x15é b\x01\x1bf\x06\x06\t", editor)) == "é bob|"
    press(editor, "s-tab")
    assert editor.text == "é bobby: "


def test_a_password_is_neither_kept_nor_completed_nor_searched() -> None:
    history = InputHistory(["old"])
    editor = typed("sesame\t\x12\x1b[A", Editor(lambda before: (before, ["x"]), history, True))
    assert editor.text == "sesame"
    assert press(editor, "enter") == Submitted("sesame")
    assert len(history) == 1


_KEYS: st.SearchStrategy[Key] = st.one_of(
    st.builds(Text, st.text(min_size=1, max_size=5)),
    st.builds(Text, st.text(st.sampled_from("a \u0301👍🇩\u200d日\u0600"), min_size=1, max_size=4)),
    st.builds(Paste, st.text(st.sampled_from("ab \n\u0301\x1b"), max_size=8)),
    st.builds(
        Press,
        st.sampled_from(
            [
                *("left", "right", "home", "end", "up", "down", "backspace", "delete", "enter"),
                *("m-b", "m-f", "m-d", "m-enter", "c-k", "c-u", "c-w", "c-y", "c-t", "c-r", "c-g"),
                *("tab", "s-tab", "m-<", "m->", "c-d", "c-c", "f1"),
            ]
        ),
    ),
)  # fmt: skip


@given(st.lists(_KEYS, max_size=60))
def test_no_keys_bring_it_out_of_order(keys: list[Key]) -> None:
    editor = Editor(lambda before: (before[-1:], ["ab ", "aé", "日本"]))
    for key in keys:
        editor.press(key)
        buffer = editor.buffer
        assert 0 <= buffer.cursor <= len(buffer.graphemes)
        assert buffer.graphemes == split(editor.text)
        assert len(editor.text) <= LONGEST


class Counted(list[str]):
    """Count how often single graphemes are looked at."""

    looks = 0

    def __getitem__(self, place: Any) -> Any:
        type(self).looks += isinstance(place, int)
        return super().__getitem__(place)


@pytest.mark.parametrize("filling", ["a", "a ", "日", "e\u0301 "])
@pytest.mark.parametrize(
    "name",
    [
        *("up", "down", "left", "home", "end", "m-b", "m-f", "c-w", "m-backspace", "m-d"),
        *("c-k", "c-u", "c-y", "c-t", "backspace", "delete", "m-<", "m->"),
    ],
)
def test_no_key_goes_through_a_full_line_grapheme_by_grapheme(filling: str, name: str) -> None:
    editor = Editor()
    editor.press(Text(filling * (LONGEST // len(filling))))
    editor.press(Press("m-b"))
    Counted.looks = 0
    for _ in range(5):
        editor.buffer.graphemes = Counted(editor.buffer.graphemes)
        editor.press(Press(name))
    assert Counted.looks < 5 * 40
