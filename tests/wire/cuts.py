"""Any bytes, in any cuts: what decoders have to stand."""

from __future__ import annotations

from hypothesis import strategies as st

CHUNKS = st.lists(st.binary(max_size=200), max_size=12)


def cut(data: bytes, places: list[int]) -> list[bytes]:
    """Return the data cut at some places."""
    ends = sorted({place % (len(data) + 1) for place in places} | {len(data)})
    return [data[start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def damaged(data: bytes, place: int, value: int) -> bytes:
    """Return the data with another byte in one place."""
    where = place % len(data)
    return data[:where] + bytes((value,)) + data[where + 1 :]


PLACES = st.lists(st.integers(0, 10_000), max_size=8)
