"""Whatever a proxy's connection begins with: a header or a refusal, and never a byte too far."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.transport.errors import MalformedHeader
from hubbub.transport.proxy.protocol import (
    SIGNATURE,
    V1_BYTES,
    V2_BYTES,
    read_header,
)
from tests.fuzz.conftest import PROFILE

words = st.sampled_from([b"TCP4", b"TCP6", b"UNKNOWN", b"192.0.2.1", b"::1", b"80", b"\r\n", b""])
version_1 = st.lists(words | st.binary(max_size=8), max_size=9).map(b" ".join)
version_2 = st.tuples(
    st.sampled_from([b"\x20", b"\x21"]) | st.binary(min_size=1, max_size=1),
    st.sampled_from([b"\x00", b"\x11", b"\x21", b"\x31"]) | st.binary(min_size=1, max_size=1),
    st.integers(0, 60).map(lambda length: length.to_bytes(2, "big"))
    | st.binary(min_size=2, max_size=2),
    st.binary(max_size=80),
).map(b"".join)


@PROFILE
@given(
    st.binary(max_size=300)
    | version_1.map(b"PROXY ".__add__)
    | version_2.map(SIGNATURE.__add__)
    | st.binary(max_size=5000).map(SIGNATURE.__add__)
)
def test_a_header_or_a_refusal(data: bytes) -> None:
    try:
        taken, header = read_header(data)
    except MalformedHeader:
        return
    assert 0 <= taken <= min(len(data), max(V1_BYTES, V2_BYTES))
    if header is None:
        assert taken == len(data)
        return
    # What stands behind makes no difference, and nothing before the end is a header already.
    assert read_header(data[:taken]) == (taken, header)
    assert read_header(data[: taken - 1]) == (taken - 1, None)
