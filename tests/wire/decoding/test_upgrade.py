"""Of the upgrade from HTTP that is shown which is known to be open."""

from __future__ import annotations

import pytest

from hubbub.wire.decoding.upgrade import read_head
from hubbub.wire.seen import MASKED, Way


@pytest.mark.parametrize(
    "head",
    [
        "GET /?secret HTTP/1.1\r\n",
        "GET /? secret HTTP/1.1\r\n",
        "GET / HTTP/1.1\r\nX-Api-Key: secret\r\n",
        "GET / HTTP/1.1\r\nAuthorization: Basic\r\n secret\r\n",
        "GET / HTTP/1.1\r\nAuthorization : Basic secret\r\n",
        "GET / HTTP/1.1\r\nsecret\r\n",
        "GET / HTTP/1.1\r\nHost: x\nCookie: secret\r\n",
        "GET / HTTP/1.1\r\nSec-WebSocket-Protocol: text.ircv3.net, secret\r\n",
        "GET / HTTP/1.1\r\nReferer: http://x/?secret\r\n",
    ],
)
def test_of_a_head_only_what_is_known_to_be_open_is_shown(head: str) -> None:
    shown = str(read_head(head.removesuffix("\r\n").encode(), 0).seen(Way.SENT).details)
    assert "secret" not in shown
    assert MASKED in shown


def test_the_subprotocol_of_irc_is_shown() -> None:
    head = read_head(b"GET / HTTP/1.1\r\nSec-WebSocket-Protocol: text.ircv3.net", 0)
    assert ("Sec-WebSocket-Protocol", "text.ircv3.net") in head.seen(Way.SENT).details
