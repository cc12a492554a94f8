"""The handshake of TLS is shown message by message, with OpenSSL at the other end, or Hubbub."""

from __future__ import annotations

import socket
import ssl
import tempfile
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hubbub.server.self_signed import make_self_signed
from hubbub.wire.ends import tls
from hubbub.wire.ends.tls import TLSEnd, looking_context
from hubbub.wire.failures import AnotherProtocol, WireCode
from hubbub.wire.seen import Seen
from tests.e2e.server import Server
from tests.wire.conftest import OpenSSL
from tests.wire.cuts import CHUNKS, PLACES, cut, damaged
from tests.wire.looking import Shown, look, peer, until_closed

Capsys = pytest.CaptureFixture[str]


def names(shown: Shown) -> list[str]:
    """Return the messages of the handshake in order, with an arrow for the way."""
    arrows = {"sent": ">", "received": "<", "": "="}
    return [
        f"{arrows[thing['way']]}{thing['what']}"
        for thing in shown.things
        if thing["layer"] == "tls" and thing["what"] != "record"
    ]


def look_at(capsys: Capsys, server: OpenSSL, *options: str) -> Shown:
    process, port = server.start(*options)
    try:
        return look(capsys, f"ircs://localhost:{port}", seconds=1.0)
    finally:
        process.kill()
        process.communicate()


def test_hubbub_s_handshake_is_shown_whole(hubbub: Server, capsys: Capsys) -> None:
    shown = look(capsys, f"ircs://localhost:{hubbub.ports['tls']}")
    assert shown.code == WireCode.DONE
    assert names(shown)[:9] == [
        *(">ClientHello", "<ServerHello", "<EncryptedExtensions", "<CertificateRequest"),
        *("<Certificate", "<CertificateVerify", "<Finished", ">Certificate", ">Finished"),
    ]
    [fingerprint] = [
        thing["details"]["SHA-256"]
        for thing in shown.named("Certificate", "received")
        if "SHA-256" in thing["details"]
    ]
    assert fingerprint in hubbub.banner
    ready = shown.one("ready")["details"]
    assert ready["version"] == "TLSv1.3"
    chosen = shown.one("ServerHello")["details"]["cipher chosen"]
    assert ready["cipher"].startswith(chosen)
    assert chosen in shown.one("ClientHello")["details"]["ciphers offered"]
    records = [thing["bytes"] for thing in shown.named("record", "received")]
    assert sum(records) == sum(thing["bytes"] for thing in shown.named("bytes", "received"))


def test_openssl_with_1_2_shows_the_older_messages(s_server: OpenSSL, capsys: Capsys) -> None:
    shown = look_at(capsys, s_server, "-tls1_2")
    assert names(shown)[:8] == [
        *(">ClientHello", "<ServerHello", "<Certificate", "<ServerKeyExchange"),
        *("<ServerHelloDone", ">ClientKeyExchange", ">Finished", "<NewSessionTicket"),
    ]
    # It is no chat server, so nobody is let in.
    assert shown.code == WireCode.FELL_SILENT
    assert "did not let us in" in shown.error


def test_nothing_in_common_is_an_alert_and_a_sentence(s_server: OpenSSL, capsys: Capsys) -> None:
    shown = look_at(capsys, s_server, "-tls1_3", "-ciphersuites", "TLS_AES_128_CCM_8_SHA256")
    assert shown.code == WireCode.ANOTHER_PROTOCOL
    assert "the TLS handshake failed" in shown.error
    assert shown.one("alert", "received")["details"]["says"] == "handshake_failure"


def test_another_group_is_asked_for(s_server: OpenSSL, capsys: Capsys) -> None:
    shown = look_at(capsys, s_server, "-groups", "secp384r1")
    assert names(shown)[:4] == [
        *(">ClientHello", "<HelloRetryRequest", ">ClientHello", "<ServerHello"),
    ]


def test_without_the_hook_the_messages_in_the_clear_are_shown(
    s_server: OpenSSL, capsys: Capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tls, "HOOK", "_no_such_hook")
    shown = look_at(capsys, s_server, "-tls1_2")
    assert names(shown)[:7] == [
        *(">ClientHello", "<ServerHello", "<Certificate", "<ServerKeyExchange"),
        *("<ServerHelloDone", ">ClientKeyExchange", "<NewSessionTicket"),
    ]
    shown = look_at(capsys, s_server)
    assert names(shown) == [">ClientHello", "<ServerHello", "=ready"]


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (b":irc NOTICE * :hi\r\n", "try irc://"),
        (b"SSH-2.0-x\r\n", "try ssh://"),
        (b"\0\1", "begins"),
    ],
)
def test_what_is_no_tls_is_told(capsys: Capsys, first: bytes, said: str) -> None:
    def answer(connection: socket.socket) -> None:
        connection.sendall(first)
        until_closed(connection)

    with peer(answer) as port:
        shown = look(capsys, f"ircs://127.0.0.1:{port}", seconds=5.0)
    assert (shown.code, said in shown.error) == (WireCode.ANOTHER_PROTOCOL, True)


@cache
def certificate() -> tuple[bytes, bytes]:
    return make_self_signed(["localhost"], datetime.now(UTC))


def server_context() -> ssl.SSLContext:
    """Return a context of its own for each end, as the hook is the context's."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join(certificate()))
        file.flush()
        context.load_cert_chain(file.name)
    return context


def ends() -> tuple[TLSEnd, TLSEnd, list[Seen]]:
    told: list[Seen] = []
    client = TLSEnd(looking_context(), told.append, "localhost")
    return client, TLSEnd(server_context(), told.append), told


def shake_hands(client: TLSEnd, server: TLSEnd) -> None:
    to_server, to_client = client.start(), b""
    while to_server or to_client:
        to_client, _ = server.received(to_server)
        to_server, _ = client.received(to_client)


def test_both_ends_talk_and_say_goodbye() -> None:
    client, server, told = ends()
    shake_hands(client, server)
    assert server.received(client.sent(b"hello")) == (b"", b"hello")
    assert client.certificate
    assert (server.received(client.close())[1], server.ended) == (b"", True)
    assert [seen.way for seen in told if seen.name == "alert"] == ["sent", "sent"]


def test_a_changed_byte_is_noticed() -> None:
    client, server, _ = ends()
    shake_hands(client, server)
    data = bytearray(client.sent(b"hello"))
    data[-1] ^= 1
    with pytest.raises(AnotherProtocol):
        server.received(bytes(data))
    assert server.last_words


@settings(max_examples=30)
@given(st.integers(0, 2000), st.integers(0, 255), PLACES)
def test_a_damaged_handshake_fails_in_words_or_goes_on(
    place: int, value: int, places: list[int]
) -> None:
    client, server, _ = ends()
    answer, _ = server.received(client.start())
    with suppress(AnotherProtocol):
        for chunk in cut(damaged(answer, place, value), places):
            client.received(chunk)


@settings(max_examples=30)
@given(CHUNKS, st.booleans())
def test_any_bytes_fail_in_words_or_wait_for_more(chunks: list[bytes], as_client: bool) -> None:
    client, server, _ = ends()
    client.start()
    with suppress(AnotherProtocol):
        for chunk in [b"\x16\x03\x03", *chunks]:
            (client if as_client else server).received(chunk)


def test_the_hook_is_there() -> None:
    """It is private, so a version of Python may take it away: then this is to be looked at."""
    assert hasattr(ssl.SSLContext, tls.HOOK)
