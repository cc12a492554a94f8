"""A key takes no longer on a full line than on a short one: who holds one down stalls nobody."""

from __future__ import annotations

import time

import pytest

from hubbub.ui.editing.buffer import LONGEST
from hubbub.ui.editing.editor import Editor
from hubbub.ui.editing.history import Typed
from hubbub.ui.editing.key_decoder import Decoder

SHORT = LONGEST // 64
KEYS = {
    "arrows": b"\x1b[D\x1b[C",
    "words": b"\x1bb\x1bf",
    "ends": b"\x01\x05",
    "delete and type": b"\x7fx",
    "a word out and in": b"\x17\x19",
    "accents": "\x7fe\u0301".encode(),
}
TEXTS = {"letters": "ab c", "wide": "日本 x"}


def seconds(text: str, length: int, keys: bytes) -> float:
    """Return what two hundred of the keys take on a line of so many characters."""
    best = []
    for _ in range(3):
        editor = Editor(history=Typed())
        editor.buffer.set((text * length)[: length - 2])
        pressed = [key for _ in range(100) for key in Decoder().feed(keys)]
        begun = time.thread_time()
        for key in pressed:
            editor.press(key)
        best.append(time.thread_time() - begun)
    return min(best)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("keys", KEYS)
def test_a_key_takes_as_long_on_a_full_line(text: str, keys: str) -> None:
    short = seconds(TEXTS[text], SHORT, KEYS[keys])
    full = seconds(TEXTS[text], LONGEST, KEYS[keys])
    assert full < 12 * short, "64 times, character by character"
