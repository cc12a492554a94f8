"""Real handshakes, of OpenSSL with itself: the bytes of each way."""

from __future__ import annotations

import ssl
from functools import cache

from hubbub.wire.ends.tls import looking_context
from hubbub.wire.proxying.proxy import own_certificate


@cache
def handshake(version: ssl.TLSVersion) -> tuple[bytes, bytes]:
    """Return what a client and a server send each other until both are done."""
    server_context, _ = own_certificate(("localhost",))
    client_context = looking_context()
    client_context.maximum_version = version
    ways = [(ssl.MemoryBIO(), ssl.MemoryBIO()) for _ in range(2)]
    client = client_context.wrap_bio(*ways[0], server_hostname="localhost")
    server = server_context.wrap_bio(*ways[1], server_side=True)
    sent = [b"", b""]
    while not (_done(client) & _done(server)):
        for end, other in ((0, 1), (1, 0)):
            data = ways[end][1].read()
            sent[end] += data
            ways[other][0].write(data)
    return sent[0], sent[1]


def _done(end: ssl.SSLObject) -> bool:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True
