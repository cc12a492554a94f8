"""Extensions say what they hold, a client's and a server's; broken ones say that they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.decoding.cursor import ByteCursor
from hubbub.wire.decoding.tls.extensions import extensions
from hubbub.wire.failures import CutShort
from hubbub.wire.seen import Fact


def extension(number: int, body: str) -> Fact:
    data = bytes.fromhex(body)
    whole = number.to_bytes(2, "big") + len(data).to_bytes(2, "big") + data
    [(_, fact)] = extensions(ByteCursor(whole))
    return fact


@pytest.mark.parametrize(
    ("number", "body", "fact"),
    [
        (0, "0006 00 0003 612e62", ("a.b",)),
        (10, "0004 001d 0017", ("x25519", "secp256r1")),
        (16, "0004 03 697263", ("irc",)),
        (43, "0304", "TLS 1.3"),
        (43, "04 0304 0303", ("TLS 1.3", "TLS 1.2")),
        (45, "01 01", ("psk_dhe_ke",)),
        (51, "001d", "x25519"),
        (51, "0007 001d 0003 616263", ("x25519, 3 bytes",)),
        (51, "001d 0003 616263", ("x25519, 3 bytes",)),
        (23, "", "yes"),
        (35, "0000", "2 bytes"),
        (10, "0009 00", "cut short, 3 bytes"),
    ],
)
def test_each_says_what_it_holds(number: int, body: str, fact: Fact) -> None:
    assert extension(number, body) == fact


@given(st.binary(max_size=100))
def test_any_bytes_are_stood_or_cut_short(data: bytes) -> None:
    for number in (0, 10, 13, 16, 43, 45, 51):
        extension(number, data.hex())
    try:
        extensions(ByteCursor(data))
    except CutShort:
        assert len(data) > 0
