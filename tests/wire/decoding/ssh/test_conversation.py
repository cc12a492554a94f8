"""A whole connection: what each packet is depends on those before it."""

from __future__ import annotations

import zlib
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from hubbub.wire.decoding.ssh.conversation import UNPACKED_BYTES, SSHConversation
from hubbub.wire.decoding.ssh.packets import SSHLine, SSHPacket, packet_of
from hubbub.wire.seen import MASKED, Fact, Seen, Way
from tests.wire.decoding.ssh.packing import (
    OFFER,
    content,
    enciphered,
    kexinit,
    login,
    number,
    request,
    string,
)

NEWKEYS = packet_of(2, content(b"\x15", 10))
SUCCESS = enciphered(b"\x34")


def clear(payload: bytes) -> SSHPacket:
    return packet_of(0, content(payload))


def negotiated() -> SSHConversation:
    """Return a conversation with new keys: compression at once one way, after login the other."""
    conversation = SSHConversation()
    server = replace(OFFER, lists=(*OFFER.lists[:7], ("zlib@openssh.com",)))
    for payload, way in ((kexinit(), Way.SENT), (kexinit(server), Way.RECEIVED)):
        conversation.packet(clear(payload), way)
    for way in (Way.SENT, Way.RECEIVED):
        conversation.packet(NEWKEYS, way)
    return conversation


def facts(seen: Seen) -> dict[str, Fact]:
    return dict(seen.details)


def test_behind_the_second_offer_stands_what_was_chosen() -> None:
    conversation = SSHConversation()
    assert len(conversation.packet(clear(kexinit()), Way.RECEIVED)) == 1
    offer, chosen = conversation.packet(clear(kexinit()), Way.SENT)
    assert (offer.name, chosen.name) == ("KEXINIT", "chosen")
    assert str(facts(chosen)["key exchange"]).startswith("curve25519-sha256: ")
    assert facts(offer)["host key"] == ("ssh-ed25519", "rsa-sha2-512")


def test_every_packet_says_its_lengths_and_its_protection() -> None:
    conversation = negotiated()
    [seen] = conversation.packet(replace(SUCCESS, payload=b"\x06" + string("x")), Way.RECEIVED)
    assert seen.size == 4 + SUCCESS.length + 16
    assert facts(seen)["packet"] == "length 6, padding 4, payload 6, type 6"
    assert facts(seen)["protection"] == "aes256-ctr, 16 bytes of MAC (hmac-sha2-256)"


def test_compression_is_undone_at_once_or_after_the_login() -> None:
    conversation = negotiated()
    packer = zlib.compressobj()
    packed = packer.compress(login("none")) + packer.flush(zlib.Z_SYNC_FLUSH)
    [sent] = conversation.packet(enciphered(packed), Way.SENT)
    assert (sent.name, facts(sent)["user"]) == ("USERAUTH_REQUEST", "ann")
    assert str(facts(sent)["compression"]).endswith(f"for {len(login('none'))}")
    [success] = conversation.packet(SUCCESS, Way.RECEIVED)
    assert success.name == "USERAUTH_SUCCESS"
    packer = zlib.compressobj()
    packed = packer.compress(b"\x02" + string("x")) + packer.flush(zlib.Z_SYNC_FLUSH)
    [received] = conversation.packet(enciphered(packed), Way.RECEIVED)
    assert received.name == "IGNORE"


def test_a_bomb_is_unpacked_up_to_a_bound() -> None:
    bomb = zlib.compress(b"\x02" + bytes(8 * UNPACKED_BYTES))
    [seen] = negotiated().packet(enciphered(bomb), Way.SENT)
    assert str(facts(seen)["compression"]).endswith(f"for {UNPACKED_BYTES}")


def test_what_60_means_depends_on_the_method() -> None:
    conversation = SSHConversation()
    conversation.packet(clear(login("keyboard-interactive", string(""), string(""))), Way.SENT)
    [seen] = conversation.packet(clear(b"\x3c"), Way.RECEIVED)
    assert seen.name == "USERAUTH_INFO_REQUEST"
    assert "cut short" in facts(seen)


def test_lines_before_the_packets_are_told() -> None:
    conversation = SSHConversation()
    version = conversation.line(SSHLine("SSH-2.0-x", True), Way.SENT)
    banner = conversation.line(SSHLine("hello", False), Way.RECEIVED)
    stray = conversation.line(SSHLine("PASS hunter2", False), Way.SENT)
    assert (version.name, banner.name) == ("version", "line before the version")
    assert facts(banner)["text"] == "hello"
    assert facts(stray)["text"] == MASKED


def test_what_a_terminal_shows_is_masked_for_it_repeats_what_is_typed() -> None:
    conversation, output = SSHConversation(), clear(b"\x5e" + number(0) + string("hunter2"))
    [before] = conversation.packet(output, Way.RECEIVED)
    assert facts(before)["text"] == "hunter2"
    conversation.packet(clear(request(0, "pty-req", string("xterm"))), Way.SENT)
    [after] = conversation.packet(output, Way.RECEIVED)
    assert (facts(after)["data"], facts(after)["text"]) == ("7 bytes", MASKED)


@given(st.lists(st.tuples(st.binary(max_size=120), st.booleans(), st.booleans()), max_size=12))
def test_any_packets_are_stood(packets: list[tuple[bytes, bool, bool]]) -> None:
    for conversation in (SSHConversation(), negotiated()):
        for data, encrypted, sent in packets:
            way = Way.SENT if sent else Way.RECEIVED
            conversation.packet(packet_of(0, data, 16, encrypted), way)
