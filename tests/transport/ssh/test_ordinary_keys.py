"""A key that somebody made up takes no more to check than one that people have."""

from __future__ import annotations

import asyncio
import base64
import os

import asyncssh
import pytest

from hubbub.transport.ssh.connection import SSHConnection
from hubbub.transport.ssh.signatures import is_ordinary, signer


def packed(*fields: bytes) -> bytes:
    return b"".join(len(field).to_bytes(4, "big") + field for field in fields)


def rsa(modulus_bits: int, exponent: int) -> bytes:
    modulus = int.from_bytes(os.urandom(modulus_bits // 8), "big") | 1 | 1 << modulus_bits - 1
    numbers = [
        number.to_bytes(number.bit_length() // 8 + 1, "big") for number in (exponent, modulus)
    ]
    return packed(b"ssh-rsa", *numbers)


HEAVY = {
    "an exponent as long as the modulus": rsa(3072, (1 << 3070) | 1),
    "an exponent of 64 bits": rsa(8192, (1 << 63) | 1),
    "a modulus of 16,000 bits": rsa(16000, 65537),
    "half a key": rsa(2048, 65537)[:100],
    "nothing": b"",
    "another kind, endless": packed(b"ssh-ed25519", bytes(4096)),
}


@pytest.mark.parametrize("name", HEAVY)
def test_no_signature_of_such_a_key_is_checked(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    key = HEAVY[name]

    def checked(*_: object) -> None:
        raise AssertionError("it was looked at")

    monkeypatch.setattr("hubbub.transport.ssh.signatures.decode_ssh_public_key", checked)
    monkeypatch.setattr(asyncssh.SSHServerConnection, "validate_public_key", checked)
    assert not is_ordinary(key)
    signature = packed(b"rsa-sha2-512", bytes(384))
    fields = packed(key, b"hubbub", b"", b"sha512", signature)
    made = base64.b64encode(b"SSHSIG" + (1).to_bytes(4, "big") + fields).decode()
    assert signer("text", "hubbub", made) in ("", None)
    at_the_door = SSHConnection.__new__(SSHConnection)
    for given in (b"", signature):
        assert not asyncio.run(at_the_door.validate_public_key("ann", key, b"", given))


@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp521", "ssh-rsa"])
def test_what_people_have_is_ordinary(kind: str) -> None:
    made = asyncssh.generate_private_key(kind)
    assert is_ordinary(made.convert_to_public().public_data)


@pytest.mark.parametrize("exponent", [3, 35, 65537])
def test_old_keys_and_large_ones_are_ordinary(exponent: int) -> None:
    assert is_ordinary(rsa(8192, exponent))
