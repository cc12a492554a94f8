"""The driver counts what is in TLS records without decrypting them."""

import contextlib
import socket
import ssl
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.bench.contestants.certificate import make_certificate
from hubbub.bench.errors import PeerClosed
from hubbub.bench.loads.peers import PlainPeer, TlsPeer, client_context


class Far:
    """The server's end of a TLS connection, whose bytes the test hands over as it likes."""

    def __init__(self, context: ssl.SSLContext, sock: socket.socket) -> None:
        self.sock = sock
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)

    def shake_hands(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._incoming.write(self.sock.recv(65536))
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
        self.sock.send(self._outgoing.read())

    def encrypt(self, text: bytes) -> bytes:
        self._tls.write(text)
        return self._outgoing.read()

    def hear(self) -> bytes:
        self._incoming.write(self.sock.recv(65536))
        return self._tls.read()


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    paths = make_certificate(tmp_path_factory.mktemp("certificate"))
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(paths.certificate, paths.key)
    return made


@contextlib.contextmanager
def connected(context: ssl.SSLContext) -> Iterator[tuple[Far, TlsPeer]]:
    near, far = socket.socketpair()
    near.setblocking(False)
    far.setblocking(False)
    with near, far:
        server, peer = Far(context, far), TlsPeer(near, "ann", client_context())
        while not peer.shake_hands():
            server.shake_hands()
        server.shake_hands()
        # Tickets follow the handshake; they are read with a first text, as by a crowd.
        far.send(server.encrypt(b"welcome"))
        assert peer.read() == b"welcome"
        yield server, peer


@settings(deadline=None, max_examples=40)
@given(
    sizes=st.lists(st.integers(1, 40_000), min_size=1, max_size=6),
    cuts=st.lists(st.integers(1, 9_000), min_size=1, max_size=40),
)
def test_counts_plaintext_however_records_are_cut(
    context: ssl.SSLContext, sizes: list[int], cuts: list[int]
) -> None:
    with connected(context) as (server, peer):
        stream = b"".join(server.encrypt(b"x" * size) for size in sizes)
        position = 0
        while position < len(stream):
            cut = cuts[position % len(cuts)]
            server.sock.send(stream[position : position + cut])
            position += cut
            peer.count()
        assert peer.counted == sum(sizes)


def test_counts_when_headers_come_byte_by_byte(context: ssl.SSLContext) -> None:
    with connected(context) as (server, peer):
        for byte in server.encrypt(b"hello") + server.encrypt(b"world!"):
            server.sock.send(bytes([byte]))
            peer.count()
        assert peer.counted == len(b"helloworld!")


def test_reads_text_and_sends_it(context: ssl.SSLContext) -> None:
    with connected(context) as (server, peer):
        server.sock.send(server.encrypt(b":x 001 ann\r\n") + server.encrypt(b"PING\r\n"))
        assert peer.read() == b":x 001 ann\r\nPING\r\n"
        assert peer.read() == b""
        peer.send(b"NICK ann\r\n")
        assert server.hear() == b"NICK ann\r\n"


def test_a_closed_connection_is_told() -> None:
    near, far = socket.socketpair()
    near.setblocking(False)
    with near, far:
        peer = PlainPeer(near, "ann")
        far.send(b"12345")
        assert peer.count() == 5
        assert peer.count() == 0
        far.close()
        with pytest.raises(PeerClosed, match="ann: closed by the server"):
            peer.count()
