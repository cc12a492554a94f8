"""Places in a text, found through its marks: as if one went through it grapheme by grapheme."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from hubbub.client.graphemes import split
from hubbub.ui.editing.buffer import Buffer

# No \r: it is Enter, and ends of lines in a paste are \n before they come here.
TEXTS = st.text(st.sampled_from("ab_1é\u0301 \n\u3000\x85👍🇩🇪\u200d日½²-,"), max_size=40)


def in_word(grapheme: str) -> bool:
    return grapheme[0].isalnum() or grapheme[0] == "_"


def is_blank(grapheme: str) -> bool:
    return grapheme.isspace()


def passed(graphemes: list[str], first: Callable[[str], bool]) -> int:
    """Pass over what `first` says, then over what it does not; return how many those are."""
    place = 0
    while place < len(graphemes) and first(graphemes[place]):
        place += 1
    while place < len(graphemes) and not first(graphemes[place]):
        place += 1
    return place


def lines(graphemes: list[str]) -> list[tuple[int, int]]:
    """Return where each line begins and ends."""
    ends = [place for place, each in enumerate(graphemes) if each == "\n"]
    starts = [0, *(end + 1 for end in ends)]
    return list(zip(starts, [*ends, len(graphemes)], strict=True))


@given(TEXTS, st.integers(0, 40))
def test_places_are_where_going_through_the_text_finds_them(text: str, at: int) -> None:
    buffer = Buffer()
    buffer.set(text)
    graphemes = split(text)
    cursor = buffer.cursor = min(at, len(graphemes))
    before, after = graphemes[:cursor][::-1], graphemes[cursor:]
    assert buffer.word_left() == cursor - passed(before, lambda each: not in_word(each))
    assert buffer.word_right() == cursor + passed(after, lambda each: not in_word(each))
    assert buffer.blank_left() == cursor - passed(before, is_blank)
    number = sum(each == "\n" for each in graphemes[:cursor])
    found = lines(graphemes)
    start, end = found[number]
    assert (buffer.line_start(), buffer.line_end()) == (start, end)
    above = found[number - 1] if number else None
    below = found[number + 1] if number + 1 < len(found) else None
    wanted = [min(line[0] + cursor - start, line[1]) if line else None for line in (above, below)]
    assert [buffer.line_above(), buffer.line_below()] == wanted


@given(TEXTS, TEXTS, st.integers(0, 40), st.integers(0, 10))
def test_a_change_leaves_a_mark_for_each_grapheme(text: str, new: str, at: int, size: int) -> None:
    buffer, whole = Buffer(), Buffer()
    buffer.set(text)
    start = min(at, len(buffer.graphemes))
    head = "".join(buffer.graphemes[:start]) + new
    buffer.replace(start, min(start + size, len(buffer.graphemes)), new)
    whole.set(buffer.text)
    assert (buffer.graphemes, buffer.marks) == (whole.graphemes, whole.marks)
    assert len(buffer.marks) == len(buffer.graphemes)
    # The cursor stands behind the grapheme in which what was put there ends.
    assert buffer.before.startswith(head)
    assert len("".join(buffer.graphemes[: max(0, buffer.cursor - 1)])) < max(1, len(head))
