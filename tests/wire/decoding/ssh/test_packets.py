"""Lines and packets are cut out of the stream until it is enciphered."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.decoding.ssh.packets import (
    LINE_BYTES,
    LINES,
    PACKET_BYTES,
    SSHLine,
    SSHPacket,
    SSHStream,
    packet_of,
)
from tests.wire.cuts import CHUNKS, PLACES, cut
from tests.wire.decoding.ssh.packing import kexinit, number, packet

BEGINNING = b"Welcome\r\nSSH-2.0-Test\r\n" + packet(kexinit(), 9) + packet(b"\x15", 10)


def things_in(*chunks: bytes) -> list[SSHLine | SSHPacket]:
    stream = SSHStream()
    return [thing for chunk in chunks for thing in stream.feed(chunk)]


def broken_by(data: bytes) -> str:
    stream = SSHStream()
    stream.feed(data)
    return stream.broken


def test_lines_then_packets() -> None:
    banner, version, first, second = things_in(BEGINNING)
    assert (banner, version) == (SSHLine("Welcome", False), SSHLine("SSH-2.0-Test", True))
    assert isinstance(first, SSHPacket)
    assert isinstance(second, SSHPacket)
    assert (first.sequence, first.padding, first.payload) == (0, 9, kexinit())
    assert (second.sequence, second.length, second.size) == (1, 12, 16)


def test_behind_newkeys_nothing_is_read() -> None:
    stream = SSHStream()
    stream.feed(BEGINNING)
    assert stream.encrypted
    assert not stream.feed(b"\xff" * 100_000)
    assert not stream.broken


@given(PLACES)
def test_cuts_change_nothing(places: list[int]) -> None:
    assert things_in(*cut(BEGINNING, places)) == things_in(BEGINNING)


def test_what_is_no_ssh_says_why() -> None:
    assert "without an end" in broken_by(b"x" * LINE_BYTES)
    assert f"{LINES} lines" in broken_by(b"x\n" * LINES)
    assert "a packet of" in broken_by(b"SSH-2.0-x\n" + number(PACKET_BYTES + 1))
    assert not broken_by(b"x" * (LINE_BYTES - 1))


@given(CHUNKS, st.booleans())
def test_any_bytes_are_stood(chunks: list[bytes], versioned: bool) -> None:
    things_in(*([b"SSH-2.0-x\r\n"] if versioned else []), *chunks)


@given(st.binary(max_size=50))
def test_a_packet_is_made_of_any_content(data: bytes) -> None:
    assert packet_of(0, data).length == len(data)
