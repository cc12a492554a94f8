"""Tests of keys from bytes: what real terminals send, in any pieces, and what nobody should."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.ui.editing.key_decoder import (
    PASTE,
    PASTE_SECONDS,
    SEQUENCE,
    SEQUENCE_SECONDS,
    STRING,
    Decoder,
    Key,
    Paste,
    Press,
    Text,
)


def decode(*pieces: bytes) -> list[Key]:
    decoder = Decoder()
    return [key for piece in pieces for key in decoder.feed(piece)]


def merged(keys: list[Key]) -> list[Key]:
    """Return keys with neighbouring texts as one, as pieces do not matter."""
    found: list[Key] = []
    for key in keys:
        if found and isinstance(key, Text) and isinstance(found[-1], Text):
            key = Text(found.pop().text + key.text)  # type: ignore[union-attr]
        found.append(key)
    return found


# (terminal, bytes, key): from xterm's ctlseqs, urxvt(7), console_codes(4), PuTTY's manual, kitty's
# keyboard protocol, and tmux(1) with xterm-keys.
SEQUENCES = [
    ("xterm", b"\x1b[A", "up"),
    ("xterm application", b"\x1bOA", "up"),
    ("xterm", b"\x1b[H", "home"),
    ("xterm application", b"\x1bOF", "end"),
    ("xterm", b"\x1b[3~", "delete"),
    ("xterm", b"\x1b[5~", "page-up"),
    ("xterm Ctrl", b"\x1b[1;5C", "c-right"),
    ("xterm Alt", b"\x1b[1;3D", "m-left"),
    ("xterm Ctrl Shift", b"\x1b[1;6A", "c-s-up"),
    ("xterm Ctrl", b"\x1b[3;5~", "c-delete"),
    ("xterm", b"\x1b[Z", "s-tab"),
    ("xterm", b"\x1bOP", "f1"),
    ("xterm", b"\x1b[15~", "f5"),
    ("xterm old Ctrl", b"\x1bO5D", "c-left"),
    ("xterm modifyOtherKeys", b"\x1b[27;5;105~", "c-i"),
    ("xterm modifyOtherKeys", b"\x1b[27;2;13~", "s-enter"),
    ("rxvt", b"\x1b[7~", "home"),
    ("rxvt", b"\x1b[8~", "end"),
    ("rxvt Shift", b"\x1b[a", "s-up"),
    ("rxvt Ctrl", b"\x1bOc", "c-right"),
    ("rxvt Ctrl", b"\x1b[3^", "c-delete"),
    ("rxvt Shift", b"\x1b[3$", "s-delete"),
    ("rxvt Ctrl Shift", b"\x1b[3@", "c-s-delete"),
    ("rxvt Alt", b"\x1b\x1b[D", "m-left"),
    ("linux", b"\x1b[1~", "home"),
    ("linux", b"\x1b[4~", "end"),
    ("linux", b"\x1b[[A", "f1"),
    ("linux", b"\x1b[[E", "f5"),
    ("tmux", b"\x1b[1~", "home"),
    ("screen", b"\x1bOD", "left"),
    ("PuTTY", b"\x1bOM", "enter"),
    ("PuTTY", b"\x1b[11~", "f1"),
    ("kitty", b"\x1b[97;5u", "c-a"),
    ("kitty", b"\x1b[98;3u", "m-b"),
    ("kitty", b"\x1b[13;2u", "s-enter"),
    ("kitty", b"\x1b[127;5u", "c-backspace"),
    ("kitty, pressed", b"\x1b[1;1:1A", "up"),
    ("kitty, alternates", b"\x1b[97:65;6u", "c-s-a"),
    ("kitty Num Lock", b"\x1b[97;133u", "c-a"),
    ("any", b"\x01", "c-a"),
    ("any", b"\x7f", "backspace"),
    ("any", b"\x08", "backspace"),
    ("any", b"\t", "tab"),
    ("any", b"\r", "enter"),
    ("a pipe", b"\n", "enter"),
    ("any Alt", b"\x1bf", "m-f"),
    ("any Alt", b"\x1b\x7f", "m-backspace"),
    ("any Alt", b"\x1b\r", "m-enter"),
    ("any Alt", "\x1bß".encode(), "m-ß"),
]


@pytest.mark.parametrize(("terminal", "data", "name"), SEQUENCES)
def test_the_keys_of_real_terminals(terminal: str, data: bytes, name: str) -> None:
    del terminal
    assert decode(data) == [Press(name)]
    # Byte by byte, and between other keys.
    assert decode(*(bytes([byte]) for byte in data)) == [Press(name)]
    assert decode(b"a" + data + b"b") == [Text("a"), Press(name), Text("b")]


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        ("é日👍".encode(), [Text("é日👍")]),
        (b"\xe9", []),
        (b"\xe9a", [Text("\ufffda")]),
        (b"\x9b31m", [Text("\ufffd31m")]),
        (b"\xc2\x9b31m", [Text("31m")]),
        (b"\x1bOj\x1bOy", [Text("*"), Text("9")]),
        (b"\x1b[57400u", [Text("1")]),
        (b"\x1b[97u\x1b[97;2u\x1b[32;2u", [Text("a"), Text("A"), Text(" ")]),
        # Answers of a terminal, releases, mice and unknown sequences are no keys.
        (b"\x1b[?62;22c\x1b[I\x1b[97;1:3u\x1b[<0;1;2M\x1b[99~\x1b[55555u", []),
        (b"\x1b[1;\rx", [Press("enter"), Text("x")]),
        (b"\x1b[1;\x1b[A", [Press("up")]),
        (b"\x1b[155u\x1b[1;5u\x1b[9999999999u", []),
    ],
)
def test_other_bytes(data: bytes, keys: list[Key]) -> None:
    assert decode(data) == keys


def test_a_paste_is_one_key_with_everything_in_it() -> None:
    data = "\x1b[200~a\r\nb\rc\x1b[A\x03é\x1b[20\x1b[201~x".encode()
    expected = [Paste("a\nb\nc\x1b[A\x03é\x1b[20"), Text("x")]
    assert decode(data) == expected
    assert decode(*(bytes([byte]) for byte in data)) == expected


def test_an_endless_paste_is_cut_and_says_so() -> None:
    decoder = Decoder()
    assert decoder.feed(b"\x1b[200~") == []
    for _ in range(3 * PASTE // 1000):
        assert decoder.feed(b"x" * 1000) == []
    assert decoder.feed(b"\x1b[201~") == [Paste("x" * PASTE, cut=True)]


def test_an_endless_sequence_is_skipped_to_its_end() -> None:
    decoder = Decoder()
    assert decoder.feed(b"\x1b[" + b"1;" * SEQUENCE) == []
    assert decoder.feed(b"2;" * 1000) == []
    assert decoder.feed(b"Aa\x1b" + b"\x1b" * 1000 + b"a")[:1] == [Text("a")]
    assert decode(b"\x1b[" + b"1" * 1000 + b"\rx") == [Press("enter"), Text("x")]


@pytest.mark.parametrize(
    ("data", "keys"),
    [
        (b"\x1b", [Press("escape")]),
        (b"\x1b\x1b", [Press("escape")]),
        (b"\x1b[1;", []),
        (b"\x1b[" + b"1;" * SEQUENCE, []),
        (b"\x1bO", [Press("m-O")]),
        (b"\x1bP", [Press("m-P")]),
        (b"\x1b]11;rgb:0000/0000/0000", []),
        (b"\x1bP1$r0m\x1b", []),
        (b"\x1b_Gi=1;OK", []),
    ],
)
def test_what_has_begun_is_ended_by_whoever_knows_the_time(data: bytes, keys: list[Key]) -> None:
    decoder = Decoder()
    assert (decoder.feed(data), decoder.patience) == ([], SEQUENCE_SECONDS)
    assert (decoder.flush(), decoder.patience) == (keys, 0)
    # Nothing that follows is taken for a part of it.
    assert decoder.feed(b"[A;x") == [Text("[A;x")]


def test_a_paste_whose_end_is_lost_takes_keys_no_longer_than_a_pause() -> None:
    decoder = Decoder()
    assert decoder.feed(b"\x1b[200~ab\rc\x1b[20") == []
    assert decoder.patience == PASTE_SECONDS
    assert decoder.flush() == [Paste("ab\nc\x1b[20", lost=True)]
    assert decoder.patience == 0
    assert decoder.feed(b"d\x1b[201~\r") == [Text("d"), Press("enter")]


@pytest.mark.parametrize("opening", ["]0;", "P1$r", "_G", "^x", "Xy"])
@pytest.mark.parametrize("ending", ["\x07", "\x1b\\"])
def test_what_a_terminal_answers_is_not_typed(opening: str, ending: str) -> None:
    data = f"a\x1b{opening}rm -rf /{ending}b".encode()
    assert merged(decode(data)) == [Text("ab")]
    assert merged(decode(*(bytes([byte]) for byte in data))) == [Text("ab")]


def test_an_endless_control_string_is_bounded_and_broken_off_by_a_key() -> None:
    assert decode(b"\x1b]0;" + b"x" * 1000 + b"\ry") == [Press("enter"), Text("y")]
    assert decode(b"\x1b]" + b"x" * (STRING - 2) + b"y") == [Text("y")]
    assert decode(b"\x1b]0;x\x1b[A") == [Press("up")]


def test_nul_is_neither_typed_nor_pasted() -> None:
    assert decode(b"a\0b") == [Text("a"), Press("c-space"), Text("b")]
    assert decode(b"\x1b[200~a\0b\x1b[201~") == [Paste("ab")]


_PARTS = st.sampled_from(
    [
        b"\x1b",
        b"[",
        b"O",
        b"]",
        b"P",
        b"\\",
        b"\x07",
        b"200~",
        b"201~",
        b";",
        b"5",
        b"u",
        b"$",
        b"\xe6",
        b"a",
    ]
)


@given(st.lists(_PARTS | st.binary(max_size=4)), st.lists(st.integers(0, 200), max_size=8))
def test_pieces_do_not_matter_and_text_holds_no_controls(
    parts: list[bytes], cuts: list[int]
) -> None:
    data = b"".join(parts)
    places = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    pieces = [data[start:end] for start, end in pairwise(places)]
    keys = decode(*pieces)
    assert merged(keys) == merged(decode(data))
    typed = "".join(key.text for key in keys if isinstance(key, Text))
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in typed)
