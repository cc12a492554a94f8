"""TLS records are cut out of the stream; what is none ends the reading."""

from __future__ import annotations

import ssl

from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.decoding.tls.records import LONGEST, QUOTED, TLSRecord, TLSRecords
from hubbub.wire.seen import Way
from tests.wire.cuts import CHUNKS, PLACES, cut, damaged
from tests.wire.decoding.tls.handshakes import handshake


def records_in(*chunks: bytes) -> list[TLSRecord]:
    records = TLSRecords()
    return [record for chunk in chunks for record in records.feed(chunk)]


@given(PLACES, st.sampled_from([ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]))
def test_what_is_cut_out_put_together_is_what_came(
    places: list[int], version: ssl.TLSVersion
) -> None:
    for data in handshake(version):
        found = records_in(*cut(data, places))
        assert b"".join(record.raw for record in found) == data
        assert found == records_in(data)


def test_a_listener_sees_type_version_and_length() -> None:
    [record] = records_in(b"\x17\x03\x03\x00\x02ab")
    seen = record.seen(Way.SENT)
    assert seen.size == 7
    assert seen.details == (("type", "application data"), ("version field", "TLS 1.2"))


def test_what_is_no_record_ends_the_reading() -> None:
    records = TLSRecords()
    assert not records.feed(b"HTTP/1.1 400 Bad Request" * 10)
    assert len(records.broken) == QUOTED
    assert not records.feed(b"\x17\x03\x03\x00\x02ab")
    too_long = TLSRecords()
    too_long.feed(b"\x17\x03\x03" + (LONGEST + 1).to_bytes(2, "big"))
    assert too_long.broken


@given(CHUNKS)
def test_any_bytes_are_stood(chunks: list[bytes]) -> None:
    records_in(*chunks)
    records_in(b"\x16\x03\x01", *chunks)


@given(st.integers(0, 5000), st.integers(0, 255))
def test_a_damaged_handshake_is_stood(place: int, value: int) -> None:
    for record in records_in(damaged(handshake(ssl.TLSVersion.TLSv1_3)[1], place, value)):
        record.seen(Way.RECEIVED)
