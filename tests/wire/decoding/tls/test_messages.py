"""The messages of a handshake are taken apart, of both versions; damaged ones are stood."""

from __future__ import annotations

import ssl

from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.decoding.tls.messages import (
    LONGEST,
    HandshakeMessages,
    describe_alert,
    describe_message,
)
from hubbub.wire.decoding.tls.records import TLSRecords
from hubbub.wire.seen import Seen, Way
from tests.wire.cuts import CHUNKS, damaged
from tests.wire.decoding.tls.handshakes import handshake

TLS12, TLS13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def messages_in(data: bytes) -> list[bytes]:
    """Return the messages in the clear: up to where the keys are new."""
    found, messages = [], HandshakeMessages()
    for record in TLSRecords().feed(data):
        if record.kind != 22:
            break
        found += messages.feed(record.body)
    return found


def described(version: ssl.TLSVersion) -> list[Seen]:
    client, server = handshake(version)
    return [
        describe_message(message, way, int(version))
        for data, way in ((client, Way.SENT), (server, Way.RECEIVED))
        for message in messages_in(data)
    ]


def test_the_hellos_say_what_is_offered_and_chosen() -> None:
    ours, theirs = described(TLS13)[:2]
    offer, answer = dict(ours.details), dict(theirs.details)
    assert (ours.name, theirs.name) == ("ClientHello", "ServerHello")
    ciphers, versions = offer["ciphers offered"], offer["supported_versions"]
    assert isinstance(ciphers, tuple)
    assert answer["cipher chosen"] in ciphers
    assert isinstance(versions, tuple)
    assert "TLS 1.3" in versions
    assert offer["server_name"] == ("localhost",)
    assert str(answer["key_share"]).split(",")[0] in str(offer["key_share"])
    assert answer["supported_versions"] == "TLS 1.3"


def test_before_1_3_all_of_it_is_in_the_clear() -> None:
    seen = described(TLS12)
    assert [one.name for one in seen] == [
        *("ClientHello", "ClientKeyExchange", "ServerHello", "Certificate"),
        *("ServerKeyExchange", "ServerHelloDone", "NewSessionTicket"),
    ]
    certificate, exchange = dict(seen[3].details), dict(seen[4].details)
    assert "self-signed" in str(certificate["issuer"])
    assert exchange["group"] == "x25519"


def test_tickets_are_not_shown() -> None:
    body = bytes(4) + b"\x00\x06secret"
    seen = describe_message(b"\x04" + len(body).to_bytes(3, "big") + body, Way.RECEIVED, 0x0303)
    assert (seen.name, "secret" in str(seen.details)) == ("NewSessionTicket", False)


def test_a_certificate_request_and_its_answer_are_told() -> None:
    request = bytes.fromhex("0d00000b0000080 00d00040002 0807".replace(" ", ""))
    assert "ed25519" in str(describe_message(request, Way.RECEIVED).details)
    assert ("certificates", "none") in describe_message(
        b"\x0b\0\0\x04" + bytes(4), Way.SENT
    ).details


def test_an_alert_says_why() -> None:
    assert ("says", "handshake_failure") in describe_alert(b"\x02\x28", Way.RECEIVED).details
    assert ("says", "encrypted") in describe_alert(bytes(24), Way.RECEIVED).details


def test_a_message_without_end_is_not_kept() -> None:
    messages = HandshakeMessages()
    messages.feed(b"\x01" + LONGEST.to_bytes(3, "big"))
    assert messages.feed(b"\x01\0\0\x02ab") == [b"\x01\0\0\x02ab"]


def test_of_a_chain_without_end_the_first_are_read() -> None:
    chain = (b"\0\0\1x" + bytes(2)) * 1000
    body = b"\0" + len(chain).to_bytes(3, "big") + chain
    seen = describe_message(b"\x0b" + len(body).to_bytes(3, "big") + body, Way.RECEIVED)
    assert seen.details[-1] == ("more certificates", "5940 bytes")


@given(st.integers(0, 5000), st.integers(0, 255), st.sampled_from([TLS12, TLS13]))
def test_damaged_messages_are_stood(place: int, value: int, version: ssl.TLSVersion) -> None:
    for data in handshake(version):
        for message in messages_in(data):
            describe_message(damaged(message, place, value), Way.RECEIVED, int(version))
            describe_message(message[: place % len(message)], Way.RECEIVED, int(version))


@given(st.binary(max_size=300), st.sampled_from([0x0303, 0x0304]))
def test_any_bytes_are_stood(data: bytes, version: int) -> None:
    for kind in (1, 2, 4, 8, 11, 12, 13, 15, 20, 99):
        describe_message(bytes((kind, 0, 0, 0)) + data, Way.SENT, version)
    describe_message(data, Way.SENT, version)


@given(CHUNKS)
def test_any_records_are_stood(chunks: list[bytes]) -> None:
    messages = HandshakeMessages()
    for chunk in chunks:
        messages.feed(chunk)
