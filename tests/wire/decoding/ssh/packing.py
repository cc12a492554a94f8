"""SSH's packets and messages, made by hand (RFC 4253 6)."""

from __future__ import annotations

import struct

from hubbub.wire.decoding.ssh.negotiation import KexOffer
from hubbub.wire.decoding.ssh.packets import SSHPacket, packet_of

OFFER = KexOffer(
    (
        ("ext-info-c", "curve25519-sha256", "ecdh-sha2-nistp256"),
        ("ssh-ed25519", "rsa-sha2-512"),
        ("chacha20-poly1305@openssh.com", "aes256-ctr"),
        ("aes256-ctr",),
        ("hmac-sha2-256",),
        ("hmac-sha2-256",),
        ("zlib", "none"),
        ("none", "zlib@openssh.com"),
    )
)


def string(text: str | bytes) -> bytes:
    """Return a string behind its length."""
    data = text.encode() if isinstance(text, str) else text
    return struct.pack("!I", len(data)) + data


def number(value: int) -> bytes:
    """Return a number of four bytes."""
    return struct.pack("!I", value)


def kexinit(offer: KexOffer = OFFER) -> bytes:
    """Return the payload that makes an offer."""
    lists = b"".join(string(",".join(names)) for names in offer.lists)
    return bytes((20,)) + bytes(16) + lists + string("") * 2 + bytes(5)


def content(payload: bytes, padding: int = 4) -> bytes:
    """Return what stands in a packet behind its length."""
    return bytes((padding,)) + payload + bytes(padding)


def packet(payload: bytes, padding: int = 4) -> bytes:
    """Return a packet in the clear."""
    inside = content(payload, padding)
    return number(len(inside)) + inside


def enciphered(payload: bytes, sequence: int = 3) -> SSHPacket:
    """Return a packet as it is once it has been deciphered."""
    return packet_of(sequence, content(payload), 16, True)


def request(channel: int, kind: str, *rest: bytes) -> bytes:
    """Return a CHANNEL_REQUEST."""
    return bytes((98,)) + number(channel) + string(kind) + b"\1" + b"".join(rest)


def login(method: str, *rest: bytes) -> bytes:
    """Return a USERAUTH_REQUEST."""
    head = string("ann") + string("ssh-connection") + string(method)
    return bytes((50,)) + head + b"".join(rest)
