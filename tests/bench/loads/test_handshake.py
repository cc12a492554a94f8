"""What a server agrees to is what it is told as."""

import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path

from hubbub.bench.contestants.certificate import make_certificate
from hubbub.bench.loads.handshake import negotiated


def test_version_and_cipher_are_those_of_the_server(tmp_path: Path) -> None:
    made = make_certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.certificate, made.key)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            accepted, _ = listening.accept()
            with suppress(OSError), context.wrap_socket(accepted, server_side=True) as secure:
                secure.recv(1)

        thread = threading.Thread(target=serve)
        thread.start()
        found = negotiated(listening.getsockname()[1])
        thread.join(10)
    assert found.startswith("TLSv1.3 TLS_")
