"""The upgrade and the frames of WebSocket are taken apart, packed ones too."""

from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.decoding.upgrade import UpgradeHead
from hubbub.wire.decoding.websocket import (
    FRAME_BYTES,
    HEAD_BYTES,
    WebSocketStream,
    WSFrame,
    WSMessages,
    frame_of,
    mask,
)
from hubbub.wire.seen import Way
from tests.wire.cuts import CHUNKS, PLACES, cut

HEAD = b"GET /irc?token=secret HTTP/1.1\r\nHost: x\r\nCookie: secret\r\nUpgrade: websocket\r\n\r\n"


def things_in(*chunks: bytes) -> list[UpgradeHead | WSFrame]:
    stream = WebSocketStream()
    return [thing for chunk in chunks for thing in stream.feed(chunk)]


def broken_by(*chunks: bytes) -> str:
    stream = WebSocketStream()
    for chunk in chunks:
        stream.feed(chunk)
    return stream.broken


def test_the_head_is_read_and_its_cookies_masked() -> None:
    [head] = things_in(HEAD)
    assert isinstance(head, UpgradeHead)
    assert head.field("upgrade") == "websocket"
    assert "secret" not in str(head.seen(Way.SENT).details)


@given(st.binary(max_size=70_000), st.binary(min_size=4, max_size=4), PLACES)
def test_a_frame_comes_out_as_it_was_made(payload: bytes, key: bytes, places: list[int]) -> None:
    frame = things_in(*cut(HEAD + frame_of(1, payload, key), places))[1]
    assert isinstance(frame, WSFrame)
    assert (frame.payload, frame.opcode, frame.final, frame.masked) == (payload, 1, True, True)


def test_messages_are_put_together_and_unpacked() -> None:
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(b"PING :x") + packer.flush(zlib.Z_SYNC_FLUSH)
    one, two = packed[:3], packed[3:-4]
    messages = WSMessages()
    assert messages.feed(WSFrame(1, False, False, True, one, 2)) is None
    assert messages.feed(WSFrame(9, True, False, False, b"?", 2)) is None
    assert messages.feed(WSFrame(0, True, False, False, two, 2)) == b"PING :x"


def test_behind_a_bomb_rubbish_or_too_much_nothing_is_read() -> None:
    packer = zlib.compressobj(wbits=-15)
    bomb = packer.compress(b"\0" * (8 * FRAME_BYTES)) + packer.flush(zlib.Z_SYNC_FLUSH)
    piece = WSFrame(0, False, False, False, b"x" * (FRAME_BYTES // 2 + 1), 2)
    for frames, why in (
        ([WSFrame(1, True, False, True, bomb[:-4], 2)], "bytes, unpacked"),
        ([WSFrame(1, True, False, True, b"\xff\xff", 2)], "cannot be unpacked"),
        ([piece, piece], "a message of more than"),
    ):
        messages = WSMessages()
        assert [messages.feed(frame) for frame in frames] == [None] * len(frames)
        assert why in messages.broken
        # What is packed leans on what was before, so nothing more is read.
        assert messages.feed(WSFrame(1, True, False, False, b"PING :x", 2)) is None


def test_a_message_may_end_the_packing_and_the_next_begin_it_anew() -> None:
    messages = WSMessages()
    for _ in range(2):
        packer = zlib.compressobj(wbits=-15)
        packed = packer.compress(b"PASS x") + packer.flush(zlib.Z_FINISH) + b"\0"
        assert messages.feed(WSFrame(1, True, False, True, packed, 2)) == b"PASS x"


def test_what_is_no_websocket_says_why() -> None:
    assert broken_by(b":irc NOTICE * :hi\r\n") == "no HTTP"
    assert broken_by(b"x" * (HEAD_BYTES + 1)) == "a head without an end"
    assert "refuses the upgrade" in broken_by(b"HTTP/1.1 403 Forbidden\r\n\r\n")
    assert "a frame of" in broken_by(HEAD, b"\x81\x7f" + (FRAME_BYTES + 1).to_bytes(8, "big"))


def test_a_close_frame_says_its_code_and_reason() -> None:
    frame = things_in(HEAD, frame_of(8, b"\x03\xe8bye", b"abcd"))[1]
    details = frame.seen(Way.RECEIVED).details
    assert ("code", "1000") in details
    assert ("reason", "bye") in details


def test_masking_twice_is_nothing() -> None:
    assert mask(mask(b"hello", b"abcd"), b"abcd") == b"hello"


@given(CHUNKS, st.booleans())
def test_any_bytes_are_stood(chunks: list[bytes], upgraded: bool) -> None:
    messages = WSMessages()
    for thing in things_in(*([HEAD] if upgraded else []), *chunks):
        thing.seen(Way.RECEIVED)
        if isinstance(thing, WSFrame):
            messages.feed(thing)
