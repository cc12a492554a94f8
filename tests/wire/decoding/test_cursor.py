"""Numbers and counted strings are read, and what ends too early says so."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.decoding.cursor import ByteCursor
from hubbub.wire.failures import CutShort


def test_what_stands_there_is_read_in_order() -> None:
    cursor = ByteCursor(b"\x00\x07\x02hi\x00\x00\x00\x03a,b\x04\x00\x01\x00\x02rest")
    assert cursor.number(2) == 7
    assert cursor.counted(1) == b"hi"
    assert cursor.names() == ("a", "b")
    assert cursor.numbers(1, 2) == [1, 2]
    assert (len(cursor), cursor.rest(), len(cursor)) == (4, b"rest", 0)


@given(st.binary(max_size=20), st.integers(1, 4))
def test_what_is_not_there_is_never_made_up(data: bytes, width: int) -> None:
    cursor = ByteCursor(data)
    try:
        found = cursor.counted(width)
    except CutShort:
        announced = int.from_bytes(data[:width], "big")
        assert len(data) < width or len(data) < width + announced
    else:
        assert data[width : width + len(found)] == found


def test_more_than_there_is_cannot_be_taken() -> None:
    with pytest.raises(CutShort):
        ByteCursor(b"ab").take(3)
