"""What goes one way is shown as it comes, and its messages come out."""

from __future__ import annotations

from hypothesis import given

from hubbub.irc.message import Message
from hubbub.wire.decoding.websocket import frame_of
from hubbub.wire.seen import Seen, Way
from hubbub.wire.watching import IRCWatch, WebSocketWatch, watch
from tests.wire.cuts import CHUNKS

HEAD = b"GET / HTTP/1.1\r\n\r\n"


def test_lines_on_the_line_and_in_frames() -> None:
    told: list[Seen] = []
    plain = watch("ircs", Way.SENT, told.append)
    assert isinstance(plain, IRCWatch)
    assert plain.feed(b"PING :a\r\nPI") == [Message("PING", ("a",))]
    framed = watch("wss", Way.SENT, told.append)
    assert isinstance(framed, WebSocketWatch)
    data = HEAD + frame_of(9, b"?", b"abcd") + frame_of(1, b"PING :b", b"abcd")
    assert framed.feed(data) == [Message("PING", ("b",))]
    assert framed.pings == [b"?"]
    assert [seen.name for seen in told] == [
        *("PING", "upgrade asked for", "ping frame", "text frame", "PING"),
    ]


def test_what_is_no_websocket_is_told_once() -> None:
    told: list[Seen] = []
    watching = WebSocketWatch(Way.RECEIVED, told.append)
    for _ in range(3):
        watching.feed(b":irc NOTICE * :hi\r\n")
    assert [seen.name for seen in told] == ["no WebSocket"]


def test_what_cannot_be_unpacked_is_told_once() -> None:
    told: list[Seen] = []
    watching = WebSocketWatch(Way.RECEIVED, told.append)
    watching.feed(b"HTTP/1.1 101 x\r\n\r\n" + b"\xc1\x02\xff\xff" * 2)
    assert watching.broken == "a message that cannot be unpacked"
    assert [seen.name for seen in told].count("no WebSocket") == 1


@given(CHUNKS)
def test_any_bytes_are_stood(chunks: list[bytes]) -> None:
    for scheme in ("irc", "ws"):
        watching = watch(scheme, Way.RECEIVED, lambda seen: None)
        for chunk in chunks:
            watching.feed(chunk)
