"""Words: without case and accents, in all scripts."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.core.searching.words import Piece, folded, pieces


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The DISK, /dev/sda1!", ["the", "disk", "dev", "sda1"]),
        ("Straße ŁÓDŹ ﬁn", ["strasse", "łodz", "fin"]),
        ("cafe\u0301 caf\u00e9", ["cafe", "cafe"]),
        ("soft\u00adhyphen don't snake_case", ["softhyphen", "don", "t", "snake_case"]),
        ("Привет, МИР", ["привет", "мир"]),
        ("हिन्दी", ["हिनदी"]),
        ("😀 :-) ...", []),
    ],
)
def test_a_text_is_words_without_case_and_accents(text: str, found: list[str]) -> None:
    assert pieces(text) == [Piece(word) for word in found]


@pytest.mark.parametrize("text", ["日本語テスト", "한국어", "สวัสดี"])
def test_scripts_without_spaces_are_runs(text: str) -> None:
    assert pieces(f"abc{text}def, {text}") == [
        Piece("abc"), Piece(text, True), Piece("def"), Piece(text, True)
    ]  # fmt: skip


def test_a_voiced_kana_is_another_letter() -> None:
    assert pieces("か\u3099") == pieces("が") != pieces("か")


@given(st.text())
def test_pieces_are_the_same_however_a_text_is_written(text: str) -> None:
    found = pieces(text)
    assert found == pieces(folded(text)) or folded(folded(text)) != folded(text)
    assert found == pieces(unicodedata.normalize("NFD", unicodedata.normalize("NFC", text)))
    assert all(piece.text and not piece.text.isspace() for piece in found)


@given(st.lists(st.text(min_size=1), max_size=5))
def test_a_space_parts_texts(texts: list[str]) -> None:
    assert pieces(" ".join(texts)) == [piece for text in texts for piece in pieces(text)]
