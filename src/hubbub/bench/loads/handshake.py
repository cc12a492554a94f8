"""Which protocol and cipher a server chooses."""

from __future__ import annotations

import socket

from hubbub.bench.loads.peers import client_context


def negotiated(port: int) -> str:
    """Return the version and the cipher suite that a TLS port of 127.0.0.1 agrees to."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
        client_context().wrap_socket(plain) as secure,
    ):
        cipher = secure.cipher()
        return f"{secure.version()} {cipher[0] if cipher else 'no cipher'}"
